// @ts-check
import { percent } from "../../pure/text.js";
import { FIELDS, applies, appliedOf, fieldOf, saidOf } from "./settings.js";

/**
 * Sentences about runs.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").LabConfig} LabConfig
 * @typedef {import("../state.js").LabDivergence} LabDivergence
 * @typedef {import("../state.js").Run} Run
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
  const config = { ...settings, ...change };
  const parts = Object.keys(change).flatMap((name) => {
    const field = fieldOf(name);
    if (!field || !applies(field, config.family)) return [];
    const [first, second] = [settings, config].map((config) => saidOf(field, config));
    return first === second ? [] : [{ name, words: `${field.thing} (${first} in the first, ${second} in the second)` }];
  });
  if (!parts.length) return "There is only one run: what is to be changed for a second one would make no difference.";
  const others = parts.some(({ name }) => name === "batch" || name === "digits") ? " They see other batches for that reason." : "";
  return `Both runs are alike but for ${listed(parts.map(({ words }) => words))}.${others}`;
}

const LETTERS = 40;

/** @param {string} word of an address @returns {string} so much of it as a sentence can hold */
export function quoted(word) {
  const letters = [...word];
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS).join("")}…` : word;
}

/** @param {string[]} parts */
export const listed = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);

/** @param {LabConfig} config @returns {string} all settings that the network has */
export const settingsSentence = (config) => `${FIELDS.filter((field) => applies(field, config.family)).map((field) => `${field.label}: ${saidOf(field, config)}`).join("; ")}.`;

/** The sets of pictures. @type {Record<import("../state.js").DataName, string>} */
export const DATA = { mnist: "MNIST", fashion: "Fashion-MNIST" };

const WHAT = {
  parameters: "the weights hold",
  output: "the output holds",
  gradient: "the gradient holds",
};

/** @param {LabDivergence} divergence */
export const divergedSentence = ({ step, layer, what }) => `It stopped at step ${step}: in layer “${layer}”, ${WHAT[what]} a value that is no longer finite.`;

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

/**
 * The ratio of the first layer's gradient norm to the last one's, in a few words.
 * @param {number} logarithm decimal
 */
export function ratioWords(logarithm) {
  if (Number.isNaN(logarithm)) return "";
  if (logarithm === -Infinity) return "In most of the recent steps, no gradient at all reached the first layer.";
  if (!Number.isFinite(logarithm)) return "";
  if (Math.abs(logarithm) < 0.5) return "The gradients of the first and the last layer are about as large.";
  const size = short(Number((10 ** Math.abs(logarithm)).toPrecision(1)));
  return logarithm < 0 ? `The first layer's gradient is ${size} times smaller than the last one's.` : `The first layer's gradient is ${size} times larger than the last one's.`;
}

/**
 * How far a run is.
 * @param {Run} run
 * @param {{ steps: number, accuracy: number, loss: number, ratio: number }} recent means of the recent steps, how many these are, and the logarithm of the first layer's gradient norm to the last one's
 */
export function runSentence({ config, record, diverged, tests }, { steps, accuracy, loss, ratio }) {
  if (diverged) return divergedSentence(diverged);
  if (!record.steps) return "It has taken no step yet.";
  const tested = tests.at(-1);
  const test = tested ? `, and ${percent(tested.accuracy, 0)} of the test pictures` : "";
  const batches = steps > 1 ? `the last ${steps} batches` : "the last batch";
  const what = `${steps > 1 ? "mean loss" : "loss"}${appliedOf(config).auxiliary ? " with the auxiliary classifiers'" : ""}`;
  return `Step ${record.steps}: the ${what} is ${short(loss)}, ${percent(accuracy, 0)} of the pictures in ${batches} are read right${test}. ${ratioWords(ratio)}`.trim();
}

/** The name of one run of two. @param {number} index */
export const runName = (index) => (index ? "Second run" : "First run");

/**
 * @param {Pick<Run, "diverged">[]} runs
 * @param {number} index
 * @returns {string} which run something is of, within a sentence; empty where there is one
 */
export function ofRun(runs, index) {
  if (runs.length < 2) return "";
  const { diverged } = runs[index];
  return ` of the ${runName(index).toLowerCase()}${diverged ? `, which stopped at step ${diverged.step},` : ""}`;
}

/**
 * @param {string[]} sentences one for each run
 * @returns {string} for a screen reader
 */
export const spoken = (sentences) => (sentences.length < 2 ? sentences.join("") : sentences.map((sentence, i) => `${runName(i)}. ${sentence}`).join(" "));
