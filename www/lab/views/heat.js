// @ts-check
import { subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { HEAT_TITLE, heatBeyond, heatCaption, pictureOf, pixelsOf } from "../pure/heat.js";
import { shownLayers } from "../pure/layers.js";
import { gradientSpan } from "../pure/scales.js";
import { powerOfTen, runName } from "../pure/words.js";

/**
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("../pure/scales.js").Span} Span
 */

const MOST_COLUMNS = 600;
const NUMBERS = 5; // of the legend, about

/** The heat map of each run: its layers down, its steps across. */
export function showHeat() {
  const list = element("lab-heats", HTMLDivElement);
  const legend = element("lab-legend", HTMLCanvasElement);
  const numbers = element("lab-legend-numbers", HTMLParagraphElement);
  const [caption, note] = [element("lab-heat-caption", HTMLParagraphElement), element("lab-heat-note", HTMLParagraphElement)];
  write(element("lab-heat-title", HTMLHeadingElement), HEAT_TITLE);
  draw(legend, { columns: legend.width, norms: Float32Array.from({ length: legend.width }, (_, i) => i), zeros: new Float32Array(legend.width) }, [0], { low: 0, high: legend.width - 1 });

  /** @type {{ runs: Run[] | null, parts: ReturnType<typeof partOf>[], drawn: number, numbers: string }} */
  const shown = { runs: null, parts: [], drawn: -1, numbers: "" };
  subscribe(({ view, lab: { runs, drawn } }) => {
    if (view !== "lab" || (drawn === shown.drawn && runs === shown.runs)) return;
    shown.drawn = drawn;
    if (runs !== shown.runs) {
      shown.parts = runs.map((run, i) => partOf(run, runs.length > 1 ? i : null));
      list.replaceChildren(...(runs.length ? shown.parts.map(({ whole }) => whole) : [make("p", { className: "note lab-empty", textContent: "Nothing has been trained yet." })]));
      shown.runs = runs;
    }
    const span = gradientSpan(runs);
    for (const [i, { record, layers }] of runs.entries()) {
      const { canvas, first, last } = shown.parts[i];
      if (!record.columns) continue;
      draw(canvas, pictureOf(record, MOST_COLUMNS), shownLayers(layers).order, span);
      write(first, "step 1");
      write(last, `step ${record.steps}`);
    }
    const beyond = heatBeyond(runs, span);
    write(caption, heatCaption(runs, MOST_COLUMNS));
    write(note, beyond.note);
    const text = [span.low, span.high, beyond.below, beyond.above].join(" ");
    if (text !== shown.numbers) numbers.replaceChildren(...numbersOf(span, beyond));
    shown.numbers = text;
  });
}

/**
 * @param {Span} span
 * @param {{ below: boolean, above: boolean }} beyond whether an end also stands for what lies beyond it
 */
function numbersOf({ low, high }, { below, above }) {
  const every = Math.max(1, Math.round((high - low) / (NUMBERS - 1)));
  const exponents = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => high - i * every).reverse();
  if (exponents[0] !== low) exponents[0] = low; // both ends have a number
  return exponents.map((exponent) => {
    const sign = exponent === low && below ? "≤ " : exponent === high && above ? "≥ " : "";
    const number = make("span", { textContent: sign + powerOfTen(exponent) });
    number.style.left = `${((exponent - low) / (high - low)) * 100}%`;
    return number;
  });
}

/**
 * @param {Run} run
 * @param {number | null} index null where there is one run
 */
function partOf({ layers }, index) {
  const { names, main } = shownLayers(layers);
  const canvas = make("canvas", { width: 1, height: layers.length });
  canvas.setAttribute("role", "img");
  const name = index === null ? "" : runName(index);
  canvas.setAttribute("aria-label", `${name || "The run"}: the gradient norms of ${layers.length} layers, step by step`);
  canvas.setAttribute("aria-describedby", "lab-heat-caption lab-heat-note");
  const [first, last] = [make("span"), make("span")];
  const heads = names.length - main;
  const rows = make("div", { className: "lab-heat-names" }, make("span", { textContent: names[0] }), make("span", { textContent: heads ? `${names[main - 1]}, then ${names.slice(main).join(", ")}` : names[main - 1] }));
  const whole = make("div", { className: "lab-heat" }, make("div", { className: "lab-heat-picture" }, rows, canvas), make("p", { className: "lab-heat-steps" }, first, last));
  if (name) whole.prepend(make("p", { className: `lab-name ${index ? "second" : "first"}`, textContent: name }));
  return { whole, canvas, first, last };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("../pure/heat.js").Picture} picture
 * @param {number[]} order
 * @param {Span} span
 */
function draw(canvas, picture, order, span) {
  if (canvas.width !== picture.columns) canvas.width = picture.columns;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true })); // its pixels are written thirty times a second
  context.putImageData(new ImageData(pixelsOf(picture, order, span), picture.columns, order.length), 0, 0);
}
