// @ts-check
import { drawStrokes } from "../../pure/canvas.js";
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { followPen } from "../../views/pad.js";
import { wholePercent } from "../pure/words.js";

/** @typedef {import("../state.js").Run} Run */

const CLASSES = 10;

/** A drawing, and what the runs take it for. @param {(strokes: import("../../pure/canvas.js").Point[][]) => void} onDrawing */
export function showPad(onDrawing) {
  const [lab, panel] = ["lab", "lab-pad-panel"].map((id) => element(id, HTMLElement));
  const pad = element("lab-pad", HTMLCanvasElement);
  const [hint, readHint] = [element("lab-pad-hint", HTMLParagraphElement), element("lab-read-hint", HTMLParagraphElement)];
  const readings = element("lab-readings", HTMLDivElement);
  const clear = element("lab-clear", HTMLButtonElement);
  followPen(pad, () => state.strokes, onDrawing);
  clear.addEventListener("click", () => onDrawing([]));

  /** @type {{ strokes: unknown, runs: Run[] | null, drawn: number, bars: HTMLElement[][] }} */
  const shown = { strokes: null, runs: null, drawn: -1, bars: [] };
  subscribe(({ view, strokes, lab: { settings, data, runs, drawn } }) => {
    if (view !== "lab") return;
    lab.dataset.family = settings?.family ?? ""; // where the pad stands
    panel.hidden = data !== "mnist";
    if (strokes !== shown.strokes) drawStrokes(pad, strokes);
    else if (drawn === shown.drawn && runs === shown.runs) return;
    shown.strokes = strokes;
    shown.drawn = drawn;
    hint.hidden = strokes.length > 0;
    clear.disabled = !strokes.length;
    const isRead = strokes.length > 0 && runs.some(({ read }) => read.length);
    readHint.hidden = isRead;
    readings.hidden = !isRead;
    if (runs !== shown.runs) {
      const parts = runs.map((_, i) => readingOf(runs.length > 1 ? i : null));
      readings.replaceChildren(...parts.map(({ whole }) => whole));
      shown.bars = parts.map(({ rows }) => rows);
      shown.runs = runs;
    }
    for (const [i, { read }] of runs.entries()) showReading(shown.bars[i], read);
    const best = runs.map(({ read }) => read[0]?.label).filter(Boolean).join(" and as ");
    pad.setAttribute("aria-label", strokes.length ? `Drawing pad${best ? `, read as ${best}` : ""}` : "Drawing pad, empty. It needs a pointer.");
  });
}

/** @param {number | null} index null where there is one run */
function readingOf(index) {
  const rows = Array.from({ length: CLASSES }, () => {
    const bar = make("div", { className: "bar" });
    return make("li", {}, make("span", { className: "label" }), bar, make("span", { className: "probability" }));
  });
  const whole = make("div", {}, make("ol", { className: "lab-classes" }, ...rows));
  if (index !== null) whole.prepend(make("p", { className: `lab-name ${index ? "second" : "first"}`, textContent: index ? "Second run" : "First run" }));
  return { whole, rows };
}

/**
 * @param {HTMLElement[]} rows one for each class, in the order of the classes
 * @param {import("../state.js").Prediction[]} read
 */
function showReading(rows, read) {
  for (const { index, label, probability } of read) {
    const [name, bar, number] = /** @type {HTMLElement[]} */ ([...rows[index].children]);
    write(name, label);
    bar.style.setProperty("--share", String(probability));
    write(number, wholePercent(probability));
    rows[index].classList.toggle("best", read[0].index === index);
  }
}
