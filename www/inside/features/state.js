// @ts-check

/**
 * The part of the state that the tab "Features" has.
 *
 * @typedef {import("./pure/maps.js").Maps} Maps
 * @typedef {import("./pure/maps.js").Filters} Filters
 * @typedef {{ layer: string, channel: number }} Opened
 *
 * @typedef {object} Seen
 * @property {string} key of the entry
 * @property {string | null} layer that was chosen; null: all of them
 * @property {number} picture the number of the picture
 * @property {Record<string, Maps>} maps by layer
 *
 * @typedef {object} Features
 * @property {Seen | null} seen the newest maps that have come
 * @property {number[]} order of the channels of the chosen layer
 * @property {number} page of the channels, counted from 0
 * @property {number} perPage how many channels fit on one
 * @property {Opened | null} opened the channel that is shown over the picture
 * @property {number} opacity of it, from 0 to 1
 * @property {{ key: string, weights: string, filters: Filters } | null} kernels of the first convolution
 * @property {string} trouble why maps could not be computed
 */

/** @type {Features} */
export const NO_FEATURES = { seen: null, order: [], page: 0, perPage: 24, opened: null, opacity: 0.6, kernels: null, trouble: "" };
