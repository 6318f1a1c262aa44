// @ts-check
import { milliseconds, plural } from "../../../pure/text.js";

/**
 * Where times come from, or why there are none.
 *
 * @typedef {import("../../state.js").Profile} Profile
 */

/** Milliseconds that a measurement may take, about. */
export const SPAN = 2000;
const MOST_RUNS = 100;
/** One run of a slow network would be chance. */
const FEWEST_RUNS = 3;

/**
 * @param {number} first milliseconds that a measurement of one run took
 * @returns {number} how many runs fill the rest of SPAN, but some in any case
 */
export const runsWanted = (first) => Math.min(MOST_RUNS, Math.max(FEWEST_RUNS, Math.round(SPAN / Math.max(first, 1)) - 1));

const HOW = {
  cpu: "A clock was read after each layer of whole runs, and the mean of the quicker half counts.",
  webgpu: "Each layer was repeated by itself, and the median counts.",
};

/**
 * @param {Profile} profile
 * @param {number} total milliseconds of all layers
 * @param {number | null} inference milliseconds of the last whole prediction at the same place
 */
export function measuredText({ place, kind, runs, date }, total, inference) {
  const when = new Date(date).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const whole = inference === null ? "" : `; the last whole prediction took ${milliseconds(inference)}`;
  return `Measured ${runs === 1 ? "once" : plural(runs, "time")} at ${when}. ${place}. ${HOW[kind]} All layers together take ${milliseconds(total)}${whole}.`;
}

/** What is said in place of the times where burn computes. */
export const NOT_WITH_BURN = "burn runs the layers as one computation, so that they cannot be timed one by one. Choose ConvScope under “Computed by” to measure them.";
