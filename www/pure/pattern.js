// @ts-check

/**
 * A picture of which every pixel is known, by which it is seen whether a browser hands out the pixels that were drawn. Browsers that
 * protect from fingerprinting hand out others: noise, white, or a few that differ by one.
 */

/** Pixels a side. */
export const PATTERN_SIDE = 16;

/**
 * Levels of 255, as the root of the mean square. JPEG at its usual quality changes pixels as much, and networks are trained with such
 * pictures: what some browsers change by one here and there is a tenth of it. Noise or white instead of the pattern is about a hundred.
 */
const HARMLESS = 4;

/**
 * All colours differ, because some browsers leave even areas as they are. The first row is translucent.
 * @param {number} i the pixel's number, row by row
 * @returns {[number, number, number, number]} red, green, blue and opacity, up to 255
 */
export const patternPixel = (i) => [(i * 37) % 256, (i * 101 + 50) % 256, (i * 197 + 100) % 256, i < PATTERN_SIDE ? 128 : 255];

/**
 * @param {Uint8ClampedArray} data RGBA, as it was read
 * @returns {boolean} it is the pattern, or so near to it that no answer depends on the difference
 */
export function isPattern(data) {
  let squares = 0;
  for (let i = 0; i < PATTERN_SIDE ** 2; i++) {
    patternPixel(i).forEach((value, channel) => {
      squares += (data[4 * i + channel] - value) ** 2;
    });
  }
  return Math.sqrt(squares / (4 * PATTERN_SIDE ** 2)) <= HARMLESS; // false where pixels are missing
}
