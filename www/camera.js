// @ts-check
import { Failure } from "./failure.js";

/** @typedef {import("../pkg/convscope.js").Frame} Frame */

/** Pixels a side of a still's frame: more than any network takes, so that the exact resize happens in the engine. */
const STILL_SIDE = 1024;

const canvas = document.createElement("canvas");

/**
 * @param {HTMLVideoElement} video
 * @param {number} side the frame's side, as the network's card says
 * @returns {Frame | null} null before the first picture
 */
export function frameOfVideo(video, side) {
  const { videoWidth: width, videoHeight: height } = video;
  return width && height ? centreSquare(video, width, height, side) : null;
}

/**
 * @param {ImageBitmap} picture
 * @returns {Frame}
 */
export function frameOfPicture(picture) {
  const { width, height } = picture;
  return centreSquare(picture, width, height, Math.min(width, height, STILL_SIDE));
}

/**
 * @param {HTMLCanvasElement} drawing
 * @returns {Frame}
 */
export function frameOfDrawing(drawing) {
  return centreSquare(drawing, drawing.width, drawing.height, drawing.width);
}

/**
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 * @param {number} side
 * @returns {Frame}
 */
function centreSquare(image, width, height, side) {
  const context = drawCentreSquare(canvas, image, width, height, side);
  const { data } = context.getImageData(0, 0, side, side);
  return { data, width: side, height: side };
}

/**
 * @param {HTMLCanvasElement} target
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 * @param {number} side
 */
export function drawCentreSquare(target, image, width, height, side) {
  const context = /** @type {CanvasRenderingContext2D} */ (target.getContext("2d", { willReadFrequently: true }));
  if (target.width !== side || target.height !== side) target.width = target.height = side;
  const square = Math.min(width, height);
  // Rounded down as the reference's centre crop: a half pixel's shift would blur the picture.
  const left = Math.floor((width - square) / 2);
  const top = Math.floor((height - square) / 2);
  context.fillStyle = "#fff"; // behind transparent pictures
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, left, top, square, square, 0, 0, side, side);
  return context;
}

/**
 * @param {Blob} blob
 * @param {string} name
 * @returns {Promise<ImageBitmap>}
 */
export async function openPicture(blob, name) {
  try {
    return await createImageBitmap(blob);
  } catch {
    throw new Failure("bad-picture", `“${name}” is not a picture this browser can open. Choose a JPEG, PNG, WebP or GIF file.`);
  }
}

/**
 * @param {string} url
 * @param {string} name
 */
export async function fetchPicture(url, name) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Failure("download", `The photo “${name}” could not be downloaded. Check the connection and try again.`);
  return openPicture(await response.blob(), name);
}

/**
 * @param {"user" | "environment"} facing
 * @returns {Promise<MediaStream>}
 */
export async function openCamera(facing) {
  if (!navigator.mediaDevices) {
    throw new Failure("insecure", "Browsers give a page the camera only over https or on localhost: open this page there.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } } });
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

export async function countCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "videoinput").length;
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
