// @ts-check
import { clipped, cropOf, fieldOf, mapOver, reachOf } from "../pure/geometry.js";
import { inkOf, kernelOf, pictureOf } from "../pure/maps.js";
import { fieldText, valueText } from "../pure/text.js";
import { state, subscribe } from "../../../state.js";
import { element, write } from "../../../views/page.js";
import { contextOf, put } from "./canvas.js";
import { cardIn, kernelsOf, layersOf, seenIn } from "./shown.js";

/**
 * One channel over the picture, and what its strongest unit sees.
 *
 * @typedef {import("../pure/geometry.js").Rectangle} Rectangle
 * @typedef {import("../state.js").Opened} Opened
 * @typedef {import("../state.js").Seen} Seen
 * @typedef {import("../../../state.js").Card} Card
 *
 * @typedef {object} DetailCalls
 * @property {() => void} onClose
 * @property {(by: -1 | 1) => void} onStep
 * @property {(opacity: number) => void} onOpacity
 */

const SIDE = 672; // of the large picture, in its own pixels: three for each of a usual input's

/** @param {DetailCalls} calls */
export function showDetail({ onClose, onStep, onOpacity }) {
  const detail = element("features-detail", HTMLElement);
  const name = element("features-detail-name", HTMLHeadingElement);
  const opacity = element("features-opacity", HTMLInputElement);
  const draw = drawing();
  element("features-detail-close", HTMLButtonElement).addEventListener("click", onClose);
  element("features-detail-previous", HTMLButtonElement).addEventListener("click", () => onStep(-1));
  element("features-detail-next", HTMLButtonElement).addEventListener("click", () => onStep(1));
  opacity.addEventListener("input", () => onOpacity(Number(opacity.value)));
  element("inside-features", HTMLElement).addEventListener("keydown", (event) => {
    if (detail.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    const isInput = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "Escape") onClose();
    else if (!isInput && event.key === "ArrowLeft") onStep(-1);
    else if (!isInput && event.key === "ArrowRight") onStep(1);
    else return;
    event.preventDefault();
  });

  /** @type {{ opened: Opened | null, seen: Seen | null, opacity: number, kernels: unknown }} */
  const shown = { opened: null, seen: null, opacity: 0, kernels: null };
  subscribe((state) => {
    const { opened, opacity: share, kernels } = state.inside.features;
    const seen = seenIn(state);
    const before = shown.opened;
    const visible = opened && seen?.maps[opened.layer] ? opened : null;
    detail.hidden = !visible;
    opacity.value = String(share);
    if (visible && seen && (before !== visible || shown.seen !== seen || shown.opacity !== share || shown.kernels !== kernels)) {
      write(name, `Channel ${visible.channel} of ${visible.layer}`);
      draw(visible, seen, share);
    }
    Object.assign(shown, { opened: visible, seen, opacity: share, kernels });
    if (visible && !before) name.focus();
    if (!visible && before && !opened) tileOf(before)?.focus();
  });
}

/**
 * The button that opens a channel, where its page is shown.
 * @param {Opened} opened
 */
function tileOf({ layer, channel }) {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (element("features-body", HTMLElement).querySelectorAll(".features-map"));
  return [...buttons].find((button) => Number(button.value) === channel && (!button.name || button.name === layer));
}

