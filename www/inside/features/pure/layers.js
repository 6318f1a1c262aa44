// @ts-check

/**
 * Which layers the tab shows.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../../../pure/entries.js").Card} Card
 * @typedef {{ block: string, layers: Layer[] }} Group of layers that follow one another
 */

/** The first layer with kernels of its own that looks at the picture. @param {Layer[]} layers */
export const firstConvolution = (layers) => layers.find(({ kind }) => /convolution/.test(kind)) ?? layers[0];

/**
 * Whether all layers can be shown at once, as in the figures of the time: the networks for digits are small enough.
 * @param {Card | undefined} card
 */
export const showsAll = (card) => card?.frame.kind === "digit";

/**
 * The layer that is shown.
 * @param {Layer[]} layers
 * @param {string | null} name that the visitor has chosen
 * @param {Card | undefined} card
 * @returns {Layer | null} null for all of them
 */
export function shownLayer(layers, name, card) {
  return layers.find((layer) => layer.name === name) ?? (showsAll(card) ? null : firstConvolution(layers));
}

/**
 * @param {Layer[]} layers
 * @returns {Group[]} in the layers' order; a layer that stands alone is in a group without a name
 */
export function groupsOf(layers) {
  /** @type {Group[]} */
  const groups = [];
  for (const layer of layers) {
    const last = groups.at(-1);
    if (last?.block === layer.block) last.layers.push(layer);
    else groups.push({ block: layer.block, layers: [layer] });
  }
  return groups;
}

/** Whether its channels have one value each. @param {{ outputShape: number[] }} layer */
export const isFlat = ({ outputShape: [, height, width] }) => height * width === 1;

/** @param {number[]} shape [channels, height, width] */
export const sizeText = ([channels, height, width]) => `${channels} × ${height} × ${width}`;

/**
 * @param {Layer} layer
 * @param {Card} card
 * @returns {[string, string][]} names and values of its facts
 */
export function factsOf({ kind, kernel, stride, activationFunction, outputShape, receptiveField: field }, { input }) {
  const [channels, height, width] = outputShape;
  const windows = kernel ? `, ${kernel} × ${kernel}${stride && stride > 1 ? `, stride ${stride}` : ""}` : "";
  const reach = field > input.width ? `, of an input of ${input.width} × ${input.height}` : "";
  return [
    ["Computes", kind + windows + (activationFunction ? `, then ${activationFunction}` : "")],
    ["Output", height * width === 1 ? `${channels} values` : `${channels} channels of ${width} × ${height}`],
    ["Receptive field", `${field} × ${field} pixels${reach}`],
  ];
}

/** The one whose channels are the classes. @param {Layer[]} layers */
export const lastLayer = (layers) => layers.filter(({ auxiliary }) => !auxiliary).at(-1) ?? layers[layers.length - 1];
