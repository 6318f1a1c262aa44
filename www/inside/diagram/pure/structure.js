// @ts-check
import { CONCATENATION, JOIN, LAYER } from "./sizes.js";

/**
 * What a block consists of, whatever its number of channels: the kinds of its layers, and which of them reads which. Blocks with the
 * same structure are of one kind and are drawn by one layout. The page and the build (xtask/layouts.mjs) both ask here.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {{ kind: string, reads: number[] }[]} Structure the layers in their order, and the places of those that each reads; OUTSIDE is what the block reads
 */

export const OUTSIDE = -1;

/**
 * @param {Layer[]} layers of one block
 * @returns {Structure}
 */
export function structureOf(layers) {
  const places = new Map(layers.map(({ name }, place) => [name, place]));
  return layers.map(({ kind, inputs }) => ({ kind, reads: inputs.map((name) => places.get(name) ?? OUTSIDE) }));
}

/**
 * @param {Layer[]} layers of one block
 * @returns {string} the name of its structure, such as "convolution in, convolution 0, addition 1+in"
 */
export function signatureOf(layers) {
  return structureOf(layers).map(({ kind, reads }) => `${kind} ${reads.map((place) => (place === OUTSIDE ? "in" : place)).join("+")}`).join(", ");
}

/** Kinds of layers that are drawn as a circle, and their signs. @type {Record<string, string>} */
export const SIGNS = { addition: "+", scaling: "×" };

/**
 * How large a layer is drawn within a block, before a concatenation is made as wide as what it joins.
 * @param {string} kind
 */
export function sizeOf(kind) {
  if (kind in SIGNS) return JOIN;
  return kind === "concatenation" ? CONCATENATION : LAYER;
}
