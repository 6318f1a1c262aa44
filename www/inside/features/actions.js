// @ts-check
import { entryOf } from "../../pure/entries.js";
import { cardOf, state, updateInside } from "../../state.js";
import { shownLayer } from "./pure/layers.js";
import { channelsOf, ranked } from "./pure/maps.js";

/**
 * What a visitor can do in the tab.
 *
 * @typedef {import("./state.js").Features} Features
 */

/** @param {Partial<Features>} patch */
export function updateFeatures(patch) {
  updateInside({ features: { ...state.inside.features, ...patch } });
}

/** @param {string | null} layer null: the one that is shown where none is chosen */
export function chooseLayer(layer) {
  updateInside({ layer, features: { ...state.inside.features, page: 0, opened: null } });
}

/** Chooses the layer before the one that is shown, or after it. @param {-1 | 1} by */
export function stepLayer(by) {
  const { key, layer, layers } = state.inside;
  const { network } = entryOf(key);
  const all = layers[network] ?? [];
  const shown = shownLayer(all, layer, cardOf(network));
  const next = all[(shown ? all.indexOf(shown) : -1) + by];
  chooseLayer(next?.name ?? null);
}

/** @param {number} perPage how many channels fit */
export function fitPage(perPage) {
  const { page, perPage: before } = state.inside.features;
  if (perPage !== before) updateFeatures({ perPage, page: Math.floor((page * before) / perPage) });
}

/** Puts the channels into the order of what is seen now. */
export function sortAgain() {
  const { seen } = state.inside.features;
  const maps = seen?.layer && seen.maps[seen.layer];
  if (maps) updateFeatures({ order: ranked(maps.extremes), page: 0 });
}

/** @param {import("./state.js").Opened | null} opened */
export function open(opened) {
  updateFeatures({ opened });
}

/** Opens the channel before the one that is open, or after it, in the order that is shown. @param {-1 | 1} by */
export function stepChannel(by) {
  const { opened, seen, order, perPage } = state.inside.features;
  const maps = opened && seen?.maps[opened.layer];
  if (!maps) return;
  const all = seen.layer ? order : Array.from({ length: channelsOf(maps.activation) }, (_, channel) => channel);
  const at = (all.indexOf(opened.channel) + by + all.length) % all.length;
  updateFeatures({ opened: { ...opened, channel: all[at] }, ...(seen.layer ? { page: Math.floor(at / perPage) } : {}) });
}
