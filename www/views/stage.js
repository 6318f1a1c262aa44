// @ts-check
import { drawCentreSquare } from "../camera.js";
import { currentPicture } from "../source.js";
import { cardOf, subscribe } from "../state.js";
import { element, write } from "./page.js";

/** @typedef {import("../state.js").State} State */

const video = element("video", HTMLVideoElement);
const still = element("still", HTMLCanvasElement);
const pad = element("pad", HTMLCanvasElement);
const empty = element("stage-empty", HTMLParagraphElement);
const crop = element("crop", HTMLDivElement);
const cropNote = element("crop-note", HTMLSpanElement);
const caption = element("caption", HTMLParagraphElement);
const cameraTools = element("camera-tools", HTMLDivElement);
const padTools = element("pad-tools", HTMLDivElement);

const SHARPEST = 1200; // canvas pixels: enough for the stage on a dense screen

export function showStage() {
  /** @type {State["source"]} */
  let shown = null;
  subscribe((state) => {
    const { source } = state;
    const kind = source?.kind;
    const isStill = kind === "sample" || kind === "file";
    video.hidden = kind !== "camera";
    still.hidden = !isStill;
    pad.hidden = kind !== "drawing";
    empty.hidden = Boolean(source);
    cameraTools.hidden = kind !== "camera";
    padTools.hidden = kind !== "drawing";
    video.classList.toggle("mirrored", state.mirror);
    if (isStill && source !== shown) drawStill();
    shown = source;
    showCrop(state);
    write(caption, describe(state));
    still.setAttribute("aria-label", title(state));
  });
}

function drawStill() {
  const picture = currentPicture();
  if (!picture) return;
  const { width, height } = picture;
  drawCentreSquare(still, picture, width, height, Math.min(width, height, SHARPEST));
}

/** @param {State} state */
function showCrop({ loaded, network, source }) {
  const card = cardOf(loaded ?? network);
  crop.hidden = cropNote.hidden = !card || !source || source.kind === "drawing" || card.frame.kind === "digit";
  if (card) crop.style.setProperty("--share", String(card.input.height / card.frame.side));
}

/** @param {State} state */
function title({ source, samples }) {
  if (source?.kind === "file") return source.name;
  return samples.find((sample) => source?.kind === "sample" && sample.id === source.id)?.title ?? "";
}

/** @param {State} state */
function describe(state) {
  const { source, samples } = state;
  if (source?.kind === "sample") {
    const sample = samples.find(({ id }) => id === source.id);
    return sample ? `${sample.title}. ${sample.credit}, ${sample.licence}.` : "";
  }
  return source?.kind === "file" ? source.name : "";
}
