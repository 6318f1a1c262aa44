// @ts-check

/**
 * Kinds of layers as the strips colour them: few enough to be told apart.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {"convolution" | "pointwise" | "grouped" | "depthwise" | "linear" | "pooling" | "elementwise" | "other"} Kind
 */

/** @type {Record<Kind, string>} what several of them are called where there are no other convolutions */
const KINDS = {
  convolution: "convolutions",
  pointwise: "1 × 1 convolutions",
  grouped: "grouped convolutions",
  depthwise: "depthwise convolutions",
  linear: "linear layers",
  pooling: "pooling layers",
  elementwise: "additions, scalings and concatenations",
  other: "normalisation and other layers",
};

const ELEMENTWISE = new Set(["addition", "scaling", "concatenation"]);

/**
 * @param {Row} row
 * @returns {Kind}
 */
export function kindOf({ layer: { kind, kernel } }) {
  if (kind === "convolution") return kernel === 1 ? "pointwise" : "convolution";
  if (kind === "grouped convolution") return "grouped";
  if (kind === "depthwise convolution") return "depthwise";
  if (kind === "linear") return "linear";
  if (kind.endsWith("pooling")) return "pooling";
  return ELEMENTWISE.has(kind) ? "elementwise" : "other";
}

/**
 * @param {Kind} kind
 * @param {Kind[]} kinds that occur beside it
 * @returns {string} what a legend or a sentence calls several layers of the kind, so that it is not taken for all convolutions
 */
export function kindName(kind, kinds) {
  if (kind !== "convolution") return KINDS[kind];
  const ungrouped = kinds.some((other) => other === "grouped" || other === "depthwise") ? "ungrouped " : "";
  return `${ungrouped}${KINDS.convolution}${kinds.includes("pointwise") ? " larger than 1 × 1" : ""}`;
}

/**
 * @param {Row[]} rows
 * @returns {Kind[]} those that occur, in the order of KINDS
 */
export function kindsIn(rows) {
  const found = new Set(rows.map(kindOf));
  return /** @type {Kind[]} */ (Object.keys(KINDS)).filter((kind) => found.has(kind));
}
