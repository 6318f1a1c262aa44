// @ts-check
import { isFlat } from "../pure/layers.js";
import { inkOf, isSigned, pictureOf, sizeOf, stripOf, strongestOf } from "../pure/maps.js";
import { slices } from "../pure/pages.js";
import { state, subscribe } from "../../../state.js";
import { element, make } from "../../../views/page.js";
import { bar, fillBar } from "./bars.js";
import { put } from "./canvas.js";
import { Painter } from "./painter.js";
import { layersOf, namesOf, seenIn } from "./shown.js";

/**
 * All layers from left to right, as in figure 2 of LeNet-5's paper: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998.
 *
 * @typedef {import("../pure/layers.js").Layer} Layer
 * @typedef {import("../pure/maps.js").Maps} Maps
 * @typedef {{ name: string, shape: number[], place: HTMLElement }} Stage a layer, and where it is drawn
 */

const MOST_IN_COLUMN = 8;

/** @param {(opened: { layer: string, channel: number }) => void} onOpen */
export function showAllLayers(onOpen) {
  const all = element("features-all", HTMLDivElement);
  const painter = new Painter();
  /** @type {{ layers: Layer[] | null, stages: Stage[], seen: unknown, classes: unknown }} */
  const shown = { layers: null, stages: [], seen: null, classes: null };
  all.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button");
    if (button) onOpen({ layer: button.name, channel: Number(button.value) });
  });
  subscribe((state) => {
    const seen = seenIn(state);
    const { labels, inside: { key, features: { opened } } } = state;
    const classes = labels[key];
    all.hidden = !seen || seen.layer !== null;
    if (!seen || seen.layer !== null) return;
    if (shown.layers !== layersOf(state)) {
      shown.layers = layersOf(state);
      shown.stages = stagesOf(shown.layers, seen.maps.input.activation.shape);
      all.replaceChildren(...shown.stages.map(({ place }) => place));
    }
    if (shown.seen !== seen || shown.classes !== classes) {
      const { stages } = shown;
      painter.paint({ parts: slices(stages.length, 1, stages.length), paint: () => stages.forEach((stage) => paint(stage, seen.maps[stage.name])) });
    }
    Object.assign(shown, { seen, classes });
    for (const button of all.querySelectorAll("button")) button.setAttribute("aria-pressed", String(opened?.layer === button.name && opened.channel === Number(button.value)));
  });
}

/**
 * @param {Layer[]} layers
 * @param {number[]} input its shape
 * @returns {Stage[]}
 */
function stagesOf(layers, input) {
  const last = layers.at(-1);
  return [{ name: "input", shape: input, place: picture("input", input, "Input") }, ...layers.map((layer) => {
    const { name, outputShape: shape, kind } = layer;
    const place = layer === last ? answers(name, shape, kind) : isFlat(layer) ? picture(name, shape, kind) : maps(name, shape, kind);
    return { name, shape, place };
  })];
}

/**
 * As the paper names its layers: C1, 6@28×28.
 * @param {string} name
 * @param {number[]} shape
 * @param {string} kind
 */
function caption(name, [channels, height, width], kind) {
  const size = height * width === 1 ? String(channels) : channels === 1 ? `${width}×${height}` : `${channels}@${width}×${height}`;
  const made = make("figcaption", { title: kind }, make("b", { textContent: name.length < 3 ? name.toUpperCase() : name }), " ", make("span", { textContent: size }));
  return made;
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {string} kind
 */
function picture(name, shape, kind) {
  const [channels, , width] = shape;
  const canvas = make("canvas", { className: width === 1 ? "features-strip" : "features-input", ariaLabel: `${kind}, as colours` });
  canvas.setAttribute("role", "img");
  canvas.style.setProperty("--cells", String(channels));
  return make("figure", { className: "features-stage" }, caption(name, shape, kind), canvas);
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {string} kind
 */
function maps(name, shape, kind) {
  const [channels, , width] = shape;
  const buttons = Array.from({ length: channels }, (_, channel) => {
    const button = make("button", { type: "button", className: "features-map", name, value: String(channel) }, make("canvas", { className: "features-image" }));
    button.setAttribute("aria-label", `Layer ${name}, channel ${channel}`);
    return button;
  });
  const grid = make("div", { className: "features-column" }, ...buttons);
  grid.style.setProperty("--columns", String(Math.ceil(channels / MOST_IN_COLUMN)));
  grid.style.setProperty("--cells", String(width));
  return make("figure", { className: "features-stage" }, caption(name, shape, kind), grid);
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {string} kind
 */
function answers(name, shape, kind) {
  return make("figure", { className: "features-stage features-answers" }, caption(name, shape, kind), make("ol", {}, ...Array.from({ length: shape[0] }, bar)));
}

/**
 * @param {Stage} stage
 * @param {Maps} maps
 */
function paint({ name, shape, place }, maps) {
  const rows = place.querySelectorAll("li");
  const names = namesOf(state, name);
  const [greatest, signed] = [strongestOf(maps.extremes), isSigned(maps.extremes)];
  rows.forEach((row, i) => fillBar(row, names?.[i] ?? String(i), maps.activation.data[i], greatest, signed));
  if (rows.length) return;
  const canvases = place.querySelectorAll("canvas");
  if (name === "input") put(canvases[0], inkOf(maps), shape[2]);
  else if (sizeOf(maps.activation) === 1) put(canvases[0], stripOf(maps), 1);
  else canvases.forEach((canvas, channel) => put(canvas, pictureOf(maps, channel), shape[2]));
}
