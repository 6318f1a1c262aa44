// @ts-check
import { entryOf } from "../compare/state.js";
import { currentPicture } from "../source.js";
import { SHARPEST, drawCentreSquare } from "../square.js";
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

export function showStage() {
  /** @type {ImageBitmap | null} */
  let shown = null;
  subscribe((state) => {
    const { source } = state;
    const kind = source?.kind;
    const isStill = kind === "sample" || kind === "file" || state.held;
    video.hidden = kind !== "camera" || state.held;
    still.hidden = !isStill;
    pad.hidden = kind !== "drawing";
    empty.hidden = Boolean(source);
    cameraTools.hidden = kind !== "camera";
    padTools.hidden = kind !== "drawing";
    video.classList.toggle("mirrored", state.mirror);
    still.classList.toggle("mirrored", state.held && state.mirror);
    const picture = isStill ? currentPicture() : null;
    if (picture && picture !== shown) drawStill(picture);
    shown = picture;
    showCrop(state);
    write(caption, describe(state));
    still.setAttribute("aria-label", title(state));
  });
}

/** @param {ImageBitmap} picture */
function drawStill(picture) {
  const { width, height } = picture;
  drawCentreSquare(still, picture, width, height, Math.min(width, height, SHARPEST));
}

/** @param {State} state */
function showCrop({ view, compare, loaded, network, source }) {
  const photo = compare.keys?.map((key) => cardOf(entryOf(key).network)).find((card) => card?.frame.kind === "photo");
  const card = view === "compare" ? photo : cardOf(loaded ?? network);
  crop.hidden = cropNote.hidden = !card || !source || source.kind === "drawing" || card.frame.kind === "digit";
  if (card) crop.style.setProperty("--share", String(card.input.height / card.frame.side));
}

/** @param {State} state */
function title({ source, samples }) {
  if (source?.kind === "file") return source.name;
  if (source?.kind === "camera") return "What the camera saw when it was paused";
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
