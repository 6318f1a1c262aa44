// @ts-check

/**
 * The colours of the heat map: viridis, which grows evenly in brightness, also for the colour-blind, and can be told from
 * light and from dark grounds.
 *
 * @typedef {[number, number, number]} Colour
 */

/** @type {Colour[]} */
const STOPS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];

/** Of a gradient that is exactly zero. @type {Colour} */
export const ZERO = [128, 128, 128];

/**
 * @param {number} share 0 to 1
 * @returns {Colour}
 */
export function colourOf(share) {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const index = Math.min(Math.floor(at), STOPS.length - 2);
  const [from, to] = [STOPS[index], STOPS[index + 1]];
  return /** @type {Colour} */ (from.map((value, i) => Math.round(value + (to[i] - value) * (at - index))));
}

const PALETTE = Array.from({ length: 256 }, (_, i) => colourOf(i / 255));

/**
 * @param {number} norm the logarithm of a gradient norm
 * @param {{ low: number, high: number }} span
 */
export const colourOfNorm = (norm, { low, high }) => (norm === -Infinity ? ZERO : PALETTE[Math.round(Math.min(Math.max((norm - low) / (high - low), 0), 1) * 255)]);

/**
 * The pixels of a heat map: one for each column and layer.
 * @param {{ columns: number, values: Float32Array }} picture
 * @param {number[]} order of the layers, from the top
 * @param {{ low: number, high: number }} span
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function pixelsOf({ columns, values }, order, span) {
  const pixels = new Uint8ClampedArray(columns * order.length * 4);
  for (const [row, layer] of order.entries()) {
    for (let column = 0; column < columns; column++) {
      const norm = values[column * order.length + layer];
      if (Number.isNaN(norm)) continue;
      const at = (row * columns + column) * 4;
      pixels.set(colourOfNorm(norm, span), at);
      pixels[at + 3] = 255;
    }
  }
  return pixels;
}
