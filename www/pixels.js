// @ts-check
import { Failure } from "./pure/failure.js";
import { PATTERN_SIDE, isPattern, patternPixel } from "./pure/pattern.js";

/**
 * The only place where pixels are read, on the page's thread and in workers. Browsers that protect from fingerprinting may hand out
 * other pixels than were drawn: a known pattern is drawn and read once, and where it differs, pixels are taken through a video frame.
 *
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {HTMLCanvasElement | OffscreenCanvas} Canvas a square
 * @typedef {(canvas: Canvas) => Uint8ClampedArray | Promise<Uint8ClampedArray>} Way
 */

/** @type {{ way: Promise<Way | null> | undefined }} */
const found = { way: undefined };

const way = () => (found.way ??= findWay());

/** Whether the canvas's own pixels are other ones than were drawn, and they are had in another way. */
export const areTakenOtherwise = async () => (await way()) === throughFrame;

/**
 * @param {Canvas} canvas
 * @returns {Promise<Frame | null>} null where the browser hands out no pixels as they were drawn
 */
export async function readSquare(canvas) {
  const read = await way();
  return read && { data: await read(canvas), width: canvas.width, height: canvas.height };
}

/** What is said where `readSquare` gave nothing. */
export function alteredPixels() {
  return new Failure("altered-pixels", "This browser changes the pixels that a page reads, so that sites cannot recognise it: the networks would see noise, and are not asked. Allow this site to read canvas data (Firefox and its relatives ask beside the address, Brave has it under its shield), then reload the page.");
}

/** @returns {Promise<Way | null>} the first way that gives what was drawn */
async function findWay() {
  const pattern = drawPattern();
  for (const way of [fromCanvas, throughFrame]) {
    try {
      if (isPattern(await way(pattern))) return way;
    } catch {
      // this browser does not have it, or forbids it
    }
  }
  return null;
}

function drawPattern() {
  const canvas = typeof document === "undefined" ? new OffscreenCanvas(1, 1) : document.createElement("canvas");
  canvas.width = canvas.height = PATTERN_SIDE;
  const context = contextOf(canvas);
  for (let i = 0; i < PATTERN_SIDE ** 2; i++) {
    const [red, green, blue, opacity] = patternPixel(i);
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${opacity / 255})`;
    context.fillRect(i % PATTERN_SIDE, Math.floor(i / PATTERN_SIDE), 1, 1);
  }
  return canvas;
}

/** @param {Canvas} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));

/** @type {Way} */
const fromCanvas = (canvas) => contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height).data;

/** @type {Way} */
async function throughFrame(canvas) {
  const picture = new VideoFrame(canvas, { timestamp: 0 });
  try {
    const data = new Uint8ClampedArray(4 * canvas.width * canvas.height);
    await picture.copyTo(data, /** @type {VideoFrameCopyToOptions} */ ({ format: "RGBA" }));
    for (let i = 3; i < data.length; i += 4) {
      if (data[i] % 255) for (let j = i - 3; j < i; j++) data[j] = (data[j] * 255) / data[i]; // a canvas's colours are multiplied by their opacity
    }
    return data;
  } finally {
    picture.close();
  }
}

/**
 * The planes of the centre square of a video, as the browser holds them. Drawing the picture and reading it back takes five times as long.
 * @param {HTMLVideoElement} video
 * @returns {Promise<Frame | null>} null where the browser or the picture has none, or where no pixels can be trusted
 */
export async function planesOfVideo(video) {
  if (!("VideoFrame" in globalThis) || !(await way())) return null;
  /** @type {VideoFrame | undefined} */
  let picture;
  try {
    picture = new VideoFrame(video);
    const { format, visibleRect, colorSpace } = picture;
    if ((format !== "I420" && format !== "NV12") || !visibleRect || `${colorSpace.matrix}`.startsWith("bt2020")) return null;
    const { x, y, width, height } = visibleRect;
    // The planes are neither rotated the way the phone is held nor stretched where pixels are not square; only drawing does that.
    const asShown = width === video.videoWidth && height === video.videoHeight && !Reflect.get(picture, "rotation") && !Reflect.get(picture, "flip");
    const side = even(Math.min(width, height));
    if (!asShown || !side) return null;
    const rect = { x: even(x + (width - side) / 2), y: even(y + (height - side) / 2), width: side, height: side };
    const data = new Uint8ClampedArray(picture.allocationSize({ rect }));
    await picture.copyTo(data, { rect });
    const matrix = colorSpace.matrix === "bt709" ? "bt709" : "bt601";
    return { data, width: side, height: side, format, matrix, fullRange: colorSpace.fullRange ?? false };
  } catch {
    return null;
  } finally {
    picture?.close();
  }
}

/** @param {number} length rounded down, since four pixels share a colour */
const even = (length) => Math.floor(length / 2) * 2;
