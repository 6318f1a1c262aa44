// @ts-check
import { RANDOM } from "../../pure/entries.js";
import { deviceName } from "../../pure/text.js";
import { rowName } from "./results.js";

/**
 * What the charts of a result share. They are drawn with Observable Plot. Each comes with a table of its numbers and with a
 * sentence that says what it shows.
 *
 * @typedef {typeof import("@observablehq/plot")} Plot
 * @typedef {import("./results.js").Row} Row
 * @typedef {import("../../pure/entries.js").Card} Card
 *
 * @typedef {object} Given
 * @property {Row[]} own
 * @property {Row[]} theirs to set beside the own ones
 * @property {Card[]} cards for the networks' names
 * @property {number} width in pixels
 * @property {number} font size of the text in pixels
 * @property {boolean} overlay the years' chart has the measured inference below it
 *
 * @typedef {object} Dot a point, beside which there may be a name
 * @property {number} x in the units of the panel's scale
 * @property {number} y
 * @property {number} r in the units of the scale r where there is one, otherwise in pixels
 * @property {string} name empty for a point that only must not be covered
 *
 * @typedef {{ options: import("@observablehq/plot").PlotOptions, dots: Dot[] }} Panel
 * @typedef {{ domain: string[], range: string[] }} Colours
 * @typedef {{ panels: Panel[], colours: Colours, text: string, head: string[], rows: string[][] }} Chart panels: below one another; colours: with a legend where there are several
 * @typedef {{ name: string, title: string, wide: boolean, draw: (plot: Plot, given: Given) => Chart | null }} Kind null: nothing to show
 * @typedef {{ row: Row, name: string, series: string }} Point
 */

const NARROW = 47; // a chart is narrow where it is less wide than so many times its font size

const COLOURS = {
  CPU: "var(--chart-cpu)",
  "CPU, 8-bit": "var(--chart-int8)",
  WebGPU: "var(--chart-webgpu)",
  "WebGPU, f16": "var(--chart-f16)",
  "CPU, burn": "var(--chart-burn-cpu)",
  "WebGPU, burn": "var(--chart-burn-webgpu)",
};

export const INK = "var(--ink)";
export const HALO = { stroke: "var(--surface)", strokeWidth: 3 };

/** @param {Pick<Given, "width" | "font">} given */
export const isNarrow = ({ width, font }) => width < NARROW * font;

/**
 * @param {Row[]} rows
 * @param {Card[]} cards
 * @returns {Point[]}
 */
export const points = (rows, cards) => rows.map((row) => ({ row, name: rowName(row, cards), series: deviceName(row) }));

/** @param {Point} point */
export const isRandom = ({ row }) => row.variant === RANDOM;

/**
 * @param {Point[]} shown
 * @returns {Colours}
 */
export function coloursOf(shown) {
  const domain = Object.keys(COLOURS).filter((name) => shown.some(({ series }) => series === name));
  return { domain, range: domain.map((name) => COLOURS[/** @type {keyof typeof COLOURS} */ (name)]) };
}

/**
 * The points of networks, those with random weights hollow.
 * @param {Plot} plot
 * @param {Point[]} shown
 * @param {import("@observablehq/plot").DotOptions} options
 */
export function dotsOf(plot, shown, options) {
  return [
    plot.dot(shown.filter((point) => !isRandom(point)), { fill: "series", fillOpacity: 0.45, stroke: "series", ...options }),
    plot.dot(shown.filter(isRandom), { fill: "none", stroke: "series", strokeWidth: 1.5, ...options }),
  ];
}

/** @param {Point[]} shown */
export const hollowText = (shown) => (shown.some(isRandom) ? " Hollow points ran with random weights." : "");

/**
 * Of each network the point that has its name beside it: the quickest.
 * @param {Point[]} shown
 */
export function named(shown) {
  const quickest = new Map();
  for (const point of shown) {
    const found = quickest.get(point.name);
    if (!found || point.row.median < found.row.median) quickest.set(point.name, point);
  }
  return new Set(quickest.values());
}

/**
 * @template T, K
 * @param {T[]} values
 * @param {(value: T) => K} keyOf
 * @returns {Map<K, T[]>} in the order in which the keys are met
 */
export function groupedBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/**
 * The ends of a logarithmic scale, with room on both sides, also around a single value.
 * @param {number[]} values
 * @returns {[number, number]}
 */
export function logDomain(values) {
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const room = Math.max((most / least) ** 0.05, 1.15 / Math.sqrt(most / least), 1.04);
  return [least / room, most * room];
}

/** Digits of a scale's ticks, from sparse to dense. */
const DIGITS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]];

const FEWEST_TICKS = 3;

/**
 * Round numbers on a logarithmic scale: as many as there is room for. Of a scale so short that hardly any round number lies on
 * it, they are evenly spaced.
 * @param {[number, number]} domain
 * @param {number} most
 */
export function logTicks([least, high], most) {
  const ticksWith = (/** @type {number[]} */ digits) => {
    const found = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const digit of digits) {
        const value = Number((digit * 10 ** power).toPrecision(3));
        if (value >= least && value <= high) found.push(value);
      }
    }
    return found;
  };
  const ticks = DIGITS.map(ticksWith).filter(({ length }) => length <= most).at(-1) ?? [];
  if (ticks.length >= FEWEST_TICKS) return ticks;
  const even = evenTicks([least, high], most);
  return even.length > ticks.length ? even : ticks;
}

/**
 * @param {[number, number]} domain
 * @param {number} most
 * @returns {number[]} in the smallest round steps of which there is room for all
 */
function evenTicks([least, high], most) {
  const power = Math.floor(Math.log10((high - least) / most));
  const steps = [1, 2, 5, 10, 20, 50].map((digit) => digit * 10 ** power);
  const ticksOf = (/** @type {number} */ step) => {
    const first = Math.ceil(least / step);
    return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(6)));
  };
  return steps.map(ticksOf).find(({ length }) => length <= most) ?? [];
}

/**
 * The axis of a logarithmic scale, with its grid. Plot would leave out the labels of some ticks.
 * @param {Plot} plot
 * @param {"x" | "y"} name of the scale
 * @param {number[]} ticks
 * @param {string | null} label
 * @param {(value: number) => string} [format]
 */
export function logAxis(plot, name, ticks, label, format = String) {
  const options = { label, text: (/** @type {number} */ value) => format(value) };
  return name === "x" ? [plot.gridX(ticks), plot.axisX(ticks, options)] : [plot.gridY(ticks), plot.axisY(ticks, options)];
}

/** @param {number | null} share percent */
export const accuracyText = (share) => (share === null ? "–" : `${share.toFixed(1)} %`);

export const countFormat = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });

/** @param {string[]} names */
export const listOf = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
