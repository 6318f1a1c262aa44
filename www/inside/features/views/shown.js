// @ts-check
import { isStale } from "../../../pure/answers.js";
import { entryOf, layersKey } from "../../../pure/entries.js";
import { cardOf } from "../../../state.js";
import { hintOf } from "../pure/hint.js";
import { firstConvolution, lastLayer, shownLayer } from "../pure/layers.js";

/**
 * What the state says is to be shown.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../pure/layers.js").Layer} Layer
 */

/** The network's layers; empty until they are known. @param {State} state */
export const layersOf = ({ inside: { key, layers } }) => layers[layersKey(entryOf(key))] ?? [];

/** @param {State} state */
export const cardIn = ({ inside: { key } }) => cardOf(entryOf(key).network);

/** The layer that is shown; null for all of them, and where none is known. @param {State} state */
export function layerIn(state) {
  const layers = layersOf(state);
  return layers.length ? shownLayer(layers, state.inside.layer, cardIn(state)) : null;
}

/** The maps that have come, of the network that is chosen. @param {State} state */
export function seenIn(state) {
  const { key, features: { seen } } = state.inside;
  return seen?.key === key && !hintOf(state) ? seen : null;
}

/** The maps of one layer, where one is shown. Until those of another layer come, the ones before it stay. @param {State} state */
export function shownMaps(state) {
  const seen = seenIn(state);
  return seen?.layer ? seen.maps[seen.layer] : null;
}

/** Whether the maps that are shown are of another layer than the chosen one, or of another picture. @param {State} state */
export function isWaiting(state) {
  const seen = seenIn(state);
  return seen !== null && (seen.layer !== (layerIn(state)?.name ?? null) || isStale(seen, state));
}

/** The kernels of the layer whose maps are shown. @param {State} state */
export function kernelsOf(state) {
  const { key, features: { kernels, seen } } = state.inside;
  return kernels?.key === key && seen?.layer === firstConvolution(layersOf(state))?.name ? kernels.filters : null;
}

/**
 * The names of a layer's channels: those of the classes for the last layer.
 * @param {State} state
 * @param {string} layer
 */
export function namesOf(state, layer) {
  const layers = layersOf(state);
  return layers.length && lastLayer(layers).name === layer ? (state.labels[state.inside.key] ?? null) : null;
}
