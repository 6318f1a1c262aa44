// @ts-check

/**
 * The gradient lab's part of the state.
 *
 * @typedef {import("../../src/web/lab.d.ts").LabConfig} LabConfig
 * @typedef {import("../../src/web/lab.d.ts").LabDivergence} LabDivergence
 * @typedef {import("../../src/web/lab.d.ts").LabStep} LabStep
 * @typedef {NonNullable<LabStep["observed"]>} Observed
 * @typedef {import("../../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("./record.js").RunRecord} RunRecord
 * @typedef {import("./pure/book.js").Book} Book
 *
 * @typedef {"mnist" | "fashion"} DataName
 * @typedef {{ step: number, accuracy: number, loss: number }} Test with digits that it was not trained with, after this step
 * @typedef {import("../pure/canvas.js").Point} Point
 * @typedef {{ of: Point[][], step: number, classes: Prediction[] }} Reading of a drawing, after this step; the most probable class is the first
 *
 * @typedef {object} Run one network that is trained
 * @property {LabConfig} config
 * @property {string[]} layers the names of its layers with weights
 * @property {RunRecord} record of its steps; it grows in place, and `Lab.drawn` counts its changes
 * @property {Observed | null} observed the outputs and the changes of the last step that tells of them
 * @property {number} observedAt the number of that step
 * @property {LabDivergence | null} diverged where a value stopped being finite
 * @property {Test[]} tests
 * @property {Reading | null} reading what it took a drawing for, last
 *
 * @typedef {"idle" | "opening" | "training" | "paused" | "stopped" | "ended"} Phase idle: nothing is trained yet; stopped: in no run are all values finite; ended: the networks are gone, and what was recorded is left
 *
 * @typedef {object} Lab
 * @property {string} scenario the id that the address names
 * @property {Record<string, string>} asked what else the address asks for, until the scenarios are known
 * @property {Book | null} book of scenarios, once it has come
 * @property {LabConfig | null} settings of the first run, once the scenarios are known
 * @property {Partial<LabConfig> | null} change what the second run has in place of the first one's; null: there is one run
 * @property {DataName} data
 * @property {Phase} phase
 * @property {boolean} busy the lab's worker has something to do, so that other times would not be true
 * @property {boolean} working a training or a single step has not ended, be it paused
 * @property {boolean} stepping a single step was asked for and is not done
 * @property {string} text what is waited for
 * @property {number | null} share of it that is done; null where nothing tells
 * @property {{ text: string, retry: (() => void) | null } | null} trouble why it is not trained
 * @property {string} readTrouble why the drawing could not be read
 * @property {Run[]} runs none, one or two
 * @property {DeviceInfo | null} device on which they are trained
 * @property {number} speed steps a second of each run
 * @property {number} drawn counts the changes of the runs
 * @property {boolean} logLoss whether the loss has a logarithmic scale
 * @property {boolean} logSteps whether the steps have a logarithmic scale
 */

/** @type {Lab} */
export const NO_LAB = {
  scenario: "vanishing",
  asked: {},
  book: null,
  settings: null,
  change: null,
  data: "mnist",
  phase: "idle",
  busy: false,
  working: false,
  stepping: false,
  text: "",
  share: null,
  trouble: null,
  readTrouble: "",
  runs: [],
  device: null,
  speed: 0,
  drawn: 0,
  logLoss: false,
  logSteps: false,
};
