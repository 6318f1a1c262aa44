// @ts-check
import { cardOf, state, subscribe } from "../state.js";
import { element, make, reveal, write } from "./page.js";

/**
 * @typedef {import("../pure/source.js").Sample} Sample
 * @typedef {import("../pure/source.js").Source} Source
 * @typedef {import("../state.js").State} State
 *
 * @typedef {object} SourceCalls
 * @property {(source: Source, file?: Blob) => void} onSource
 * @property {(mirror: boolean) => void} onMirror
 * @property {(choice: import("../cameraChoice.js").CameraChoice) => void} onCamera another camera is wanted
 * @property {(onGiven: (given: import("../givenFiles.js").Given) => unknown) => void} onGivenFiles tells of files that were dropped or pasted, and will be
 * @property {() => Promise<unknown>} isReady resolves when the view can take files and the first picture is shown, which stays where a file is no picture
 * @property {(drop: import("../givenFiles.js").Given) => boolean} takeDrop called with a drop before it is taken for a picture: returns whether the view has handled it
 * @property {(files: File[]) => boolean} takeWeights called with files before they are taken for pictures: returns whether they are weights
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
const camerasList = element("cameras", HTMLSelectElement);

/**
 * @param {SourceCalls} calls
 * @returns {() => void} has the visitor choose a picture file
 */
export function showSources({ onSource, onMirror, onCamera, onGivenFiles, isReady, takeDrop, takeWeights, onNothing }) {
  /** What to return to when the camera stops. @type {{ still: Source | null }} */
  const before = { still: null };
  let latest = 0;
  /** @type {SourceCalls["onSource"]} */
  const choose = (source, file) => {
    latest++;
    onSource(source, file);
    reveal(stage);
  };
  const openFile = (/** @type {File} */ chosen) => choose({ kind: "file", name: chosen.name }, chosen);
  camera.addEventListener("click", () => choose(state.source?.kind === "camera" && before.still ? before.still : { kind: "camera" }));
  const askForFile = () => file.click();
  open.addEventListener("click", askForFile);
  file.addEventListener("change", () => {
    if (file.files?.[0] && !takeWeights([file.files[0]])) openFile(file.files[0]);
    file.value = ""; // the same file can be chosen again
  });
  drawing.addEventListener("click", () => choose({ kind: "drawing" }));
  mirror.addEventListener("change", () => onMirror(mirror.checked));
  showCameras(onCamera);
  onGivenFiles(async (given) => {
    if (takeWeights(given.files)) return;
    const ticket = ++latest;
    await isReady();
    if (ticket !== latest) return; // another picture has been chosen or given meanwhile
    if (!given.files.length) onNothing();
    else if (!given.isDrop || !takeDrop(given)) openFile(given.files[0]);
  });

  /** @type {Sample[] | null} */
  let listed = null;
  subscribe(({ source, entries, samples: offered }) => {
    if (listed !== offered) samples.replaceChildren(...(listed = offered).map((sample) => sampleButton(sample, choose)));
    const isLive = source?.kind === "camera";
    if (source && source.kind !== "camera") before.still = source;
    press(camera, isLive);
    write(cameraText, isLive ? "Stop" : "Camera");
    press(drawing, source?.kind === "drawing");
    drawing.hidden = !entries.some(({ network }) => cardOf(network)?.frame.kind === "digit");
    for (const button of samples.querySelectorAll("button")) {
      press(button, source?.kind === "sample" && button.dataset.id === source.id);
    }
  });
  return askForFile;
}

/**
 * Which of several cameras: the other side's where they are a phone's, and each by its name where that leaves any out.
 * @param {SourceCalls["onCamera"]} onCamera
 */
function showCameras(onCamera) {
  const wanted = () => (state.facing === "user" ? "environment" : "user");
  facing.addEventListener("click", () => onCamera({ id: "", label: "", facing: wanted() }));
  camerasList.addEventListener("change", () => {
    const { value, selectedOptions: [option] } = camerasList;
    onCamera({ id: value, label: option.text, facing: state.facing ?? "environment" });
  });
  /** @type {State["cameras"] | null} */
  let listed = null;
  subscribe(({ cameras, camera, facing: faces }) => {
    facing.hidden = cameras.length < 2 || !faces;
    write(facing, wanted() === "user" ? "Front camera" : "Back camera");
    if (listed !== cameras) camerasList.replaceChildren(...(listed = cameras).map(({ id, label }) => new Option(label, id)));
    camerasList.hidden = cameras.length < (faces ? 3 : 2);
    if (camerasList.value !== camera) camerasList.value = camera;
  });
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
