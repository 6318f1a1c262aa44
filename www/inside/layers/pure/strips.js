// @ts-check
import { kindOf } from "./kinds.js";

/**
 * The strips: what each layer has of the parameters, of the multiply–accumulates, of the memory and of the time, as columns over
 * the same layers. A strip's drawing is as many units wide as there are layers, and HEIGHT units high.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./kinds.js").Kind} Kind
 * @typedef {"parameters" | "activation" | "macs" | "time"} StripName
 *
 * @typedef {object} Strip
 * @property {StripName} name
 * @property {string} label
 * @property {(row: Row) => number} value
 */

/** @type {Strip[]} */
export const STRIPS = [
  { name: "parameters", label: "Parameters", value: ({ layer }) => layer.parameters },
  { name: "activation", label: "Memory of activations", value: ({ layer }) => layer.activationBytes },
  { name: "macs", label: "Multiply–accumulates", value: ({ layer }) => layer.macs },
  { name: "time", label: "Time", value: ({ milliseconds }) => milliseconds ?? 0 },
];

export const HEIGHT = 100;
const GAP = 0.12; // of a layer's width

/**
 * @param {Row[]} rows
 * @param {Strip["value"]} value
 */
export const largest = (rows, value) => rows.reduce((most, row) => Math.max(most, value(row)), 0);

const LOW = 0.05; // share of a strip's height below which a column is hardly seen

/**
 * What to do where a network is so small that on a scale that it shares with a larger one nothing of it is seen.
 * @param {{ name: string, rows: Row[] }[]} networks
 * @returns {string} empty where all are seen
 */
export function scaleAdvice(networks) {
  const all = networks.flatMap(({ rows }) => rows);
  const low = networks.filter(({ rows }) => STRIPS.every(({ value }) => largest(rows, value) <= LOW * largest(all, value)));
  return low.length ? `On the same scale, ${low[0].name} is too small to be seen: turn “Same scale” off, and each network has a scale of its own.` : "";
}

/**
 * @param {Row[]} rows
 * @param {Strip["value"]} value
 * @param {number} top the value of a column as high as the strip
 * @returns {Map<Kind, string>} the outline of the columns of each kind, as an SVG path has it
 */
export function columns(rows, value, top) {
  /** @type {Map<Kind, string>} */
  const paths = new Map();
  rows.forEach((row, index) => {
    const height = top ? (value(row) / top) * HEIGHT : 0;
    if (!height) return;
    const kind = kindOf(row);
    const [left, right, y] = [index + GAP / 2, index + 1 - GAP / 2, HEIGHT - height].map((number) => Number(number.toFixed(3)));
    paths.set(kind, `${paths.get(kind) ?? ""}M${left} ${HEIGHT}V${y}H${right}V${HEIGHT}Z`);
  });
  return paths;
}

/**
 * How many of the first layers have half of the total.
 * @param {Row[]} rows
 * @param {Strip["value"]} value
 * @returns {number} 0 where there is nothing
 */
export function firstHalf(rows, value) {
  const half = rows.reduce((sum, row) => sum + value(row), 0) / 2;
  let sum = 0;
  return half ? rows.findIndex((row) => (sum += value(row)) >= half) + 1 : 0;
}

/**
 * Neighbouring layers of one block.
 * @typedef {{ block: string, start: number, count: number }} Block "" for layers that stand alone
 *
 * @param {Row[]} rows
 * @returns {Block[]}
 */
export function blocksOf(rows) {
  /** @type {Block[]} */
  const blocks = [];
  rows.forEach(({ layer: { block } }, start) => {
    const last = blocks.at(-1);
    if (last?.block === block) last.count++;
    else blocks.push({ block, start, count: 1 });
  });
  return blocks;
}

/**
 * What stands below the blocks. Long: where a block has the first part of its name in common with the one before it, the rest of it.
 * Short, for narrow charts: a block's number alone, as "1.0" of "layer1.0".
 * @param {Block[]} blocks
 */
export function labelsOf(blocks) {
  const part = (/** @type {string} */ block) => block.slice(0, block.lastIndexOf(".") + 1);
  let before = "";
  return blocks.map(({ block }) => {
    const isContinued = part(block) !== "" && part(block) === before;
    if (block) before = part(block);
    return { long: isContinued ? block.slice(before.length) : block, short: block.replace(/^[a-z]+\.?(?=\d)/, "") };
  });
}

/** The outline of every second block. @param {Block[]} blocks */
export function bands(blocks) {
  const named = blocks.filter(({ block }) => block);
  return named.filter((_, index) => index % 2 === 0).map(({ start, count }) => `M${start} 0H${start + count}V${HEIGHT}H${start}Z`).join("");
}

/**
 * @param {number} share of a strip's width, from 0 to 1
 * @param {number} count of layers
 */
export const indexAt = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
