// @ts-check

const EVERY = 500; // milliseconds

/**
 * Lets the first of many calls through, and then two a second at most.
 * @template {unknown[]} Values
 * @param {(...values: Values) => void} tell
 * @returns {(...values: Values) => void}
 */
export function often(tell) {
  let told = -Infinity;
  return (...values) => {
    if (performance.now() - told < EVERY) return;
    told = performance.now();
    tell(...values);
  };
}
