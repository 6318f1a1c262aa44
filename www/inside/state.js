// @ts-check

/**
 * The inside view's part of the state.
 *
 * @typedef {import("../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../../pkg/convscope.js").LayerProfile} LayerProfile
 * @typedef {"layers" | "diagram" | "features" | "attention"} Tab
 * @typedef {{ layers: LayerProfile[], place: string, runs: number }} Profile the times of a network's layers, where they were measured, and of how many runs
 *
 * @typedef {object} Inside
 * @property {string} key of the entry that is looked into
 * @property {string | null} other the key of a second one, beside it
 * @property {Tab} tab
 * @property {string | null} layer the chosen layer of the first one
 * @property {number | null} class the chosen class; null: the most probable one
 * @property {Record<string, Layer[]>} layers of networks, by their id, as far as they are known
 * @property {Record<string, Profile>} profiles by key
 * @property {import("./attention/state.d.ts").Attention} attention
 */

/** @type {Tab[]} */
export const TABS = ["layers", "diagram", "features", "attention"];

/** @type {Inside} */
export const NOTHING_SEEN = {
  key: "efficientnet_lite0",
  other: null,
  tab: "layers",
  layer: null,
  class: null,
  layers: {},
  profiles: {},
  attention: { labels: {}, sights: {}, shown: {}, work: null, ended: {}, opacity: 0.75 },
};
