// @ts-check
import { SHARPEST, drawCentreSquare } from "../pure/canvas.js";
import { isLive } from "../pure/source.js";
import { cardOf, subscribe } from "../state.js";
import { element, write } from "./page.js";

/** @typedef {import("../state.js").State} State */

const video = element("video", HTMLVideoElement);
const still = element("still", HTMLCanvasElement);
const pad = element("pad", HTMLCanvasElement);
const empty = element("stage-empty", HTMLParagraphElement);
const interruption = element("interruption", HTMLDivElement);
const interrupted = element("interrupted", HTMLParagraphElement);
const restart = element("camera-restart", HTMLButtonElement);
const crop = element("crop", HTMLDivElement);
const cropNote = element("crop-note", HTMLSpanElement);
const caption = element("caption", HTMLParagraphElement);
const cameraTools = element("camera-tools", HTMLDivElement);
const padTools = element("pad-tools", HTMLDivElement);

const INTERRUPTED = "The camera is interrupted: a call or another program has taken it, or it was switched off. The picture goes on as soon as the camera is given back.";

/** @param {() => void} onRestart the camera is to be started again */
export function showStage(onRestart) {
  restart.addEventListener("click", onRestart);
  /** @type {{ picture: ImageBitmap | null }} */
  const drawn = { picture: null };
  subscribe((state) => {
    const kind = state.source?.kind;
    const isStill = kind === "sample" || kind === "file" || state.held;
    video.hidden = kind !== "camera" || state.held;
    still.hidden = !isStill;
    pad.hidden = kind !== "drawing";
    empty.hidden = Boolean(kind);
    interruption.hidden = !state.interrupted || !isLive(state);
    write(interrupted, interruption.hidden ? "" : INTERRUPTED);
    cameraTools.hidden = kind !== "camera";
    padTools.hidden = kind !== "drawing";
    video.classList.toggle("mirrored", state.mirror);
    still.classList.toggle("mirrored", state.held && state.mirror);
    if (state.still && state.still !== drawn.picture) drawStill(state.still);
    drawn.picture = state.still;
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
function showCrop({ entries, running, source }) {
  const card = (running.length ? running : entries).map(({ network }) => cardOf(network)).find((card) => card?.frame.kind === "photo");
  crop.hidden = cropNote.hidden = !card || !source || source.kind === "drawing";
  if (card) crop.style.setProperty("--share", String(card.input.height / card.frame.side));
}

/** @param {State} state */
const sampleOf = ({ source, samples }) => samples.find((sample) => source?.kind === "sample" && sample.id === source.id);

/** @param {State} state */
function title(state) {
  const { source } = state;
  if (source?.kind === "file") return source.name;
  if (source?.kind === "camera") return "What the camera saw when it was paused";
  return sampleOf(state)?.title ?? "";
}

/** @param {State} state */
function describe(state) {
  const sample = sampleOf(state);
  if (sample) return `${sample.title}. ${sample.credit}, ${sample.licence}.`;
  return state.source?.kind === "file" ? state.source.name : "";
}
