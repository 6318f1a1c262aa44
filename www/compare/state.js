// @ts-check

/**
 * What the compare view holds, and its part of the address. An entry is a network with one variant of its weights;
 * its key names it in the address and in the engine: `vgg16`, `vgg16-q4`.
 *
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../../pkg/convscope.js").Timing} Timing
 * @typedef {import("./results.js").Result} Result
 * @typedef {import("./results.js").Measured} Measured
 * @typedef {import("./evaluation.js").Report} Report
 *
 * @typedef {{ key: string, network: string, variant: string | null }} Entry variant null: the usual one
 * @typedef {"picture" | "benchmark" | "folder"} Tab
 *
 * @typedef {object} Standing how far a network is
 * @property {"waiting" | "asking" | "downloading" | "loading" | "ready" | "failed"} phase asking: it may take much memory
 * @property {string} variant of its weights; RANDOM where there are none
 * @property {number} share of the download or of the shaders' compilation, 0 to 1
 * @property {string} text why it failed
 *
 * @typedef {object} Answer of a network to the picture
 * @property {Prediction[]} predictions none with random weights
 * @property {Timing} timing
 * @property {number} first milliseconds of its first run
 * @property {number} runs how many
 * @property {number | null} rate pictures a second, of a live source
 * @property {number} picture which it saw
 *
 * @typedef {object} Run a benchmark on its way
 * @property {"preparing" | "measuring" | "hidden"} phase
 * @property {string} text
 * @property {number} share done, 0 to 1
 * @property {number | null} remaining seconds
 * @property {Measured[]} rows
 *
 * @typedef {object} Walk an evaluation of a folder
 * @property {string} text
 * @property {number} done pictures
 * @property {number} total
 * @property {number | null} remaining seconds
 * @property {Report | null} report so far
 * @property {boolean} running
 *
 * @typedef {object} Compare
 * @property {string[] | null} keys the chosen entries; null: the usual ones
 * @property {Tab} tab
 * @property {string} lined the line-up that the arena has or brings; "" while it rests
 * @property {Record<string, Standing>} standings
 * @property {Record<string, Answer>} answers
 * @property {number} picture counts the pictures that were shown
 * @property {Run | null} run
 * @property {Measured[]} failed rows of the last benchmark
 * @property {Result | null} result of the last benchmark here
 * @property {Result | null} sender whose link was opened
 * @property {Walk | null} walk
 */

/** @type {Compare} */
export const NOTHING = {
  keys: null,
  tab: "picture",
  lined: "",
  standings: {},
  answers: {},
  picture: 0,
  run: null,
  failed: [],
  result: null,
  sender: null,
  walk: null,
};

/** @type {Tab[]} */
const TABS = ["picture", "benchmark", "folder"];
const LONGEST = 40; // entries in an address

/**
 * @param {string} key
 * @returns {Entry}
 */
export function entryOf(key) {
  const [network, variant] = key.split("-", 2);
  return { key, network, variant: variant ?? null };
}

/**
 * @param {URLSearchParams} query
 * @returns {Pick<Compare, "keys" | "tab">}
 */
export function readCompare(query) {
  const keys = (query.get("networks") ?? "").split(",").filter((key) => /^\w+(-\w+)?$/.test(key));
  const tab = TABS.find((tab) => tab === query.get("tab")) ?? "picture";
  return { keys: keys.length ? [...new Set(keys)].slice(0, LONGEST) : null, tab };
}

/**
 * @param {URLSearchParams} query
 * @param {Compare} compare
 */
export function writeCompare(query, { keys, tab }) {
  query.set("networks", (keys ?? []).join(","));
  if (tab !== "picture") query.set("tab", tab);
}
