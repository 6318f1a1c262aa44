// @ts-check
import { look, thumbnailUrl } from "../source.js";
import { cardOf, setProblem, state, subscribe, update } from "../state.js";
import { element, make, write } from "./page.js";

const camera = element("use-camera", HTMLButtonElement);
const cameraText = element("use-camera-text", HTMLSpanElement);
const open = element("use-file", HTMLButtonElement);
const file = element("file", HTMLInputElement);
const drawing = element("use-drawing", HTMLButtonElement);
const samples = element("samples", HTMLDivElement);
const mirror = element("mirror", HTMLInputElement);
const facing = element("facing", HTMLButtonElement);

/** @type {import("../state.js").Source | null} what to return to when the camera stops */
let still = null;

export function showSources() {
  camera.addEventListener("click", () => look(state.source?.kind === "camera" && still ? still : { kind: "camera" }));
  open.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    if (file.files?.[0]) lookAtFile(file.files[0]);
    file.value = ""; // the same file can be chosen again
  });
  drawing.addEventListener("click", () => look({ kind: "drawing" }));
  mirror.addEventListener("change", () => update({ mirror: mirror.checked }));
  facing.addEventListener("click", () => {
    update({ facing: state.facing === "user" ? "environment" : "user" });
    look({ kind: "camera" });
  });

  let listed = state.samples;
  subscribe(({ source, network, samples: offered, cameras }) => {
    if (listed !== offered) samples.replaceChildren(...(listed = offered).map(sampleButton));
    const live = source?.kind === "camera";
    if (source?.kind === "sample" || source?.kind === "drawing") still = source;
    press(camera, live);
    write(cameraText, live ? "Stop" : "Camera");
    press(drawing, source?.kind === "drawing");
    drawing.hidden = cardOf(network)?.frame.kind !== "digit";
    facing.hidden = cameras < 2;
    for (const button of samples.querySelectorAll("button")) {
      press(button, source?.kind === "sample" && button.dataset.id === source.id);
    }
  });
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} pressed
 */
function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}

/** @param {import("../state.js").Sample} sample */
function sampleButton(sample) {
  const image = make("img", { alt: "", fetchPriority: "low", decoding: "async", src: thumbnailUrl(sample) });
  const button = make("button", { type: "button", title: sample.title, onclick: () => look({ kind: "sample", id: sample.id }) }, image, make("span", { className: "unseen", textContent: sample.title }));
  button.dataset.id = sample.id;
  return button;
}

/** @param {File} chosen */
function lookAtFile(chosen) {
  look({ kind: "file", name: chosen.name }, chosen);
}

/** @type {(data: DataTransfer) => boolean} */
let takeFolder = () => false;

/** @param {(data: DataTransfer) => boolean} take called with a drop before it is taken for a picture; true: it was taken */
export function takeFolders(take) {
  takeFolder = take;
}

/** Pictures dropped or pasted anywhere on the page. */
export function takeFiles() {
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
    if (state.view === "compare" && event.dataTransfer && takeFolder(event.dataTransfer)) return;
    take(event.dataTransfer);
  });
  addEventListener("paste", (event) => take(event.clipboardData));
}

/** @param {DataTransfer | null} data */
function take(data) {
  const found = data?.files[0];
  if (found) lookAtFile(found);
  else setProblem("source", { text: "There was no picture in that. Drop or paste a picture file, or copy a picture and paste it.", retry: null });
}