/** @returns {(opened: Opened, seen: Seen, opacity: number) => void} draws */
function drawing() {
  const over = element("features-over", HTMLCanvasElement);
  const patch = element("features-patch", HTMLCanvasElement);
  const strongest = element("features-strongest-text", HTMLParagraphElement);
  const note = element("features-detail-note", HTMLParagraphElement);
  const kernelBox = element("features-kernel-box", HTMLDivElement);
  const kernel = element("features-kernel", HTMLCanvasElement);
  const [input, map] = [document.createElement("canvas"), document.createElement("canvas")];
  over.width = over.height = SIDE;
  return (opened, seen, opacity) => {
    const card = cardIn(state);
    const layer = layersOf(state).find((other) => other.name === opened.layer);
    if (!card || !layer) return;
    const maps = seen.maps[opened.layer];
    const [, height, width] = maps.activation.shape;
    const { greatest, at } = maps.extremes;
    const [row, column] = [Math.floor(at[opened.channel] / width), at[opened.channel] % width];
    const isActive = greatest[opened.channel] > 0;
    const field = fieldOf(layer, column, row);
    const part = clipped(field, card.input);

    drawInput(input, card, seen);
    put(map, pictureOf(maps, opened.channel), width);
    drawOver(over, input, map, { place: mapOver(layer, { width, height }), field: isActive ? part : null, opacity, isSmooth: card.frame.kind === "photo" });
    over.setAttribute("aria-label", `Channel ${opened.channel} of ${opened.layer} over the picture`);
    patch.hidden = !isActive;
    if (isActive) cut(patch, input, part);
    write(strongest, isActive
      ? `The unit in row ${row + 1}, column ${column + 1} has the greatest value, ${valueText(greatest[opened.channel])}. ${fieldText(reachOf(field, card.input), field, part)}`
      : "No unit of this channel is above zero for this picture.");
    const kernels = kernelsOf(state);
    kernelBox.hidden = !kernels;
    if (kernels) put(kernel, kernelOf(kernels, opened.channel), kernels.shape[3]);
    write(note, noteOf(card));
  };
}

/** @param {Card} card */
function noteOf({ input, frame }) {
  const seen = `The picture is shown at ${input.width} × ${input.height} pixels, as the network sees it`;
  if (frame.kind === "digit") return `${seen}: the digit is cut out and centred.`;
  return state.source?.kind === "camera" && !state.held ? `${seen}. While the camera runs, a map is of the picture a moment before.` : `${seen}.`;
}

/**
 * Draws what the network sees: for photos the stage's picture within the corners, at the input's size.
 * @param {HTMLCanvasElement} target
 * @param {Card} card
 * @param {Seen} seen
 */
function drawInput(target, { input, frame }, { maps }) {
  if (maps.input) return put(target, inkOf(maps.input), input.width);
  Object.assign(target, { width: input.width, height: input.height }); // which clears it
  const [video, still] = [element("video", HTMLVideoElement), element("still", HTMLCanvasElement)];
  const isVideo = state.source?.kind === "camera" && !state.held;
  const size = isVideo ? { width: video.videoWidth, height: video.videoHeight } : still;
  if (!size.width) return;
  const { left, top, width, height } = cropOf(size, input.height / frame.side);
  const context = contextOf(target);
  context.imageSmoothingQuality = "high";
  context.drawImage(isVideo ? video : still, left, top, width, height, 0, 0, input.width, input.height);
}

/**
 * @param {HTMLCanvasElement} target
 * @param {HTMLCanvasElement} input
 * @param {HTMLCanvasElement} map
 * @param {{ place: Rectangle, field: Rectangle | null, opacity: number, isSmooth: boolean }} how in pixels of the input
 */
function drawOver(target, input, map, { place, field, opacity, isSmooth }) {
  const context = contextOf(target);
  context.setTransform(SIDE / input.width, 0, 0, SIDE / input.height, 0, 0);
  context.imageSmoothingEnabled = isSmooth;
  context.drawImage(input, 0, 0);
  context.imageSmoothingEnabled = true;
  context.globalAlpha = opacity;
  context.drawImage(map, place.left, place.top, place.width, place.height);
  context.globalAlpha = 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (!field) return;
  const scale = SIDE / input.width;
  for (const [colour, line] of /** @type {[string, number][]} */ ([["#000", 7], ["#fff", 3]])) {
    Object.assign(context, { strokeStyle: colour, lineWidth: line });
    context.strokeRect(field.left * scale + 1.5, field.top * scale + 1.5, field.width * scale - 3, field.height * scale - 3);
  }
}

/**
 * Cuts a part of the input out, pixel by pixel.
 * @param {HTMLCanvasElement} target
 * @param {HTMLCanvasElement} input
 * @param {Rectangle} part
 */
function cut(target, input, { left, top, width, height }) {
  Object.assign(target, { width, height });
  contextOf(target).drawImage(input, left, top, width, height, 0, 0, width, height);
}
