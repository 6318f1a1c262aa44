// @ts-check
import { sentenceOf } from "../../pure/failure.js";
import { state, subscribe } from "../../state.js";
import { chartScale } from "../../views/chartScale.js";
import { element, make, write } from "../../views/page.js";
import { KINDS } from "../pure/charts.js";
import { drawingOf } from "./chartDrawing.js";
import { toPng, toSvg } from "./chartFile.js";
import { saveBlob } from "../../views/saveBlob.js";

/**
 * @typedef {import("../pure/chartParts.js").Kind} Kind
 * @typedef {import("../pure/chartParts.js").Chart} Chart
 * @typedef {import("../pure/chartParts.js").Plot} Plot
 */

const section = element("charts", HTMLElement);
const trouble = element("charts-trouble", HTMLParagraphElement);
const again = element("charts-again", HTMLButtonElement);
const list = element("charts-list", HTMLDivElement);
const overlay = element("charts-overlay", HTMLInputElement);
const overlaying = element("charts-overlaying", HTMLLabelElement);

const TEXT = 12; // pixels, where charts are not drawn larger
const LEAST = 300; // pixels of width below which a chart is scaled down

const drawn = { signature: "" };

/** @param {() => void} onAgain their library, which did not come, is wanted again */
export function showCharts(onAgain) {
  again.addEventListener("click", onAgain);
  overlay.addEventListener("change", () => follow(state));
  new ResizeObserver(() => follow(state)).observe(section);
  addEventListener("resize", () => follow(state)); // the size of the text may change where the width does not
  subscribe(follow);
}

/** @param {import("../../state.js").State} state */
async function follow({ view, cards, compare: { tab, run, result, sender, plot, plotTrouble } }) {
  section.hidden = view !== "compare" || tab !== "benchmark" || run !== null; // drawing would disturb the clock
  if (section.hidden) return;
  overlaying.hidden = !result && !sender;
  const width = Math.floor(list.clientWidth);
  again.hidden = !plotTrouble;
  if (plotTrouble) write(trouble, `The charts cannot be drawn. ${plotTrouble}`);
  const signature = JSON.stringify([width, textSize(), cards.length, overlay.checked, result?.date, result?.rows.length, result?.rows[0]?.median, sender?.date, sender?.rows.length]);
  if (!plot || signature === drawn.signature || !width) return;
  drawn.signature = signature;
  try {
    for (const kind of KINDS) {
      await new Promise((resolve) => setTimeout(resolve)); // each chart in a task of its own: the page stays quick
      if (signature !== drawn.signature || state.compare.run) return;
      const given = { own: (result ?? sender)?.rows ?? [], theirs: (result && sender?.rows) ?? [], cards, overlay: overlay.checked };
      show(kind, plot, given);
    }
    write(trouble, sender && !result ? "What the sender measured. Measure yourself, and both are shown." : "");
  } catch (error) {
    drawn.signature = "";
    write(trouble, `The charts cannot be drawn. ${sentenceOf(error)}`);
  }
}

/** @type {Map<string, HTMLElement>} */
const figures = new Map();

/**
 * @param {Kind} kind
 * @param {Plot} plot
 * @param {Omit<import("../pure/chartParts.js").Given, "width" | "font">} given
 */
function show(kind, plot, given) {
  const figure = figures.get(kind.name) ?? make("figure", { className: `panel chart ${kind.wide ? "wide" : ""}` });
  if (!figures.has(kind.name)) list.append(figure);
  figures.set(kind.name, figure);
  figure.hidden = false;
  const inner = Math.max(LEAST, roomIn(figure));
  const font = textSize();
  const chart = kind.draw(plot, { ...given, width: inner, font });
  figure.hidden = !chart;
  if (!chart) return;
  const { svg, legend, name } = drawingOf(plot, chart, inner, font);
  const id = `chart-${kind.name}-text`;
  svg.role = "img";
  svg.ariaLabel = kind.title;
  svg.setAttribute("aria-describedby", id);
  const text = make("p", { id, className: "note" });
  const save = (/** @type {string} */ textContent, /** @type {() => void} */ onclick) => make("button", { type: "button", className: "quiet", textContent, onclick });
  const size = svg.viewBox.baseVal;
  const content = () => toSvg(svg, kind.title, text.textContent ?? "");
  const open = figure.querySelector("details")?.open ?? false;
  figure.replaceChildren(
    make("figcaption", {}, make("h3", { textContent: kind.title })),
    ...legend,
    svg,
    text,
    make("div", { className: "chart-tools" },
      make("details", { open }, make("summary", { textContent: "Table" }), tableOf(kind, chart)),
      save("SVG", () => saveBlob(new Blob([content()], { type: "image/svg+xml" }), `${kind.name}.svg`)),
      save("PNG", async () => saveBlob(await toPng(content(), size.width, size.height), `${kind.name}.png`)),
    ),
  );
  const unnamed = name();
  text.textContent = chart.text + (unnamed ? ` There is no room for ${unnamed === 1 ? "one name" : `${unnamed} names`}: the table has all.` : "");
  for (const button of figure.querySelectorAll("button")) button.ariaLabel = `Save “${kind.title}” as ${button.textContent}`;
}

/** The width for what is in a figure. @param {HTMLElement} figure */
function roomIn(figure) {
  const { paddingLeft, paddingRight } = getComputedStyle(figure);
  return figure.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
}

/**
 * @param {Kind} kind
 * @param {Chart} chart
 */
function tableOf(kind, { head, rows }) {
  const cells = (/** @type {string[]} */ texts, /** @type {"th" | "td"} */ tag) => texts.map((textContent, i) => (tag === "th" || i === 0 ? make("th", { scope: tag === "th" ? "col" : "row", textContent }) : make("td", { textContent })));
  const table = make("table", {}, make("caption", { className: "unseen", textContent: kind.title }), make("thead", {}, make("tr", {}, ...cells(head, "th"))), make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row, "td")))));
  return make("div", { className: "scroll" }, table);
}

/** Height of the text in charts, in pixels. */
const textSize = () => Math.round(TEXT * chartScale());
