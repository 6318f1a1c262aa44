// @ts-check
import { countCameras, fetchPhoto, frameOfDrawing, frameOfMoment, frameOfVideo, openCamera, watch } from "./camera.js";
import { Failure, sentenceOf } from "./failure.js";
import { openHere } from "./pictures.js";
import { SHARPEST } from "./square.js";
import { cardOf, defaultSource, setProblem, sourceText, state, update } from "./state.js";
import { element } from "./views/page.js";

/**
 * What the networks look at. A source that cannot be had leaves the one before it in place.
 *
 * @typedef {import("./state.js").Source} Source
 * @typedef {import("./state.js").Card} Card
 */

const video = element("video", HTMLVideoElement);
const pad = element("pad", HTMLCanvasElement);

/** @type {import("./pictures.js").Opened | null} */
let photo = null;
/** What the camera saw when it was paused. @type {ImageBitmap | null} */
let moment = null;
/** @type {(() => void) | null} */
let stopCamera = null;
let latest = 0;

/** @type {import("./pictures.js").Decoder["open"]} */
let open = openHere;

/** @type {() => void} */
let onPicture = () => {};

/** @param {import("./pictures.js").Decoder} decoder that opens picture files from now on */
export function openWith(decoder) {
  open = decoder.open.bind(decoder);
}

/** @param {() => void} look called whenever there is something new to look at */
export function watchSource(look) {
  onPicture = look;
}

/** @returns {ImageBitmap | null} the still picture on the stage */
export function currentPicture() {
  return state.source?.kind === "camera" ? moment : (photo?.square ?? null);
}

/**
 * @param {Card | undefined} [card] of the network that is to see it
 * @returns {Promise<import("../pkg/convscope.js").Frame | null>} null while there is nothing to see
 */
export async function grab(card = cardOf(state.loaded)) {
  switch (card && state.source?.kind) {
    case "camera":
      if (card && moment) return frameOfMoment(moment, card.frame.side);
      return card && stopCamera ? frameOfVideo(video, card.frame.side) : null;
    case "drawing":
      return pad.dataset.strokes === "0" ? null : frameOfDrawing(pad);
    case "sample":
    case "file":
      return photo && { ...photo.frame, data: photo.frame.data.slice() }; // the engine takes what it is given
    default:
      return null;
  }
}

/** Holds what the camera sees now, or lets it go on. */
export async function holdCamera() {
  if (state.source?.kind !== "camera" || !stopCamera || !video.videoWidth) return;
  const seen = await createImageBitmap(video);
  moment?.close();
  moment = seen;
  update({ held: true });
  onPicture();
}

export function releaseCamera() {
  moment?.close();
  moment = null;
  if (state.held) update({ held: false });
}

export const isLive = () => state.source?.kind === "camera" && !state.held;

/**
 * @param {Source} source
 * @param {Blob} [file] the content of a file
 */
export async function look(source, file) {
  const ticket = ++latest;
  setProblem("source", null);
  try {
    if (source.kind === "camera") await startCamera(() => ticket === latest);
    else if (source.kind !== "drawing") await showPicture(source, file, () => ticket === latest);
    if (ticket !== latest) return;
    if (source.kind !== "camera") {
      endCamera();
      releaseCamera();
    }
    setProblem("frame", null);
    update({ source, stale: true, rate: null });
    onPicture();
  } catch (error) {
    if (ticket !== latest) return;
    const retry = source.kind === "file" ? null : () => void look(source);
    const stays = state.source && (state.source.kind !== "camera" || stopCamera);
    if (!stays) await fallBack(source);
    setProblem("source", { text: sentenceOf(error), retry });
  }
}

/** @param {Source} failed */
async function fallBack(failed) {
  const next = defaultSource(cardOf(state.network));
  update({ source: null });
  if (next && sourceText(next) !== sourceText(failed)) await look(next);
}

/**
 * @param {Source & { kind: "sample" | "file" }} source
 * @param {Blob | undefined} file
 * @param {() => boolean} wanted
 */
async function showPicture(source, file, wanted) {
  const next = source.kind === "sample" ? await openSample(source.id) : await open(/** @type {Blob} */ (file), source.name, SHARPEST);
  if (!wanted()) return next.square?.close();
  photo?.square?.close();
  photo = next;
}

/** @param {string} id */
async function openSample(id) {
  const sample = state.samples.find((other) => other.id === id);
  if (!sample) throw new Failure("unknown-sample", `There is no sample photo “${id}”. Choose one of those below.`);
  return open(await fetchPhoto(sampleUrl(sample), sample.title), sample.title, SHARPEST);
}

/** @param {import("./state.js").Sample} sample the photo itself */
function sampleUrl({ id }) {
  return new URL(`./samples/page/${id}.jpg`, import.meta.url).href;
}

/** @param {import("./state.js").Sample} sample a small square of the photo, for a button */
export function thumbnailUrl({ id }) {
  return new URL(`./samples/page/${id}.thumbnail.jpg`, import.meta.url).href;
}

/** @param {() => boolean} wanted */
async function startCamera(wanted) {
  endCamera(); // a phone cannot open its second camera while the first runs
  const stream = await openCamera(state.facing);
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  if (!wanted()) return stop();
  stream.getVideoTracks()[0]?.addEventListener("ended", cameraGone);
  video.srcObject = stream;
  const unwatch = watch(video, () => state.held || onPicture());
  stopCamera = () => {
    unwatch();
    stop();
    video.srcObject = null;
  };
  await video.play().catch((error) => {
    if (wanted()) throw error;
  });
  update({ cameras: await countCameras() });
}

function endCamera() {
  stopCamera?.();
  stopCamera = null;
}

async function cameraGone() {
  endCamera();
  await fallBack({ kind: "camera" });
  setProblem("source", { text: "The camera stopped. Connect it and try again.", retry: () => void look({ kind: "camera" }) });
}

let resting = false;

/** @param {boolean} rest the camera rests while nothing looks through it */
export function restCamera(rest) {
  if (rest === resting) return;
  resting = rest;
  follow();
}

/** The camera rests while nobody sees the page. */
export function followVisibility() {
  document.addEventListener("visibilitychange", follow);
}

function follow() {
  if (state.source?.kind !== "camera") return;
  if (document.hidden || resting) {
    latest++; // also one that is still being opened
    endCamera();
  } else {
    look({ kind: "camera" });
  }
}

/** A photo's networks do not read drawings, and a digit's network has little to say about photos. */
export function fitSource() {
  if (state.source?.kind === "camera") return;
  const next = defaultSource(cardOf(state.loaded));
  if (next) look(next);
}
