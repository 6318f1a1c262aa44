// @ts-check
import { megabytes } from "../../../pure/text.js";
import { allElements, bytesOf, peakElements } from "./activations.js";

/**
 * What of a network's memory is shown as bars, one below the other on one scale.
 *
 * @typedef {import("./activations.js").Bits} Bits
 * @typedef {import("../../state.js").Layer} Layer
 * @typedef {import("../../../pure/memory.js").Memory} Memory
 * @typedef {import("../../../../pkg/convscope.js").Card} Card
 *
 * @typedef {{ name: "training" | "outputs" | "peak" | "engine" | "parameters", label: string, note: string, bytes: number | null }} Bar bytes null: it is not known
 */

const whole = new Intl.NumberFormat("en");

/**
 * @param {Layer[]} layers
 * @param {Pick<Card, "input" | "parameters">} card
 * @param {{ batch: number, bits: Bits }} choice
 * @param {Memory | null} memory of the engine
 * @param {string} engineNote what the engine's figure is
 * @returns {Bar[]}
 */
export function barsOf(layers, { input, parameters }, { batch, bits }, memory, engineNote) {
  const outputs = allElements(layers);
  const peak = peakElements(layers, input.channels * input.height * input.width);
  const pictures = batch === 1 ? "one picture" : `${batch} pictures`;
  return [
    {
      name: "training",
      label: "Training: every output, and as much again for gradients",
      note: bits === 8 ? "Not shown for 8 bits: gradients need more." : "The backward pass needs every output, so none can be dropped before it.",
      bytes: bits === 8 ? null : 2 * bytesOf(outputs, bits, batch),
    },
    { name: "outputs", label: "All layers' outputs together", note: `${whole.format(outputs)} elements for each of ${pictures}, ${bits} bits each.`.replace("for each of one picture", "for one picture"), bytes: bytesOf(outputs, bits, batch) },
    { name: "peak", label: "Prediction only: the most that is needed at one time", note: `While ${peak.layer} runs: what it reads, what it writes, and what a later layer still reads.`, bytes: bytesOf(peak.elements, bits, batch) },
    { name: "engine", label: "What the engine allocates here for one picture", note: engineNote, bytes: memory?.activationBytes ?? null },
    { name: "parameters", label: "Beside it, the parameters", note: `${whole.format(parameters)} of ${bits} bits, however many pictures there are.`, bytes: bytesOf(parameters, bits) },
  ];
}

/**
 * What the reuse of buffers saves.
 * @param {Layer[]} layers
 * @param {Memory} memory
 */
export function reuseText(layers, { activationBytes }) {
  const all = bytesOf(allElements(layers), 32);
  if (activationBytes >= all) return `For one picture, all outputs are ${megabytes(all)} in single precision. The engine takes ${megabytes(activationBytes)}: buffers are used again, but scratch memory of the kernels and zeros at the borders weigh more here.`;
  return `For one picture, all outputs are ${megabytes(all)} in single precision. The engine uses buffers again as soon as no layer reads them any more, and takes ${megabytes(activationBytes)}, ${Math.round((activationBytes / all) * 100)}\u00a0% of that, with the zeros at the borders and the kernels' scratch memory.`;
}

/**
 * Our count beside a published one.
 * @param {Layer[]} layers
 * @param {Card["input"]} input
 * @param {{ source: string, elements: number }} published
 */
export function beside(layers, input, { source, elements }) {
  const own = allElements(layers);
  const withInput = own + input.channels * input.height * input.width;
  const million = (/** @type {number} */ count) => `${(count / 1e6).toFixed(1)} million`;
  return `${source} teaches about ${Math.round(elements / 1e6)} million elements, ${Math.round(bytesOf(elements, 32) / 1e6)}\u00a0MB forward, for this network. Here it is ${million(own)}, ${megabytes(bytesOf(own, 32))}, or ${million(withInput)} with the input. The rows of the course's own table add up to the latter; its total is larger than their sum.`;
}
