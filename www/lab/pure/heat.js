// @ts-check
import { SEQUENTIAL, packed } from "../../pure/colours.js";
import { beyondSentences, scaleSentence, stepsBeyond } from "./notes.js";
import { scaleFrom } from "./recent.js";

/**
 * The heat map of gradient norms: the steps across, the layers down.
 *
 * @typedef {import("../record.js").RunRecord} RunRecord
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("./scales.js").Span} Span
 *
 * @typedef {object} Picture values column after column
 * @property {number} columns
 * @property {Float32Array} norms logarithms
 * @property {Float32Array} zeros the share of steps, 0 to 1, in which the gradient was exactly zero
 */

export const HEAT_TITLE = "Norm of each layer's gradient, step by step";

/** Of a gradient that is exactly zero: a colour that the scale does not have. */
export const ZERO = packed([128, 128, 128]);

const COLOURS = SEQUENTIAL.subarray(1); // the entry before is for zero, and hard to tell from the darkest colour

/**
 * @param {number} norm the logarithm of a gradient norm
 * @param {number} zeros the share of steps in which it was exactly zero, which makes the colour grey in proportion
 * @param {Span} span
 * @returns {number} as ImageData stores it
 */
export function colourOfNorm(norm, zeros, { low, high }) {
  if (norm === -Infinity) return ZERO;
  const colour = COLOURS[Math.round(Math.min(Math.max((norm - low) / (high - low), 0), 1) * (COLOURS.length - 1))];
  if (!zeros) return colour;
  const grey = channelsOf(ZERO);
  return packed(channelsOf(colour).map((channel, i) => Math.round(channel + (grey[i] - channel) * zeros)));
}

/**
 * @param {number} colour
 * @returns {[number, number, number]} red, green and blue, 0 to 255
 */
export const channelsOf = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];

/**
 * The columns of a record as the columns of a picture, which have equally many steps.
 * @param {RunRecord} record
 * @param {number} most columns of the picture
 * @returns {Picture}
 */
export function pictureOf(record, most) {
  const { layers } = record;
  const wide = Math.min(record.steps, most);
  const norms = new Float32Array(wide * layers);
  const zeros = new Float32Array(wide * layers);
  for (let column = 0; column < wide; column++) {
    const [after, last] = [column, column + 1].map((at) => Math.floor((at * record.steps) / wide));
    const from = record.columnAfter(after);
    const to = Math.max(from + 1, record.columnAfter(last)); // where a column of the record is wider, it is drawn more than once
    const steps = record.lastOf(to - 1) - record.firstOf(from) + 1;
    for (let layer = 0; layer < layers; layer++) {
      let [sum, count, silent] = [0, 0, 0];
      for (let i = from * layers + layer; i < to * layers; i += layers) {
        silent += record.zeros[i];
        if (!record.counts[i]) continue;
        sum += record.norms[i] * record.counts[i];
        count += record.counts[i];
      }
      norms[column * layers + layer] = count ? sum / count : silent ? -Infinity : NaN;
      zeros[column * layers + layer] = silent / steps;
    }
  }
  return { columns: wide, norms, zeros };
}

/**
 * The pixels of a heat map: one for each column and layer.
 * @param {Picture} picture
 * @param {number[]} order of the layers, from the top
 * @param {Span} span
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function pixelsOf({ columns, norms, zeros }, order, span) {
  const pixels = new Uint32Array(columns * order.length);
  for (const [row, layer] of order.entries()) {
    for (let column = 0; column < columns; column++) {
      const cell = column * order.length + layer;
      if (!Number.isNaN(norms[cell])) pixels[row * columns + column] = colourOfNorm(norms[cell], zeros[cell], span);
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/**
 * @param {Run[]} runs
 * @param {number} most columns of a picture
 * @returns {string} how the picture is to be read
 */
export function heatCaption(runs, most) {
  const steps = Math.max(0, ...runs.map(({ record }) => Math.ceil(record.steps / most)));
  const mean = steps > 1 ? ` A column is the geometric mean of about ${steps} steps.` : "";
  return `Down: the layers, from the input to the output. Across: the steps, the newest at the right.${mean} The norms are those before clipping. Where a gradient was exactly zero in a part of the steps, the colour is grey in proportion.`;
}

/**
 * Whether anything lies beyond the colours, and a sentence about it.
 * @param {Run[]} runs
 * @param {Span} span
 * @returns {{ below: boolean, above: boolean, note: string }}
 */
export function heatBeyond(runs, { low, high }) {
  const found = stepsBeyond(runs, low, high, ({ norms, layers, columns }) => norms.subarray(0, columns * layers));
  const [below, above] = [found.some(({ below }) => below > 0), found.some(({ above }) => above > 0)];
  const note = found.length ? `${scaleSentence(scaleFrom(runs))} ${beyondSentences(found, runs, (exponent) => 10 ** exponent)} What lies beyond it has the colour of its end.` : "";
  return { below, above, note };
}
