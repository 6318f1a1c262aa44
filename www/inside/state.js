// @ts-check
import { NO_FEATURES } from "./features/state.js";

/**
 * The inside view's part of the state.
 *
 * @typedef {import("../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../../pkg/convscope.js").LayerProfile} LayerProfile
 * @typedef {"layers" | "diagram" | "features" | "attention"} Tab
 * @typedef {{ layers: LayerProfile[], place: string, kind: "webgpu" | "cpu", software: boolean, runs: number, date: string }} Profile the times of a network's layers, where they were measured, how often, and when
 * @typedef {{ key: string | null, share: number, trouble: string }} Measurement of layers' times: of which entry, null while there is none; how far it is, 0 to 1; why the last one failed
 *
 * @typedef {object} Inside
 * @property {string} key of the entry that is looked into
 * @property {string | null} other the key of a second one, beside it
 * @property {Tab} tab
 * @property {string | null} layer the chosen layer of the first one
 * @property {string | null} otherLayer the chosen layer of the second one
 * @property {number | null} class the chosen class; null: the most probable one
 * @property {Record<string, Layer[]>} layers of networks, by their id, as far as they are known
 * @property {Record<string, Profile>} profiles by key
 * @property {Measurement} measurement
 * @property {import("./features/state.js").Features} features
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
  otherLayer: null,
  class: null,
  layers: {},
  profiles: {},
  measurement: { key: null, share: 0, trouble: "" },
  features: NO_FEATURES,
  attention: { sights: {}, shown: {}, work: null, ended: {}, opacity: 0.75 },
};
