// @ts-check
import { valuesOn } from "./cells.js";
import { inSentence } from "./words.js";

/**
 * How far two maps of one picture and class agree.
 *
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 */

/**
 * Ranks from 1 on; equal values share the mean of their ranks.
 * @param {number[]} values
 */
function ranksOf(values) {
  const order = values.map((_, i) => i).sort((one, other) => values[one] - values[other]);
  /** @type {number[]} */
  const ranks = Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Spearman's rank correlation: that of Pearson, between the ranks.
 * @param {number[]} one
 * @param {number[]} other
 * @returns {number | null} -1 to 1; null where all values of one side are equal
 */
export function rankCorrelation(one, other) {
  const mean = (one.length + 1) / 2;
  const [first, second] = [ranksOf(one), ranksOf(other)].map((ranks) => ranks.map((rank) => rank - mean));
  const product = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const spread = Math.sqrt(product(first, first) * product(second, second));
  return spread ? product(first, second) / spread : null;
}

/**
 * The rank correlation of two maps, over the cells of the coarser one.
 * @param {AttentionMap} one
 * @param {AttentionMap} other
 * @returns {{ correlation: number | null, cells: number }}
 */
export function agreementOf(one, other) {
  const grid = one.width * one.height <= other.width * other.height ? one : other;
  return { correlation: rankCorrelation(valuesOn(one, grid), valuesOn(other, grid)), cells: grid.width * grid.height };
}

const STRONG = 0.6;
const WEAK = 0.3;

/**
 * @param {AttentionMap} own
 * @param {AttentionMap} occlusion
 * @returns {string} a sentence
 */
export function agreementText(own, occlusion) {
  const { correlation, cells } = agreementOf(own, occlusion);
  if (correlation === null) return "The two maps cannot be compared: one of them is the same everywhere.";
  const names = `The occlusion map and the ${inSentence(own.method)}`;
  const figure = `Spearman's rank correlation over ${cells} cells is ${correlation.toFixed(2).replace("-", "−")}`;
  if (correlation >= STRONG) return `${names} largely agree: ${figure}.`;
  if (correlation >= WEAK) return `${names} agree in part: ${figure}.`;
  return `${names} do not agree: ${figure}. The deletion curve tells which of the two finds what the network needs.`;
}
