// @ts-check

/**
 * What is counted in the layers of a network.
 *
 * @typedef {import("../../../pkg/convscope.js").Layer} Layer
 */

/**
 * The layers that the main output needs.
 * @param {Layer[]} layers
 */
export const trunk = (layers) => layers.filter(({ auxiliary }) => !auxiliary);

/**
 * @param {Layer[]} layers
 * @param {"parameters" | "macs" | "activationBytes"} what
 */
export const total = (layers, what) => layers.reduce((sum, layer) => sum + layer[what], 0);

/**
 * @param {Layer[]} layers
 * @param {string} name
 */
export function named(layers, name) {
  const layer = layers.find((layer) => layer.name === name);
  if (!layer) throw new Error(`The network has no layer ${name}.`);
  return layer;
}

/** @param {Layer} layer */
export const isConvolution = ({ groups }) => groups !== null;
/** @param {Layer} layer */
export const isLinear = ({ kind }) => kind === "linear";
/** @param {Layer} layer each channel is filtered on its own */
export const isDepthwise = ({ kind }) => kind === "depthwise convolution";
/** @param {Layer} layer */
export const isAddition = ({ kind }) => kind === "addition";

/** @param {Layer} layer */
export const channelsOf = ({ outputShape }) => outputShape[0];
/** @param {Layer} layer elements of the output */
export const sizeOf = ({ outputShape }) => outputShape.reduce((product, side) => product * side, 1);
/** @param {Layer} layer places of the output, without its channels */
export const placesOf = ({ outputShape }) => outputShape[1] * outputShape[2];

/**
 * The layer whose output another one reads, the first where it reads several.
 * @param {Layer[]} layers
 * @param {Layer} layer
 */
export const readBy = (layers, { inputs }) => layers.find(({ name }) => name === inputs[0]);

/**
 * The blocks, in their order.
 * @param {Layer[]} layers
 * @returns {{ name: string, layers: Layer[] }[]}
 */
export function blocksOf(layers) {
  const names = [...new Set(layers.map(({ block }) => block))].filter(Boolean);
  return names.map((name) => ({ name, layers: layers.filter(({ block }) => block === name) }));
}

/**
 * How deep a network is: layers with weights on the longest way from the input to the output.
 * @param {Layer[]} layers in the order in which they are computed
 */
export function depthOf(layers) {
  /** @type {Map<string, number>} */
  const depths = new Map();
  for (const layer of layers) {
    const before = Math.max(...layer.inputs.map((name) => depths.get(name) ?? 0));
    depths.set(layer.name, before + (isConvolution(layer) || isLinear(layer) ? 1 : 0));
  }
  return Math.max(...trunk(layers).map(({ name }) => depths.get(name) ?? 0));
}

/**
 * Side of the window that convolutions see together, one after the other with a stride of one pixel.
 * @param {number[]} kernels their sides
 */
export const windowOf = (kernels) => kernels.reduce((side, kernel) => side + kernel - 1, 1);
