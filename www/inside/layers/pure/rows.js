// @ts-check

/**
 * The rows of the table of layers, and what they add up to.
 *
 * @typedef {import("../../state.js").Layer} Layer
 * @typedef {import("../../state.js").Profile} Profile
 *
 * @typedef {object} Row
 * @property {Layer} layer
 * @property {number} number its place in the network, from 1 on
 * @property {number | null} milliseconds null where it was not measured, or another layer's kernel computes it
 * @property {string | null} computedBy that other layer
 * @property {number | null} gmacPerSecond 10⁹ multiply–accumulates a second; null for a layer without any
 *
 * @typedef {object} Totals
 * @property {number} count of layers
 * @property {number} parameters
 * @property {number} macs
 * @property {number} activationBytes
 * @property {number | null} milliseconds null where nothing was measured
 * @property {number | null} gmacPerSecond
 */

/**
 * @param {Layer[]} layers
 * @param {Profile | null} profile
 * @returns {Row[]} in the order in which they run
 */
export function rowsOf(layers, profile) {
  const times = new Map(profile?.layers.map((layer) => [layer.name, layer]));
  return layers.map((layer, index) => {
    const { milliseconds = null, computedBy = null } = times.get(layer.name) ?? {};
    const own = computedBy === null ? milliseconds : null;
    return { layer, number: index + 1, milliseconds: own, computedBy, gmacPerSecond: rateOf(layer.macs, own) };
  });
}

/**
 * @param {number} macs
 * @param {number | null} milliseconds
 */
const rateOf = (macs, milliseconds) => (macs && milliseconds ? macs / milliseconds / 1e6 : null);

/**
 * @param {Row[]} rows
 * @returns {Totals}
 */
export function totalsOf(rows) {
  const sum = (/** @type {(row: Row) => number} */ value) => rows.reduce((total, row) => total + value(row), 0);
  const macs = sum(({ layer }) => layer.macs);
  const milliseconds = rows.some((row) => row.milliseconds !== null) ? sum((row) => row.milliseconds ?? 0) : null;
  return {
    count: rows.length,
    parameters: sum(({ layer }) => layer.parameters),
    macs,
    activationBytes: sum(({ layer }) => layer.activationBytes),
    milliseconds,
    gmacPerSecond: rateOf(macs, milliseconds),
  };
}

/** The rows of which a network's totals are made. @param {Row[]} rows */
export const mainOf = (rows) => rows.filter(({ layer }) => !layer.auxiliary);

/** @param {Row[]} rows */
export const auxiliaryOf = (rows) => rows.filter(({ layer }) => layer.auxiliary);

/**
 * @param {Row[]} rows
 * @param {string} text words, each of which must occur in the layer's name, its kind, its activation function or its block
 */
export function filtered(rows, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ layer: { name, kind, activationFunction, block } }) => {
    const about = `${name} ${kind} ${activationFunction} ${block}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
}
