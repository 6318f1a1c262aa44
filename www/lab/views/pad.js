// @ts-check
import { NO_INK } from "../../pure/answers.js";
import { drawStrokes } from "../../pure/canvas.js";
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { followPen } from "../../views/pad.js";
import { percent } from "../../pure/text.js";
import { classesNow, readHint } from "../pure/readings.js";
import { runName } from "../pure/words.js";
import { onUse, setUsable } from "./usable.js";

/** @typedef {import("../state.js").Run} Run */

const CLASSES = 10;

/** A drawing, and what the runs take it for. @param {(strokes: import("../../pure/canvas.js").Point[][]) => void} onDrawing */
export function showPad(onDrawing) {
  const [whole, panel] = ["lab", "lab-pad-panel"].map((id) => element(id, HTMLElement));
  const pad = element("lab-pad", HTMLCanvasElement);
  const [hint, noReading] = [element("lab-pad-hint", HTMLParagraphElement), element("lab-read-hint", HTMLParagraphElement)];
  const readings = element("lab-readings", HTMLDivElement);
  const clear = element("lab-clear", HTMLButtonElement);
  followPen(pad, () => state.strokes, onDrawing);
  onUse(clear, () => onDrawing([]));

  /** @type {{ strokes: unknown, runs: Run[] | null, signature: string, parts: ReturnType<typeof readingOf>[] }} */
  const shown = { strokes: null, runs: null, signature: "", parts: [] };
  subscribe(({ view, strokes, lab }) => {
    if (view !== "lab") return;
    const { settings, data, runs, drawn, phase, readTrouble } = lab;
    whole.dataset.family = settings?.family ?? ""; // where the pad stands
    panel.hidden = data !== "mnist";
    const signature = [drawn, phase, readTrouble].join(" ");
    if (strokes !== shown.strokes) drawStrokes(pad, strokes);
    else if (signature === shown.signature && runs === shown.runs) return;
    shown.strokes = strokes;
    shown.signature = signature;
    hint.hidden = strokes.length > 0;
    setUsable(clear, strokes.length > 0);
    if (runs !== shown.runs) {
      shown.parts = runs.map((_, i) => readingOf(runs.length > 1 ? i : null));
      readings.replaceChildren(...shown.parts.map(({ whole }) => whole));
      shown.runs = runs;
    }
    const all = runs.map((run) => classesNow(lab, run, strokes));
    const areRead = runs.map(({ reading }) => strokes.length > 0 && reading?.of === strokes);
    for (const [i, classes] of all.entries()) showReading(shown.parts[i], classes, runs[i].diverged !== null, areRead[i]);
    const isRead = all.some((classes) => classes.length) || areRead.includes(true);
    readings.hidden = !isRead;
    noReading.hidden = isRead && !readTrouble;
    write(noReading, readHint(lab, strokes));
    const best = all.map(([first]) => first?.label).filter(Boolean).join(" and as ");
    pad.setAttribute("aria-label", strokes.length ? `Drawing pad${best ? `, read as ${best}` : ""}` : "Drawing pad, empty. It needs a pointer.");
  });
}

/** @param {number | null} index null where there is one run */
function readingOf(index) {
  const rows = Array.from({ length: CLASSES }, () => {
    const bar = make("div", { className: "bar" });
    return make("li", {}, make("span", { className: "label" }), bar, make("span", { className: "probability" }));
  });
  const list = make("ol", { className: "lab-classes" }, ...rows);
  const note = make("p", { className: "note" });
  const whole = make("div", {}, note, list);
  if (index !== null) whole.prepend(make("p", { className: `lab-name ${index ? "second" : "first"}`, textContent: runName(index) }));
  return { whole, list, note, rows };
}

/**
 * @param {ReturnType<typeof readingOf>} part its rows are in the order of the classes
 * @param {import("../state.js").Prediction[]} classes the most probable one first; none where it has not read the drawing
 * @param {boolean} hasStopped
 * @param {boolean} isRead whether it has read the drawing as it is
 */
function showReading({ list, note, rows }, classes, hasStopped, isRead) {
  list.hidden = !classes.length;
  note.hidden = classes.length > 0;
  write(note, hasStopped ? "It has stopped, so that it cannot be asked." : isRead ? NO_INK : "It has not read the drawing yet.");
  for (const { index, label, probability } of classes) {
    const [name, bar, number] = /** @type {HTMLElement[]} */ ([...rows[index].children]);
    write(name, label);
    bar.style.setProperty("--share", String(probability));
    write(number, percent(probability, 0));
    rows[index].classList.toggle("best", classes[0].index === index);
  }
}
