// @ts-check

/**
 * With linear interpolation between neighbours.
 * @param {number[]} values at least one
 * @param {number} share 0 for the least, 1 for the greatest
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (above - sorted[below]) * (place - below);
}

/** @param {number[]} values at least one */
export const median = (values) => quantile(values, 0.5);

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
