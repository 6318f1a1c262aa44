// @ts-check

/**
 * Why nothing can be measured while the gradient lab computes.
 *
 * @param {Pick<import("../../lab/state.js").Lab, "busy" | "phase">} lab
 * @param {string} what is to be started, "the benchmark"
 * @param {string} effect of training on it, "spoil the times"
 * @returns {string | null}
 */
export function labRefusal({ busy, phase }, what, effect) {
  if (!busy) return null;
  if (phase === "training") return `A network is being trained in the gradient lab, which would ${effect}. Pause it there, then start ${what} again.`;
  return `The gradient lab is still at its last step, which would ${effect}. Start ${what} again in a moment.`;
}
