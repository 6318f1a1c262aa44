// @ts-check
import { fieldOf, said } from "./settings.js";

/**
 * Sentences about runs.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").LabConfig} LabConfig
 * @typedef {import("../state.js").LabDivergence} LabDivergence
 * @typedef {import("../state.js").Run} Run
 * @typedef {{ above: number, below: number, from: number, to: number, most: number }} Left steps that a scale leaves out: how many lie above and below it, from which to which, and the greatest value
 */

/**
 * Why nothing can be trained now.
 * @param {Pick<import("../../compare/state.js").Compare, "run" | "evaluation">} compare
 * @returns {string | null}
 */
export function refusalOf({ run, evaluation }) {
  if (run) return "A benchmark is being measured, and training would spoil its times. Wait until it has ended, or cancel it, then start again.";
  if (evaluation?.running) return "A folder of pictures is being looked through. Wait until that has ended, or cancel it, then start again.";
  return null;
}

/**
 * @param {LabConfig} settings
 * @param {Partial<LabConfig>} change
 * @returns {string} what tells the two runs apart
 */
export function changeSentence(settings, change) {
  const parts = Object.entries(change).flatMap(([name, value]) => {
    const field = fieldOf(name);
    return field ? [`${field.thing} (${said(field, settings[field.name])} in the first, ${said(field, value)} in the second)`] : [];
  });
  if (!parts.length) return "Both runs are alike in everything.";
  return `Both runs are alike but for ${listed(parts)}.`;
}

/** @param {string[]} parts */
const listed = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);

const WHAT = {
  parameters: "the weights hold",
  output: "the output holds",
  gradient: "the gradient holds",
};

/** @param {LabDivergence} divergence */
export const divergedSentence = ({ step, layer, what }) => `It stopped at step ${step}: in layer “${layer}”, ${WHAT[what]} a value that is not a finite number any more.`;

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} exponent a whole number */
export const powerOfTen = (exponent) => `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;

/** @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e4 || size < 1e-3) {
    const exponent = Math.floor(Math.log10(size));
    const mantissa = (value / 10 ** exponent).toFixed(0);
    return mantissa === "1" ? powerOfTen(exponent) : mantissa === "10" ? powerOfTen(exponent + 1) : `${mantissa}·${powerOfTen(exponent)}`;
  }
  return String(Number(value.toPrecision(3)));
}

/** @param {number} share 0 to 1 */
export const wholePercent = (share) => `${Math.round(share * 100)}\u00a0%`;

/**
 * The ratio of the first layer's gradient norm to the last one's, in a few words.
 * @param {number} logarithm decimal
 */
export function ratioWords(logarithm) {
  if (Number.isNaN(logarithm)) return "";
  if (logarithm === -Infinity) return "No gradient at all reaches the first layer.";
  if (!Number.isFinite(logarithm)) return "";
  if (Math.abs(logarithm) < 0.5) return "The gradients of the first and the last layer are about as large.";
  const size = short(Number((10 ** Math.abs(logarithm)).toPrecision(1)));
  return logarithm < 0 ? `The first layer's gradient is ${size} times smaller than the last one's.` : `The first layer's gradient is ${size} times larger than the last one's.`;
}

/**
 * How far a run is.
 * @param {Run} run
 * @param {{ accuracy: number, loss: number, ratio: number }} recent means of the recent steps, and the logarithm of the first layer's gradient norm to the last one's
 */
export function runSentence({ record, diverged, tests }, { accuracy, loss, ratio }) {
  if (diverged) return divergedSentence(diverged);
  if (!record.steps) return "It has taken no step yet.";
  const tested = tests.at(-1);
  const test = tested ? `, and ${wholePercent(tested.accuracy)} of the test pictures` : "";
  return `Step ${record.steps}: the loss is ${short(loss)}, ${wholePercent(accuracy)} of the recent batches are right${test}. ${ratioWords(ratio)}`.trim();
}

/**
 * @param {string[]} sentences one for each run
 * @returns {string} for a screen reader
 */
export const spoken = (sentences) => (sentences.length < 2 ? sentences.join("") : `First run. ${sentences[0]} Second run. ${sentences[1]}`);

/**
 * Which gradients have the colours at the ends of the heat map's scale.
 * @param {{ below: boolean, above: boolean }} beyond
 * @param {{ low: number, high: number }} span
 */
export function beyondSentence({ below, above }, { low, high }) {
  const parts = [...(below ? [`norms below ${powerOfTen(low)} have the colour of ${powerOfTen(low)}`] : []), ...(above ? [`norms above ${powerOfTen(high)} have the colour of ${powerOfTen(high)}`] : [])];
  return parts.length ? `The colours follow the recent steps: ${parts.join(", and ")}.` : "";
}

/**
 * What a scale leaves out.
 * @param {Left | null} left
 */
export function leftOutSentence(left) {
  if (!left) return "";
  const where = left.above && left.below ? "above or below" : left.above ? "above" : "below";
  const extreme = left.above ? `, up to ${short(left.most)}` : "";
  const which = left.from === left.to ? `Step ${left.from} lies` : `Some of the steps ${left.from} to ${left.to} lie`;
  return `${which} ${where} the scale, which follows the recent steps${extreme}.`;
}
