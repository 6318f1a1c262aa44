// @ts-check
import { milliseconds } from "../../../pure/text.js";

/**
 * What the diagram is coloured by.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../../state.js").Profile} Profile
 * @typedef {"kind" | "parameters" | "memory" | "time"} Measure
 * @typedef {Map<string, { milliseconds: number, computedBy: string | null }>} Times by layer; empty where they were not measured
 */

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** @param {number} count */
export const count = (count) => compact.format(count);

/** @param {number} size */
export function bytes(size) {
  if (size < 1e3) return `${size}\u00a0B`;
  return size < 1e6 ? `${Number((size / 1e3).toPrecision(3))}\u00a0kB` : `${Number((size / 1e6).toPrecision(3))}\u00a0MB`;
}

/**
 * @param {Profile | undefined} profile
 * @returns {Times}
 */
export function timesOf(profile) {
  return new Map(profile?.layers.map(({ name, milliseconds, computedBy }) => [name, { milliseconds, computedBy }]));
}

/** @type {Record<Exclude<Measure, "kind">, { of: (layer: Layer, times: Times) => number, text: (value: number) => string }>} */
export const MEASURES = {
  parameters: { of: ({ parameters }) => parameters, text: count },
  memory: { of: ({ activationBytes }) => activationBytes, text: bytes },
  time: { of: ({ name }, times) => times.get(name)?.milliseconds ?? 0, text: milliseconds },
};

/**
 * @param {Layer[]} layers
 * @param {Exclude<Measure, "kind">} measure
 * @param {Times} times
 */
export function sumOf(layers, measure, times) {
  return layers.reduce((sum, layer) => sum + MEASURES[measure].of(layer, times), 0);
}

/**
 * How strongly a value is coloured: by its root, so that small values can be told apart beside large ones.
 * @param {number} value
 * @param {number} most
 * @returns {number} 0 to 1
 */
export function strengthOf(value, most) {
  return most > 0 ? Math.sqrt(value / most) : 0;
}
