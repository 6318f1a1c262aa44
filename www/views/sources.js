// @ts-check
import { cardOf, state, subscribe } from "../state.js";
import { element, make, reveal, write } from "./page.js";

/**
 * @typedef {import("../pure/source.js").Sample} Sample
 * @typedef {import("../pure/source.js").Source} Source
 *
 * @typedef {object} SourceCalls
 * @property {(source: Source, file?: Blob) => void} onSource
 * @property {(mirror: boolean) => void} onMirror
 * @property {() => void} onOtherCamera
 * @property {(data: DataTransfer) => boolean} takeDrop called with a drop before it is taken for a picture: returns whether the view has handled it
 * @property {() => void} onNothing something without a picture was dropped or pasted
 */

const stage = element("stage", HTMLDivElement);
const camera = element("use-camera", HTMLButtonElement);
const cameraText = element("use-camera-text", HTMLSpanElement);
const open = element("use-file", HTMLButtonElement);
const file = element("file", HTMLInputElement);
const drawing = element("use-drawing", HTMLButtonElement);
const samples = element("samples", HTMLDivElement);
const mirror = element("mirror", HTMLInputElement);
const facing = element("facing", HTMLButtonElement);

/**
 * @param {SourceCalls} calls
 * @returns {() => void} has the visitor choose a picture file
 */
export function showSources({ onSource, onMirror, onOtherCamera, takeDrop, onNothing }) {
  /** What to return to when the camera stops. @type {{ still: Source | null }} */
  const before = { still: null };
  /** @type {SourceCalls["onSource"]} */
  const choose = (source, file) => {
    onSource(source, file);
    reveal(stage);
  };
  const openFile = (/** @type {File} */ chosen) => choose({ kind: "file", name: chosen.name }, chosen);
  camera.addEventListener("click", () => choose(state.source?.kind === "camera" && before.still ? before.still : { kind: "camera" }));
  const askForFile = () => file.click();
  open.addEventListener("click", askForFile);
  file.addEventListener("change", () => {
    if (file.files?.[0]) openFile(file.files[0]);
    file.value = ""; // the same file can be chosen again
  });
  drawing.addEventListener("click", () => choose({ kind: "drawing" }));
  mirror.addEventListener("change", () => onMirror(mirror.checked));
  facing.addEventListener("click", onOtherCamera);
  takeFiles(takeDrop, openFile, onNothing);

  /** @type {Sample[] | null} */
  let listed = null;
  subscribe(({ source, entries, samples: offered, cameras }) => {
    if (listed !== offered) samples.replaceChildren(...(listed = offered).map((sample) => sampleButton(sample, choose)));
    const isLive = source?.kind === "camera";
    if (source && source.kind !== "camera") before.still = source;
    press(camera, isLive);
    write(cameraText, isLive ? "Stop" : "Camera");
    press(drawing, source?.kind === "drawing");
    drawing.hidden = !entries.some(({ network }) => cardOf(network)?.frame.kind === "digit");
    facing.hidden = cameras < 2;
    for (const button of samples.querySelectorAll("button")) {
      press(button, source?.kind === "sample" && button.dataset.id === source.id);
    }
  });
  return askForFile;
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} pressed
 */
function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}

/**
 * @param {Sample} sample
 * @param {SourceCalls["onSource"]} onSource
 */
function sampleButton({ id, title }, onSource) {
  const src = new URL(`../samples/page/${id}.thumbnail.jpg`, import.meta.url).href; // a small square of the photo
  const image = make("img", { alt: "", fetchPriority: "low", decoding: "async", src });
  const button = make("button", { type: "button", title, onclick: () => onSource({ kind: "sample", id }) }, image, make("span", { className: "unseen", textContent: title }));
  button.dataset.id = id;
  return button;
}

/**
 * Pictures dropped or pasted anywhere on the page.
 * @param {SourceCalls["takeDrop"]} takeDrop
 * @param {(file: File) => void} openFile
 * @param {() => void} onNothing
 */
function takeFiles(takeDrop, openFile, onNothing) {
  const take = (/** @type {DataTransfer | null} */ data) => {
    const found = data?.files[0];
    if (found) openFile(found);
    else onNothing();
  };
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (!event.dataTransfer || !takeDrop(event.dataTransfer)) take(event.dataTransfer);
  });
  addEventListener("paste", (event) => take(event.clipboardData));
}
