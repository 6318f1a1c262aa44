// @ts-check

/**
 * The compare view's part of the state.
 *
 * @typedef {import("./pure/results.js").Result} Result
 * @typedef {import("./pure/results.js").Measured} Measured
 * @typedef {import("./evaluation.js").Report} Report
 * @typedef {import("./pure/setups.js").SetupName} SetupName
 * @typedef {{ id: number, result: Result }} Kept
 *
 * @typedef {"picture" | "benchmark" | "folder"} Tab
 *
 * @typedef {object} BenchmarkRun a benchmark on its way
 * @property {"preparing" | "measuring" | "hidden"} phase
 * @property {string} text
 * @property {number} share done, 0 to 1
 * @property {number | null} remaining seconds
 * @property {Measured[]} rows
 *
 * @typedef {object} Evaluation of a folder of pictures
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
 * @property {{ hasAdapter: boolean, hasF16: boolean, note: string }} webgpu what WebGPU can do here, as soon as it is known
 * @property {SetupName[]} setups on which the benchmark measures
 * @property {BenchmarkRun | null} run
 * @property {Measured[]} failed rows of the last benchmark
 * @property {Result | null} result of the last benchmark here, or one that was kept and is opened again
 * @property {Kept[]} kept the last results, newest first
 * @property {string} keptTrouble why they cannot be kept or shown
 * @property {Result | null} sender whose link was opened
 * @property {typeof import("@observablehq/plot") | null} plot the charts' library, once it has come
 * @property {string} plotTrouble why it has not
 * @property {Evaluation | null} evaluation
 * @property {File | null} table of labels that was chosen
 * @property {boolean} inBoth folders are seen in 32-bit and in 8-bit arithmetic, on the CPU
 */

/** @type {Compare} */
export const NOTHING = {
  keys: null,
  tab: "picture",
  webgpu: { hasAdapter: false, hasF16: false, note: "" },
  setups: [],
  run: null,
  failed: [],
  result: null,
  kept: [],
  keptTrouble: "",
  sender: null,
  plot: null,
  plotTrouble: "",
  evaluation: null,
  table: null,
  inBoth: false,
};
