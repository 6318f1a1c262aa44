// @ts-check

/**
 * What blocks and layers are called, and the groups of kinds that have one colour.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {"convolution" | "depthwise" | "pooling" | "normalisation" | "linear" | "joining"} Family of kinds of layers
 */

/** The families in the order of the legend, and their names there. @type {Record<Family, string>} */
export const FAMILIES = {
  convolution: "convolution",
  depthwise: "depthwise convolution",
  pooling: "pooling",
  normalisation: "normalisation",
  linear: "linear",
  joining: "addition, concatenation, scaling",
};

/**
 * @param {string} kind of a layer
 * @returns {Family}
 */
export function familyOf(kind) {
  if (kind.startsWith("depthwise")) return "depthwise";
  for (const family of /** @type {const} */ (["convolution", "pooling", "normalisation", "linear"])) if (kind.endsWith(family)) return family;
  return "joining";
}

/**
 * The name of a block's kind in the literature, from what it consists of.
 * @param {Layer[]} layers
 */
export function blockKind(layers) {
  const of = (/** @type {string} */ kind) => layers.find((layer) => layer.kind === kind);
  const families = new Set(layers.map(({ kind }) => familyOf(kind)));
  if (layers.some(({ auxiliary }) => auxiliary)) return "auxiliary head";
  if (of("concatenation")) return families.has("pooling") ? "inception module" : "fire module";
  if (of("scaling")) return "MBConv block";
  const addition = of("addition");
  if (families.has("depthwise")) return addition ? "inverted residual" : "inverted bottleneck";
  if (addition) return layers.find(({ name }) => name === addition.inputs[0])?.kernel === 1 ? "bottleneck block" : "residual block";
  return families.size === 1 && layers.length > 1 ? `${[...families][0]}s` : [...families].join(", ");
}

/** @param {Layer} layer */
const window = ({ kernel }) => (kernel ? `${kernel}×${kernel} ` : "");

/** @type {Record<string, string>} */
const SHORT = {
  convolution: "conv",
  "grouped convolution": "grouped conv",
  "depthwise convolution": "depthwise",
  "max pooling": "max pool",
  "average pooling": "avg pool",
  "global average pooling": "global avg pool",
  "local response normalisation": "local norm.",
};

/** For a layer within a block. @param {Layer} layer */
export function shortName(layer) {
  return `${window(layer)}${SHORT[layer.kind] ?? layer.kind}${layer.stride && layer.stride > 1 ? ` /${layer.stride}` : ""}`;
}

/** For a layer that stands alone. @param {Layer} layer */
export function longName(layer) {
  return `${window(layer)}${layer.kind}${layer.stride && layer.stride > 1 ? `, stride ${layer.stride}` : ""}`;
}

/** @param {number[]} shape [channels, height, width] */
export function shapeText([channels, height, width]) {
  return height === 1 && width === 1 ? String(channels) : `${channels}×${height}×${width}`;
}
