// Runs of the gradient lab that nobody trained.
import { RunRecord } from "../../www/lab/record.js";

export const BASE = {
  family: "linear", depth: 20, width: 64, activation: "relu", initialisation: "he", batchNorm: false, dropout: 0, shortcuts: false, auxiliary: false,
  optimiser: "sgd", rate: 0.05, clipping: "none", batch: 32, seed: 1, digits: 6000,
};

/**
 * @param {number[][]} gradients of each step
 * @param {(step: number) => number} [loss] of the steps, counted from 1
 * @param {(step: number) => number} [accuracy]
 */
export function recordOf(gradients, loss = () => 1, accuracy = () => 0.5) {
  const record = new RunRecord(gradients[0].length);
  for (const [i, norms] of gradients.entries()) record.push({ loss: loss(i + 1), accuracy: accuracy(i + 1), gradients: norms });
  return record;
}

/** @param {number} steps @param {(step: number) => number[]} gradients @param {(step: number) => number} [loss] */
export const recordFor = (steps, gradients, loss) => recordOf(Array.from({ length: steps }, (_, i) => gradients(i + 1)), loss);

/** @param {RunRecord} record @param {string[]} [layers] @param {object} [more] */
export const runOf = (record, layers = Array.from({ length: record.layers }, (_, i) => `layer${i + 1}`), more = {}) => ({ config: BASE, layers, record, observed: null, observedAt: 0, diverged: null, tests: [], read: [], ...more });

/** A run that stopped after its last step. @param {RunRecord} record @param {object} [more] */
export const stopped = (record, more = {}) => runOf(record, undefined, { diverged: { step: record.steps + 1, layer: "layer1", what: "gradient" }, ...more });

/** @param {object[]} runs @param {object} [more] */
export const labOf = (runs, more = {}) => ({ scenario: "vanishing", book: null, data: "mnist", runs, device: null, change: null, logLoss: false, logSteps: false, ...more });
