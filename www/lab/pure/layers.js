// @ts-check

/**
 * The layers of a run in the order in which they are shown: those on the way from the input to the output, then those of
 * auxiliary classifiers.
 *
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("./scales.js").RunRecord} RunRecord
 * @typedef {{ names: string[], order: number[], main: number }} Shown order: the numbers of the layers in a report; main: how many are on the way to the output
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

const RECENT = 20; // steps

/**
 * The mean of each layer's gradient norms over the recent steps.
 * @param {RunRecord} record
 * @returns {number[]} logarithms, in the order of the reports
 */
export function recentNorms({ columns, layers, norms, stride }) {
  const from = Math.max(0, columns - Math.max(1, Math.round(RECENT / stride)));
  return Array.from({ length: layers }, (_, layer) => {
    const values = [];
    for (let i = from; i < columns; i++) if (Number.isFinite(norms[i * layers + layer])) values.push(norms[i * layers + layer]);
    return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : columns ? norms[(columns - 1) * layers + layer] : NaN;
  });
}

/**
 * Means of the recent steps.
 * @param {Pick<Run, "record" | "layers">} run
 * @returns {{ loss: number, accuracy: number, ratio: number }} ratio: the logarithm of the first layer's gradient norm to the last one's
 */
export function recentMeans({ record, layers }) {
  const { columns, loss, accuracy, stride } = record;
  const from = Math.max(0, columns - Math.max(1, Math.round(RECENT / stride)));
  const mean = (/** @type {Float32Array} */ values) => values.subarray(from, columns).reduce((sum, value) => sum + value, 0) / (columns - from);
  const norms = recentNorms(record);
  const { order, main } = shownLayers(layers);
  return { loss: mean(loss), accuracy: mean(accuracy), ratio: norms[order[0]] - norms[order[main - 1]] };
}
