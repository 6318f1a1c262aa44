// @ts-check
import { blockKind, longName, shapeText } from "../pure/kinds.js";
import { bytes, sumOf } from "../pure/measures.js";
import { milliseconds } from "../../../pure/text.js";
import { element, make } from "../../../views/page.js";
import { termed } from "../../../views/terms.js";

/**
 * The numbers of a layer or of a block.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../pure/measures.js").Times} Times
 * @typedef {{ network: string, row: import("../pure/blocks.js").Row, repeat: { turn: number, of: number }, layer: Layer | null, times: Times }} Subject layer: null for the whole row
 */

const whole = new Intl.NumberFormat("en");
const HINT = "Choose a layer to see its numbers. Choosing a block opens it. On a keyboard, the arrow keys go along the lines, and Enter opens a block.";

/**
 * @param {Subject | null} subject
 * @param {() => void} onClosed
 */
export function showPanel(subject, onClosed) {
  const panel = element("diagram-panel", HTMLElement);
  panel.classList.toggle("empty", !subject);
  if (!subject) return panel.replaceChildren(make("p", { className: "hint", textContent: HINT }));
  const { network, row, repeat, layer, times } = subject;
  const close = make("button", { type: "button", className: "quiet close", textContent: "×", ariaLabel: "Close", onclick: onClosed });
  const facts = layer ? ofLayer(layer, times) : ofBlock(row, repeat, times);
  panel.replaceChildren(
    make("header", {}, make("div", {}, make("h3", { textContent: layer?.name ?? row.name }), make("p", { textContent: `${layer ? longName(layer) : blockKind(row.layers)}, ${network}` })), close),
    make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, termed(name)), make("dd", { textContent: value })])),
  );
}

/**
 * @param {Layer} layer
 * @param {Times} times
 * @returns {[string, string][]}
 */
function ofLayer(layer, times) {
  const { kernel, stride, groups, inputs, outputShape, activationFunction, receptiveField } = layer;
  return [
    ["Output", shapeText(outputShape)],
    ...(kernel ? /** @type {[string, string][]} */ ([["Kernel, stride", `${kernel}×${kernel}, ${stride}`]]) : []),
    ...(groups && groups > 1 ? /** @type {[string, string][]} */ ([["Groups", whole.format(groups)]]) : []),
    ...(activationFunction ? /** @type {[string, string][]} */ ([["Activation function", activationFunction]]) : []),
    ...sumsOf([layer], times),
    ["Receptive field", `${receptiveField}×${receptiveField}`],
    ["Reads", inputs.join(", ")],
  ];
}

/**
 * @param {import("../pure/blocks.js").Row} row
 * @param {Subject["repeat"]} repeat
 * @param {Times} times
 * @returns {[string, string][]}
 */
function ofBlock({ layers, first, last, output }, { turn, of }, times) {
  return [
    ["Output", shapeText(output.outputShape)],
    ["Layers", `${first}–${last} (${layers.length})`],
    ...(of > 1 ? /** @type {[string, string][]} */ ([["Equal blocks", `${turn} of ${of}`]]) : []),
    ...sumsOf(layers, times),
    ["Receptive field", `${output.receptiveField}×${output.receptiveField}`],
  ];
}

/**
 * @param {Layer[]} layers
 * @param {Times} times
 * @returns {[string, string][]}
 */
function sumsOf(layers, times) {
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  return [
    ["Parameters", whole.format(sumOf(layers, "parameters", times))],
    ["Multiply–accumulates", whole.format(macs)],
    ["Memory", bytes(sumOf(layers, "memory", times))],
    ["Time", timeText(layers, times)],
  ];
}

/**
 * @param {Layer[]} layers
 * @param {Times} times
 */
function timeText(layers, times) {
  const measured = layers.flatMap(({ name }) => times.get(name) ?? []);
  if (!measured.length) return "not measured";
  const by = measured.length === 1 ? measured[0].computedBy : null;
  return by ? `computed with ${by}` : milliseconds(sumOf(layers, "time", times));
}
