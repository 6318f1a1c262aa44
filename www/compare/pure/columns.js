// @ts-check

/**
 * What a result says of each row and of the whole, in the order of the table of values and of links. Links have no names for the
 * values, so another order, or a field more, is another version of the format.
 *
 * @typedef {import("./results.js").Result} Result
 * @typedef {import("./results.js").Row} Row
 */

/** @type {(keyof Row)[]} */
export const COLUMNS = [
  "network", "variant", "device", "engine", "f16", "arithmetic", "threads", "dot8", "adapter", "software", "load", "first", "runs", "batch", "median", "low", "high", "p90", "min", "settled", "ended",
  "preprocess", "framesPerSecond", "gmacPerSecond", "macs", "parameters", "weightsBytes", "activationBytes", "top1", "top5",
];

/** @type {Set<keyof Row>} */
const SINCE_4 = new Set(/** @type {const} */ (["arithmetic", "threads", "dot8"]));

/** What links of a version have of each row. @param {number} version */
export const columnsOf = (version) => (version < 4 ? COLUMNS.filter((name) => !SINCE_4.has(name)) : COLUMNS);

/** @type {(keyof Result)[]} */
export const OF_ALL = ["date", "convscope", "browser", "os", "clockStep", "slowdown", "hidden", "cancelled", "busy", "secondsPerRow"];
