// @ts-check
import { askForPhoto } from "./photo.js";
import { within } from "./within.js";
import { Failure } from "./pure/failure.js";
import { drawCentreSquare } from "./pure/canvas.js";
import { alteredPixels, planesOfVideo, readSquare } from "./pixels.js";

/** @typedef {import("../pkg/convscope.js").Frame} Frame */

const canvas = document.createElement("canvas");

/**
 * @param {HTMLVideoElement} video
 * @param {number} side a drawn frame's side, as the network's card says
 * @returns {Promise<Frame | null>} null before the first picture
 */
export async function frameOfVideo(video, side) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height) return null;
  return (await planesOfVideo(video)) ?? squareOf(video, width, height, side);
}

/**
 * What the camera saw at one moment.
 * @param {ImageBitmap} picture
 * @param {number} side
 * @returns {Promise<Frame>}
 */
export function frameOfMoment(picture, side) {
  return squareOf(picture, picture.width, picture.height, side);
}

/**
 * @param {HTMLCanvasElement} drawing
 * @returns {Promise<Frame>}
 */
export function frameOfDrawing(drawing) {
  return squareOf(drawing, drawing.width, drawing.height, drawing.width);
}

/**
 * @param {CanvasImageSource} image
 * @param {number} width of the image
 * @param {number} height
 * @param {number} side of the frame
 * @returns {Promise<Frame>} rejects where the browser hands out other pixels than were drawn
 */
async function squareOf(image, width, height, side) {
  drawCentreSquare(canvas, image, width, height, side, null); // the engine lays what is transparent on paper of its own: white, or black under a white digit
  const frame = await readSquare(canvas);
  if (!frame) throw alteredPixels();
  return frame;
}

/**
 * @param {string} url
 * @param {string} name
 */
export async function fetchPhoto(url, name) {
  const response = await askForPhoto(url);
  if (!response?.ok) throw new Failure("download", `The photo “${name}” could not be downloaded. Check the connection and try again.`);
  return response.blob();
}

/**
 * @param {MediaTrackConstraints} which camera
 * @returns {Promise<MediaStream>}
 */
export async function openCamera(which) {
  if (!navigator.mediaDevices) {
    throw new Failure("insecure", "Browsers give a page the camera only over https or on localhost: open this page there.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: 640 }, height: { ideal: 480 } } });
  } catch (error) {
    throw cameraFailure(error instanceof DOMException ? error.name : "", error);
  }
}

/**
 * @param {string} name
 * @param {unknown} error
 */
function cameraFailure(name, error) {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Failure("camera-denied", "The browser does not let this page use the camera. Allow it in the page's settings, then try again.");
    case "NotFoundError":
    case "OverconstrainedError":
      return new Failure("no-camera", "No camera was found. Connect one and try again, or open a picture.");
    case "NotReadableError":
    case "AbortError":
      return new Failure("camera-busy", "The camera is in use by another program. Close that program, then try again.");
    default:
      return new Failure("camera", `The camera did not start (${error}). Try again, or open a picture.`);
  }
}

const LISTS_IN = 3000; // milliseconds: a browser that works tells its cameras much sooner

/**
 * The cameras that the browser tells of, which are all of them once one has been allowed.
 * @returns {Promise<{ id: string, label: string }[]>}
 */
export async function listCameras() {
  const devices = await within(LISTS_IN, navigator.mediaDevices.enumerateDevices()).catch(() => []);
  const cameras = devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  return cameras.map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `Camera ${i + 1}` }));
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} onPicture called for every new picture of the stream
 * @returns {() => void} stops watching
 */
export function watch(video, onPicture) {
  let watching = true;
  const perFrame = "requestVideoFrameCallback" in video;
  const next = () => (perFrame ? video.requestVideoFrameCallback(step) : requestAnimationFrame(step));
  const step = () => {
    if (!watching) return;
    onPicture();
    next();
  };
  next();
  return () => {
    watching = false;
  };
}
