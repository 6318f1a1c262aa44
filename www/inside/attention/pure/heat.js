// @ts-check
import { cellsAround, extremesOf, valueBetween } from "./cells.js";

/**
 * Attention maps and inputs as pixels.
 *
 * @typedef {import("../../../../pkg/convscope.js").Activation} Activation
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 */

/** From what hardly counts to what counts most: what speaks for the class, and what speaks against it. */
const WARM = [[214, 40, 16], [255, 150, 20], [255, 236, 130]];
const COOL = [[24, 84, 214], [40, 160, 250], [150, 230, 255]];

/**
 * The colour of a value: the hue tells for or against, and the more it counts, the more opaque it is.
 * @param {number} share of the value that counts most, -1 to 1
 * @returns {[number, number, number, number]} red, green and blue up to 255, and the opacity up to 1
 */
export function colourOf(share) {
  const ramp = share < 0 ? COOL : WARM;
  const size = Math.abs(share);
  const at = size * (ramp.length - 1);
  const low = Math.min(Math.floor(at), ramp.length - 2);
  const [red, green, blue] = ramp[low].map((value, i) => value + (ramp[low + 1][i] - value) * (at - low));
  return [red, green, blue, size ** 0.7]; // in proportion, the weak half would hardly be seen
}

const SHADES = 255;

/** The colours from what speaks most against to what speaks most for, as bytes: looking them up is quicker than mixing them. */
function palette() {
  const colours = Array.from({ length: 2 * SHADES + 1 }, (_, i) => colourOf((i - SHADES) / SHADES));
  return Uint8ClampedArray.from(colours.flatMap(([red, green, blue, opacity]) => [red, green, blue, 255 * opacity]));
}

/**
 * A map over the whole input. Colours are relative to the cell that counts most, on either side of zero.
 * @param {AttentionMap} map
 * @param {number} inputSide pixels of the input along an axis
 * @param {number} side pixels to draw along an axis
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function heatPixels(map, inputSide, side) {
  const { least, greatest } = extremesOf(map.data);
  const most = Math.max(greatest, -least) || 1;
  const colours = palette();
  const places = Array.from({ length: side }, (_, i) => ((i + 0.5) * inputSide) / side - 0.5); // the first pixel's centre is 0
  const columns = places.map((x) => cellsAround(x, map, map.width));
  const rows = places.map((y) => cellsAround(y, map, map.height));
  const pixels = new Uint8ClampedArray(4 * side * side);
  let next = 0;
  for (const row of rows) {
    for (const column of columns) {
      const colour = 4 * Math.round((valueBetween(map, column, row) / most + 1) * SHADES);
      pixels[next++] = colours[colour];
      pixels[next++] = colours[colour + 1];
      pixels[next++] = colours[colour + 2];
      pixels[next++] = colours[colour + 3];
    }
  }
  return pixels;
}

/**
 * The colours of a legend from the least to the greatest value, evenly spaced.
 * @param {{ least: number, greatest: number }} extremes
 * @returns {string} a CSS gradient
 */
export function legendGradient({ least, greatest }) {
  const most = Math.max(greatest, -least) || 1;
  const stops = Array.from({ length: 17 }, (_, i) => {
    const [red, green, blue, opacity] = colourOf((least + ((greatest - least) * i) / 16) / most);
    return `rgb(${red.toFixed(0)} ${green.toFixed(0)} ${blue.toFixed(0)} / ${opacity.toFixed(2)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/**
 * A network's input in grey: the mean of its channels, each stretched from black to white.
 * @param {Activation} input
 * @returns {{ pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number }} RGBA
 */
export function greyPixels({ shape: [channels, height, width], data }) {
  const size = width * height;
  const grey = new Float32Array(size);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.slice(channel * size, (channel + 1) * size);
    let least = Infinity;
    let greatest = -Infinity;
    for (const value of values) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    const scale = 255 / (greatest - least || 1) / channels;
    for (let i = 0; i < size; i++) grey[i] += (values[i] - least) * scale;
  }
  const pixels = new Uint8ClampedArray(4 * size);
  for (let i = 0; i < size; i++) pixels.set([grey[i], grey[i], grey[i], 255], 4 * i);
  return { pixels, width, height };
}
