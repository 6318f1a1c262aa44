// @ts-check
import { onePerPixel, place } from "./scales.js";

/**
 * Charts as the text of SVG, the same for the page and for the file.
 *
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {import("./scales.js").Point} Point
 *
 * @typedef {object} Series
 * @property {string} className
 * @property {"line" | "dots" | "spread"} kind
 * @property {Point[]} points as values
 * @property {number[]} [spread] half the height of each point's line, as values
 *
 * @typedef {object} Chart
 * @property {string} title
 * @property {Scale} x
 * @property {Scale} y
 * @property {string} xTitle
 * @property {string} yTitle with its unit
 * @property {Series[]} series
 *
 * @typedef {{ width: number, height: number }} Size
 */

export const LEFT = 46;
const RIGHT = 10;
const TOP = 24;
const BOTTOM = 34;

/** @param {string} text */
export const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const rounded = (/** @type {number} */ value) => String(Math.round(value * 10) / 10);

/**
 * @param {Chart} chart
 * @param {Size} size
 * @returns {{ axes: string, series: string }} what is inside of the svg element: the axes change seldom
 */
export function chartMarkup({ x, y, xTitle, yTitle, series }, { width, height }) {
  const [innerWidth, innerHeight] = [Math.max(1, width - LEFT - RIGHT), height - TOP - BOTTOM];
  const across = (/** @type {number} */ value) => LEFT + place(x, value) * innerWidth;
  const down = (/** @type {number} */ value) => TOP + (1 - Math.min(Math.max(place(y, value), 0), 1)) * innerHeight; // what the scale leaves out is drawn at its edge
  const rules = y.ticks.map(({ at, text }) => `<line class="rule" x1="${LEFT}" x2="${width - RIGHT}" y1="${rounded(down(at))}" y2="${rounded(down(at))}"/><text class="tick" x="${LEFT - 6}" y="${rounded(down(at) + 4)}" text-anchor="end">${escaped(text)}</text>`);
  const marks = spaced(x.ticks.filter(({ at }) => place(x, at) <= 1.0001 && place(x, at) >= -0.0001), across)
    .map(({ at, text }) => `<text class="tick" x="${rounded(across(at))}" y="${height - BOTTOM + 15}" text-anchor="middle">${escaped(text)}</text>`);
  const titles = `<text class="axis" x="0" y="11">${escaped(yTitle)}</text><text class="axis" x="${LEFT + innerWidth / 2}" y="${height - 4}" text-anchor="middle">${escaped(xTitle)}</text>`;
  const drawn = series.map((one) => seriesMarkup(one, across, down));
  return { axes: `${rules.join("")}${marks.join("")}${titles}`, series: drawn.join("") };
}

const LETTER = 7; // pixels, about

/**
 * The ticks whose texts do not touch.
 * @param {import("./scales.js").Tick[]} ticks
 * @param {(value: number) => number} across
 */
function spaced(ticks, across) {
  let free = -Infinity;
  return ticks.filter(({ at, text }) => {
    const half = (text.length * LETTER) / 2 + 3;
    if (across(at) - half < free) return false;
    free = across(at) + half;
    return true;
  });
}

/**
 * @param {Series} series
 * @param {(value: number) => number} across
 * @param {(value: number) => number} down
 */
function seriesMarkup({ className, kind, points, spread }, across, down) {
  const placed = points.map(({ x, y }, i) => ({ x: across(x), y: down(y), half: spread?.[i] ?? 0, value: y })).filter(({ y, half }) => Number.isFinite(y) && !Number.isNaN(half));
  switch (kind) {
    case "line":
      return `<path class="${className}" d="${onePerPixel(placed).map(({ x, y }, i) => `${i ? "L" : "M"}${rounded(x)} ${rounded(y)}`).join("")}"/>`;
    case "dots":
      return `<path class="${className}" d="${placed.map(({ x, y }) => `M${rounded(x)} ${rounded(y)}h0`).join("")}"/>`; // a line of no length, with round ends
    case "spread":
      return `<path class="${className}" d="${placed.map(({ x, half, value }) => `M${rounded(x)} ${rounded(down(value - half))}V${rounded(down(value + half))}`).join("")}"/>`;
  }
}
