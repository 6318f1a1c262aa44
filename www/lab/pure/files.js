// @ts-check
import { FIELDS, wordOf } from "./settings.js";

/**
 * An experiment as files for other programs. `results.schema.json` says what the fields of the JSON mean.
 *
 * @typedef {import("../../origin.js").Origin} Origin
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Run} Run
 * @typedef {Pick<Lab, "scenario" | "data" | "change" | "device" | "runs">} Saved what of an experiment is saved
 */

/** What the fields of a line or a column mean; a result carries it along. */
export const MEANING = {
  step: "The number of the last step that the column is of.",
  steps: "How many steps the column is of; where these are several, the values are their means.",
  loss: "The cross-entropy of the batch before the step, plus 0.3 times that of each auxiliary classifier.",
  accuracy: "The share of the batch that was classified right before the step, 0 to 1.",
  gradients: "For each layer with weights, the norm of the gradient of the loss with respect to its weight, before clipping: over several steps the geometric mean of the norms that are not zero; 0 where all are zero, null where none is finite.",
  zeros: "For each layer, the share of the steps, 0 to 1, in which its gradient was exactly zero.",
};

/** @param {number} value @returns {number | null} null where JSON has no such number */
const plain = (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);

/** @param {number[]} values */
const allPlain = (values) => Array.from(values, plain);

/**
 * @param {Saved} lab
 * @param {Origin} origin
 * @returns {object} for JSON
 */
export function jsonOf({ scenario, data, change, runs, device }, origin) {
  return {
    format: "convscope-lab",
    version: 1,
    ...origin,
    scenario,
    data,
    device: device && { kind: device.kind, engine: device.engine, adapter: device.adapter, software: device.software },
    change,
    meaning: MEANING,
    runs: runs.map((run) => ({
      config: run.config,
      layers: run.layers,
      steps: run.record.steps,
      columns: Array.from({ length: run.record.columns }, (_, column) => columnOf(run, column)),
      observed: run.observed && { step: run.observedAt, updates: allPlain(run.observed.updates), means: allPlain(run.observed.means), deviations: allPlain(run.observed.deviations), stuck: allPlain(run.observed.stuck) },
      tests: run.tests.map(({ step, accuracy, loss }) => ({ step, accuracy: plain(accuracy), loss: plain(loss) })),
      diverged: run.diverged,
    })),
  };
}

/**
 * @param {Pick<Run, "record" | "layers">} run
 * @param {number} column
 */
function columnOf({ record, layers }, column) {
  return {
    step: record.lastOf(column),
    steps: record.stepsOf(column),
    loss: plain(record.loss[column]),
    accuracy: plain(record.accuracy[column]),
    gradients: layers.map((_, layer) => plain(10 ** record.norms[column * layers.length + layer])),
    zeros: layers.map((_, layer) => plain(record.zeroShare(column, layer))),
  };
}

/**
 * A line for each column of each run, and one for a run without any. What applies to the whole run or to both is repeated on each line.
 * @param {Saved} lab
 * @param {Origin} origin
 * @returns {unknown[][]} lines of a table, of which the first has the names
 */
export function linesOf({ scenario, data, runs, device }, origin) {
  const names = [...new Set(runs.flatMap(({ layers }) => layers))];
  const head = [
    "run", "step", "steps", "loss", "accuracy", "test step", "test loss", "test accuracy",
    ...names.map((name) => `gradient ${name}`), ...names.map((name) => `zeros ${name}`),
    "stopped at step", "stopped in layer", "stopped by", "scenario", "data", ...FIELDS.map(({ name }) => name),
    "device", "engine", "adapter", "software", ...Object.keys(origin),
  ];
  const lines = runs.flatMap((run, index) => {
    const { config, layers, record, diverged } = run;
    const ofRun = [
      diverged?.step, diverged?.layer, diverged?.what, scenario, data, ...FIELDS.map(({ name }) => wordOf(config[name])),
      device?.kind, device?.engine, device?.adapter, device?.software, ...Object.values(origin),
    ];
    if (!record.columns) return [[index + 1, ...Array(7 + 2 * names.length).fill(undefined), ...ofRun]]; // it stopped at its first step
    return Array.from({ length: record.columns }, (_, column) => {
      const { step, steps, loss, accuracy, gradients, zeros } = columnOf(run, column);
      const test = newestTest(run, column);
      const byName = (/** @type {(number | null)[]} */ values) => names.map((name) => values[layers.indexOf(name)]);
      return [index + 1, step, steps, loss, accuracy, test?.step, test && plain(test.loss), test && plain(test.accuracy), ...byName(gradients), ...byName(zeros), ...ofRun];
    });
  });
  return [head, ...lines];
}

/**
 * @param {Pick<Run, "record" | "tests">} run
 * @param {number} column
 * @returns {import("../state.js").Test | undefined} the newest test at one of the column's steps
 */
const newestTest = ({ record, tests }, column) => tests.filter(({ step }) => step >= record.firstOf(column) && step <= record.lastOf(column)).at(-1);

/**
 * @param {Pick<Lab, "scenario" | "runs">} lab
 * @param {Origin} origin
 * @param {string} ending
 */
export const fileName = ({ scenario, runs }, { date }, ending) => `convscope-lab-${scenario}-seed${runs[0].config.seed}-${date.replace(/\W/g, "").slice(0, 13)}.${ending}`;
