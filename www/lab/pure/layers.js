// @ts-check
import { configsOf } from "./configs.js";

/**
 * The layers of a run in the order in which they are shown: those on the way from the input to the output, then those of
 * auxiliary classifiers. And what is now: means over the last steps.
 *
 * @typedef {import("../state.js").Run} Run
 * @typedef {Pick<import("../state.js").Lab, "runs" | "settings" | "change">} Charted
 * @typedef {Pick<Run, "diverged"> & { record: Pick<import("../record.js").RunRecord, "latest" | "layers"> }} Recorded
 * @typedef {{ names: string[], order: number[], main: number }} Shown order: the numbers of the layers in a report; main: how many are on the way to the output
 * @typedef {{ logarithm: number, zeros: number }} Norm the decimal logarithm of a geometric mean, -Infinity where most of the norms are zero and NaN where there are none; and how many of them are exactly zero
 */

const HEAD = /^head\d/;

/**
 * @param {string[]} layers
 * @returns {Shown}
 */
export function shownLayers(layers) {
  const all = layers.map((_, i) => i);
  const main = all.filter((i) => !HEAD.test(layers[i]));
  const order = [...main, ...all.filter((i) => HEAD.test(layers[i]))];
  return { names: order.map((i) => layers[i]), order, main: main.length };
}

/** Of LeNet-5: C1, C3, C5, F6 and the outputs. */
const LENET5 = 5;

/**
 * How many layers with weights a network of these settings has, with those of auxiliary classifiers.
 * @param {import("../state.js").LabConfig} config
 */
function layersOf({ family, depth, auxiliary }) {
  if (family === "lenet5") return LENET5;
  return depth + 1 + (auxiliary ? Math.min(2, depth - 1) : 0); // the output's, and heads at one third and at two thirds
}

/**
 * How many layers an axis has: those of the deepest run or, before there is one, of the settings.
 * @param {Charted} lab
 */
export function mostLayers({ runs, settings, change }) {
  if (runs.length) return Math.max(...runs.map(({ layers }) => layers.length));
  return settings ? Math.max(...configsOf(settings, change).map(layersOf)) : 2;
}

/**
 * The steps that tell how a run is now. Of one that has stopped it is the last one, since its numbers grew by orders of magnitude.
 * @param {Recorded} run
 */
export const latestOf = ({ record: { latest }, diverged }) => (diverged ? latest.slice(-1) : latest);

/**
 * The geometric mean of each layer's gradient norms over the last steps, without those that are zero.
 * @param {Recorded} run
 * @returns {Norm[]} in the order of the reports
 */
export function recentNorms(run) {
  const latest = latestOf(run);
  return Array.from({ length: run.record.layers }, (_, layer) => normOf(latest.map(({ gradients }) => gradients[layer])));
}

/**
 * @param {number[]} norms of one layer
 * @returns {Norm}
 */
function normOf(norms) {
  const zeros = norms.filter((norm) => norm === 0).length;
  const finite = norms.filter((norm) => norm > 0 && Number.isFinite(norm));
  return { logarithm: 2 * zeros > norms.length ? -Infinity : mean(finite.map(Math.log10)), zeros };
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Means of the last steps.
 * @param {Pick<Run, "layers"> & Recorded} run
 * @returns {{ steps: number, loss: number, accuracy: number, ratio: number }} steps: how many; ratio: the logarithm of the first layer's gradient norm to the last one's, -Infinity where most of the first layer's are zero
 */
export function recentMeans(run) {
  const latest = latestOf(run);
  const { order, main } = shownLayers(run.layers);
  const norms = recentNorms(run);
  const [first, last] = [norms[order[0]].logarithm, norms[order[main - 1]].logarithm];
  return { steps: latest.length, loss: mean(latest.map(({ loss }) => loss)), accuracy: mean(latest.map(({ accuracy }) => accuracy)), ratio: first === -Infinity ? first : first - last };
}
