// @ts-check
import { drawCentreSquare, stillFrame } from "./square.js";

/**
 * A worker that opens picture files: decoding a photo takes a page longer than it may stand still.
 *
 * @typedef {{ id: number, blob: Blob, side: number, buffer: ArrayBuffer | null }} Request buffer: for the frame, where it is large enough
 * @typedef {import("./pictures.js").Opened} Opened
 * @typedef {{ id: number, opened: Opened | null }} Reply null: not a picture
 */

const canvas = new OffscreenCanvas(1, 1);

addEventListener("message", async (/** @type {MessageEvent<Request>} */ { data: { id, blob, side, buffer } }) => {
  const picture = await createImageBitmap(blob).catch(() => null);
  if (!picture) return send({ id, opened: null }, buffer ? [buffer] : []);
  const frame = stillFrame(canvas, picture);
  const square = side ? squareOf(picture, Math.min(side, picture.width, picture.height)) : null;
  picture.close();
  if (buffer && buffer.byteLength >= frame.data.length) {
    const data = new Uint8ClampedArray(buffer, 0, frame.data.length);
    data.set(frame.data);
    frame.data = data;
  }
  send({ id, opened: { frame, square } }, [frame.data.buffer, ...(square ? [square] : [])]);
});

/**
 * @param {ImageBitmap} picture
 * @param {number} side
 */
function squareOf(picture, side) {
  const target = new OffscreenCanvas(side, side);
  drawCentreSquare(target, picture, picture.width, picture.height, side);
  return target.transferToImageBitmap();
}

/**
 * @param {Reply} reply
 * @param {Transferable[]} [transfer]
 */
function send(reply, transfer = []) {
  postMessage(reply, { transfer });
}
