// @ts-check

/**
 * What a network typically takes, from several runs.
 *
 * @typedef {import("../../pkg/convscope.js").Timing} Timing
 */

/** So many runs of one picture, after the warm-up, are taken for its typical time; of a live source, so many pictures. */
export const RUNS = 5;

/**
 * The run whose inference took the median time. It is a real run, so that its parts add up to its total.
 * @param {Timing[]} runs at least one; of an even number the slower one of the two in the middle
 * @returns {Timing}
 */
export function medianRun(runs) {
  return [...runs].sort((a, b) => a.inference - b.inference)[Math.floor(runs.length / 2)];
}

/**
 * What the times that are shown are, as text.
 * @param {number} runs of which the median is shown; 0: the network's first run
 * @param {boolean} isChanging each run was of another picture
 */
export function runsText(runs, isChanging) {
  if (!runs) return "Of the first run, which includes the warm-up";
  const what = isChanging ? "picture" : "run";
  return runs === 1 ? `Of one ${what}` : `Median of ${isChanging ? "the last " : ""}${runs} ${what}s`;
}
