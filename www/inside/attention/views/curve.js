// @ts-check
import { percent } from "../../../pure/text.js";
import { make, write } from "../../../views/page.js";
import { linePoints, topOf, verdictOf } from "../pure/deletion.js";

/**
 * A deletion curve: its verdict, its chart and its numbers.
 *
 * @typedef {import("../../../../pkg/convscope.js").DeletionCurve} DeletionCurve
 */

const SIZE = { width: 330, height: 200 };
const BOX = { left: 44, top: 12, width: 278, height: 146 };

export function curveFigure() {
  const verdict = make("p", { className: "attention-verdict" });
  const chart = make("div", { className: "chart attention-chart" });
  const table = make("table");
  const root = make("div", { className: "attention-curve", hidden: true }, verdict, chart, make("details", {}, make("summary", { textContent: "Its numbers" }), make("div", { className: "scroll" }, table)));
  /** @type {{ curve: DeletionCurve | null }} */
  const shown = { curve: null };

  /** @param {DeletionCurve | null} curve */
  function update(curve) {
    root.hidden = !curve;
    if (!curve || curve === shown.curve) return;
    shown.curve = curve;
    write(verdict, verdictOf(curve));
    chart.replaceChildren(chartOf(curve));
    fillTable(table, curve);
  }

  return { root, update };
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** @param {DeletionCurve} curve */
function chartOf(curve) {
  const { shares, hottest, random } = curve;
  const top = topOf(curve);
  const x = (/** @type {number} */ share) => BOX.left + share * BOX.width;
  const y = (/** @type {number} */ value) => BOX.top + (1 - value / top) * BOX.height;
  const across = [0, top / 2, top].flatMap((value) => [
    svg("line", { class: "grid", x1: BOX.left, x2: BOX.left + BOX.width, y1: y(value), y2: y(value) }),
    svg("text", { x: BOX.left - 6, y: y(value) + 4, "text-anchor": "end" }, `${Math.round(value * 100)}\u00a0%`),
  ]);
  const along = [0, 0.5, 1].map((share) => svg("text", { x: x(share), y: BOX.top + BOX.height + 17, "text-anchor": share ? (share === 1 ? "end" : "middle") : "start" }, `${share * 100}\u00a0%`));
  const last = random.length - 1;
  return svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", "aria-label": "Probability of the class while squares are blurred away, the hottest first and in random order" },
    ...across,
    ...along,
    svg("text", { x: x(0.5), y: SIZE.height - 6, "text-anchor": "middle" }, "share of the input that is blurred"),
    svg("polyline", { class: "random", points: linePoints(shares, random, top, BOX) }),
    svg("polyline", { class: "hottest", points: linePoints(shares, hottest, top, BOX) }),
    svg("text", { class: "random", x: x(1), y: y(top) + 14, "text-anchor": "end" }, "┄ random order"),
    svg("text", { class: "hottest", x: x(1), y: y(top) + 30, "text-anchor": "end" }, "━ the hottest first"),
    svg("title", {}, `From ${percent(hottest[0])} down to ${percent(hottest[last])} and ${percent(random[last])}`));
}

/**
 * @param {HTMLTableElement} table
 * @param {DeletionCurve} curve
 */
function fillTable(table, { shares, hottest, random }) {
  const head = make("tr", {}, ...["Blurred", "Hottest first", "Random order"].map((text) => make("th", { scope: "col", textContent: text })));
  const rows = shares.map((share, i) => make("tr", {}, make("th", { scope: "row", textContent: percent(share) }), ...[hottest[i], random[i]].map((value) => make("td", { textContent: percent(value) }))));
  table.replaceChildren(make("caption", { textContent: "Probability of the class" }), make("thead", {}, head), make("tbody", {}, ...rows));
}
