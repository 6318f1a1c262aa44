// @ts-check
import { listCameras, openCamera } from "./camera.js";
import { stopStream } from "./liveCamera.js";
import { codeOf } from "./pure/failure.js";

/**
 * Which camera is wanted. The browser remembers what the visitor chose, for this site alone.
 *
 * @typedef {"user" | "environment"} Facing
 * @typedef {{ id: string, label: string, facing: Facing }} CameraChoice id: empty where any camera that faces so is wanted
 */

const KEY = "convscope-camera";

/** @returns {CameraChoice} */
export function rememberedCamera() {
  try {
    const { id, label, facing } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { id: String(id ?? ""), label: String(label ?? ""), facing: facing === "user" ? "user" : "environment" };
  } catch {
    return { id: "", label: "", facing: "environment" }; // nothing that can be read, or the browser lets no page store anything
  }
}

/** @param {CameraChoice} choice */
export function rememberCamera(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // the browser lets no page store anything: the choice holds until the page is left
  }
}

/**
 * Opens the camera that is wanted, or any other one where that one cannot be had.
 * @param {CameraChoice} choice
 * @returns {Promise<{ stream: MediaStream, instead: string }>} instead: why it is another one; empty where it is not
 */
export async function openWanted({ id, label, facing }) {
  const other = { facingMode: facing };
  if (!id) return { stream: await openCamera(other), instead: "" };
  try {
    return { stream: await openCamera({ deviceId: { exact: id } }), instead: "" };
  } catch (error) {
    const code = codeOf(error);
    if (code !== "no-camera" && code !== "camera-busy") throw error;
    const stream = await openCamera(other).catch(() => {
      throw error;
    });
    const same = await sameCamera(stream, label);
    return same ? { stream: same, instead: "" } : { stream, instead: insteadOf(label, code) };
  }
}

/**
 * Some browsers give a camera another id at each visit: its name tells it again.
 * @param {MediaStream} stream of any camera; ended where another one is opened in its place
 * @param {string} label
 */
async function sameCamera(stream, label) {
  if (!label) return null;
  if (stream.getVideoTracks()[0]?.label === label) return stream;
  const found = (await listCameras()).find((camera) => camera.label === label);
  if (!found) return null;
  const same = await openCamera({ deviceId: { exact: found.id } }).catch(() => null);
  if (same) stopStream(stream);
  return same;
}

/**
 * @param {string} label
 * @param {string} code of the failure
 */
function insteadOf(label, code) {
  const name = label ? `The camera “${label}”, which you chose,` : "The camera that you chose";
  return code === "camera-busy" ? `${name} is in use by another program, so another camera is shown. Close that program and choose it again.` : `${name} is not connected, so another camera is shown.`;
}
