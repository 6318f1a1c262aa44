// @ts-check

import { median, quantile as quantileOf, sorted } from "../../www/compare/pure/statistics.js";

export { median };

/**
 * With linear interpolation between neighbours.
 * @param {number[]} values at least one, in any order
 * @param {number} share 0 for the least, 1 for the greatest
 */
export const quantile = (values, share) => quantileOf(sorted(values), share);

/**
 * Of the angle between two lists of numbers: 1 where they differ by a factor only.
 * @param {number[]} expected
 * @param {number[]} found
 * @returns {number} none where lengths differ or one has no direction
 */
export function cosine(expected, found) {
  if (expected.length !== found.length) return NaN;
  const product = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
  return product(expected, found) / Math.sqrt(product(expected, expected) * product(found, found));
}

/**
 * Greatest difference, relative to the greatest magnitude of `expected`.
 * @param {number[]} expected
 * @param {number[]} found
 * @returns {number} infinite where lengths differ or a number is none
 */
export function relativeDifference(expected, found) {
  if (expected.length !== found.length) return Infinity;
  let [greatest, worst] = [0, 0];
  for (let index = 0; index < expected.length; index += 1) {
    const difference = Math.abs(expected[index] - found[index]);
    if (Number.isNaN(difference)) return Infinity;
    greatest = Math.max(greatest, Math.abs(expected[index]));
    worst = Math.max(worst, difference);
  }
  return worst / greatest;
}
