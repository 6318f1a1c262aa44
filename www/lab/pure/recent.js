// @ts-check

/**
 * Which steps are recent: the means of what is now are over the last few, and scales follow the later half.
 *
 * @typedef {import("../state.js").Run} Run
 * @typedef {Pick<Run, "record" | "diverged">} Going what tells how far a run is, and whether it goes on
 */

/** Steps of a mean of what is now, and the fewest that a scale follows. */
export const RECENT = 20;

const SHARE = 0.5; // of the steps are followed by scales

/**
 * The steps that the runs have in common: a run that has stopped does not hold up the others.
 * @param {Going[]} runs
 */
function commonSteps(runs) {
  const going = runs.filter(({ diverged }) => !diverged).map(({ record }) => record.steps);
  return going.length ? Math.min(...going) : Math.max(0, ...runs.map(({ record }) => record.steps));
}

/**
 * @param {Going[]} runs
 * @returns {number} the step after which the recent steps begin, which scales follow; it is the same for all runs
 */
export function scaleFrom(runs) {
  const steps = commonSteps(runs);
  return Math.max(0, Math.min(Math.floor(steps * SHARE), steps - RECENT));
}

/**
 * The runs that scales follow: not one that stopped before the recent steps.
 * @template {Going} R
 * @param {R[]} runs
 * @returns {R[]}
 */
export function followed(runs) {
  const from = scaleFrom(runs);
  return runs.filter(({ record, diverged }) => !diverged || record.steps > from);
}
