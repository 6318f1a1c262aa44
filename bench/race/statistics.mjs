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
