// @ts-check
import { subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { pixelsOf } from "../pure/heat.js";
import { shownLayers } from "../pure/layers.js";
import { decimated, gradientSpan, outside } from "../pure/scales.js";
import { beyondSentence, powerOfTen } from "../pure/words.js";

/** @typedef {import("../state.js").Run} Run */

const MOST_COLUMNS = 600;
const NUMBERS = 5; // of the legend, about

/** The heat map of each run: its layers down, its steps across. */
export function showHeat() {
  const list = element("lab-heats", HTMLDivElement);
  const legend = element("lab-legend", HTMLCanvasElement);
  const [numbers, note] = ["lab-legend-numbers", "lab-heat-note"].map((id) => element(id, HTMLParagraphElement));
  const span = { low: 0, high: 255 };
  draw(legend, { columns: 256, values: Float32Array.from({ length: 256 }, (_, i) => i) }, [0], span);

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
    const span = gradientSpan(runs.map(({ record }) => record));
    const beyond = { below: false, above: false };
    for (const [i, { record, layers }] of runs.entries()) {
      const { canvas, first, last } = shown.parts[i];
      if (!record.columns) continue;
      const picture = decimated(record, MOST_COLUMNS);
      const { below, above } = outside(picture.values, span);
      beyond.below ||= below;
      beyond.above ||= above;
      draw(canvas, picture, shownLayers(layers).order, span);
      write(first, "step 1");
      write(last, `step ${record.steps}`);
    }
    write(note, beyondSentence(beyond, span));
    const text = `${span.low} ${span.high}`;
    if (text !== shown.numbers) numbers.replaceChildren(...numbersOf(span));
    shown.numbers = text;
  });
}

/** @param {{ low: number, high: number }} span */
function numbersOf({ low, high }) {
  const every = Math.max(1, Math.round((high - low) / (NUMBERS - 1)));
  const exponents = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => low + i * every);
  return exponents.map((exponent) => {
    const number = make("span", { textContent: powerOfTen(exponent) });
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
  const name = index === null ? "" : index ? "Second run" : "First run";
  canvas.setAttribute("aria-label", `${name || "The run"}: the gradient norms of ${layers.length} layers, step by step`);
  const [first, last] = [make("span"), make("span")];
  const heads = names.length - main;
  const rows = make("div", { className: "lab-heat-names" }, make("span", { textContent: names[0] }), make("span", { textContent: heads ? `${names[main - 1]}, then ${names.slice(main).join(", ")}` : names[main - 1] }));
  const whole = make("div", { className: "lab-heat" }, make("div", { className: "lab-heat-picture" }, rows, canvas), make("p", { className: "lab-heat-steps" }, first, last));
  if (name) whole.prepend(make("p", { className: `lab-name ${index ? "second" : "first"}`, textContent: name }));
  return { whole, canvas, first, last };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{ columns: number, values: Float32Array }} picture
 * @param {number[]} order
 * @param {{ low: number, high: number }} span
 */
function draw(canvas, picture, order, span) {
  if (canvas.width !== picture.columns) canvas.width = picture.columns;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true })); // its pixels are written many times a second
  context.putImageData(new ImageData(pixelsOf(picture, order, span), picture.columns, order.length), 0, 0);
}
