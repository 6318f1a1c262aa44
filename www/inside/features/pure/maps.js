// @ts-check
import { colourOf, packed } from "../../../pure/colours.js";

/**
 * The channels of a layer's output, and their pictures. A picture is a Uint32Array of colours, row by row.
 *
 * @typedef {import("../../../../pkg/convscope.js").Activation} Activation
 * @typedef {import("../../../../pkg/convscope.js").Filters} Filters
 *
 * @typedef {object} Extremes of each channel
 * @property {Float32Array} greatest
 * @property {Float32Array} least
 * @property {Uint32Array} at where the greatest value is, as an index into the channel
 * @property {Float32Array} mean of the magnitudes
 *
 * @typedef {{ activation: Activation, extremes: Extremes }} Maps
 */

/** @param {Activation} activation */
export const channelsOf = ({ shape: [channels] }) => channels;

/** The number of values of a channel. @param {Activation} activation */
export const sizeOf = ({ shape: [, height, width] }) => height * width;

/**
 * @param {Activation} activation
 * @param {number} channel
 */
export function valuesOf(activation, channel) {
  const size = sizeOf(activation);
  return activation.data.subarray(channel * size, (channel + 1) * size);
}

/**
 * @param {number} channels
 * @returns {Extremes} to be filled in by findExtremes
 */
export const noExtremes = (channels) => ({ greatest: new Float32Array(channels), least: new Float32Array(channels), at: new Uint32Array(channels), mean: new Float32Array(channels) });

/**
 * Finds the extremes of some channels.
 * @param {Activation} activation
 * @param {Extremes} extremes to write them into
 * @param {number} from
 * @param {number} to the channel after the last one
 */
export function findExtremes(activation, extremes, from, to) {
  for (let channel = from; channel < to; channel++) {
    const values = valuesOf(activation, channel);
    let [greatest] = values;
    let least = greatest;
    let at = 0;
    let sum = Math.abs(greatest);
    for (let i = 1; i < values.length; i++) {
      const value = values[i];
      sum += Math.abs(value);
      if (value > greatest) {
        greatest = value;
        at = i;
      } else if (value < least) least = value;
    }
    extremes.greatest[channel] = greatest;
    extremes.least[channel] = least;
    extremes.at[channel] = at;
    extremes.mean[channel] = sum / values.length;
  }
}

/**
 * A channel's strength: the greatest magnitude of its values.
 * @param {Extremes} extremes
 * @param {number} channel
 */
export const strengthOf = ({ greatest, least }, channel) => Math.max(Math.abs(greatest[channel]), Math.abs(least[channel]));

/**
 * The value of the greatest magnitude, with its sign.
 * @param {Extremes} extremes
 * @param {number} channel
 */
export const peakOf = ({ greatest, least }, channel) => (-least[channel] > greatest[channel] ? least[channel] : greatest[channel]);

/**
 * Many channels are equally strong where an activation function such as ReLU6 ends at a value. Their means tell them apart.
 * @param {Extremes} extremes
 * @returns {number[]} the channels, the strongest first
 */
export function ranked(extremes) {
  const channels = Array.from(extremes.greatest, (_, channel) => channel);
  return channels.sort((a, b) => strengthOf(extremes, b) - strengthOf(extremes, a) || extremes.mean[b] - extremes.mean[a] || a - b);
}

/** How many channels are zero everywhere. @param {Extremes} extremes */
export const deadOf = (extremes) => extremes.greatest.reduce((count, _, channel) => count + Number(strengthOf(extremes, channel) === 0), 0);

/** Whether a layer's values have both signs. @param {Extremes} extremes */
export const isSigned = ({ least }) => least.some((value) => value < 0);

/**
 * @param {Maps} maps
 * @param {number} channel
 * @returns {Uint32Array} the channel's values, normalised by its own strength
 */
export const pictureOf = ({ activation, extremes }, channel) => coloured(valuesOf(activation, channel), strengthOf(extremes, channel), isSigned(extremes));

/**
 * @param {Maps} maps of a layer whose channels have one value each
 * @returns {Uint32Array} one colour for each channel, normalised by the strongest one
 */
export function stripOf({ activation, extremes }) {
  return coloured(activation.data, strongestOf(extremes), isSigned(extremes));
}

/** The strength of the strongest channel. @param {Extremes} extremes */
export const strongestOf = (extremes) => extremes.greatest.reduce((most, _, channel) => Math.max(most, strengthOf(extremes, channel)), 0);

/**
 * @param {Float32Array} values
 * @param {number} greatest
 * @param {boolean} signed
 */
function coloured(values, greatest, signed) {
  const picture = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) picture[i] = colourOf(values[i], greatest, signed);
  return picture;
}

/**
 * The network's input where it has one channel: ink is dark on white, as it was drawn.
 * @param {Maps} maps of the layer "input"
 */
export function inkOf({ activation, extremes: { greatest, least } }) {
  const range = greatest[0] - least[0] || 1;
  return Uint32Array.from(valuesOf(activation, 0), (value) => {
    const grey = Math.round(255 * (1 - (value - least[0]) / range));
    return packed([grey, grey, grey]);
  });
}

/**
 * The weights of an output channel as a picture. A weight of zero is mid-grey, and the greatest magnitude of the kernel white or
 * black.
 * @param {Filters} filters
 * @param {number} channel
 * @returns {Uint32Array}
 */
export function kernelOf({ shape: [, inputs, height, width], data, order }, channel) {
  const size = height * width;
  const weights = data.subarray(channel * inputs * size, (channel + 1) * inputs * size);
  const greatest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
  const planes = order === "grey" ? [0, 0, 0] : order === "BGR" ? [2, 1, 0] : [0, 1, 2];
  return Uint32Array.from({ length: size }, (_, i) => packed(planes.map((plane) => Math.round(127.5 + (127.5 * weights[plane * size + i]) / greatest))));
}
