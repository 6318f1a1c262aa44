// @ts-check
import { drawCentreSquare, stillFrame } from "./square.js";

/**
 * A worker that opens picture files: decoding a photo takes a page longer than it may stand still.
 *
 * @typedef {{ id: number, blob: Blob, side: number }} Request
 * @typedef {import("./pictures.js").Opened} Opened
 * @typedef {{ id: number, opened: Opened | null }} Reply null: not a picture
 */

const canvas = new OffscreenCanvas(1, 1);

addEventListener("message", async (/** @type {MessageEvent<Request>} */ { data: { id, blob, side } }) => {
  const picture = await createImageBitmap(blob).catch(() => null);
  if (!picture) return send({ id, opened: null });
  const frame = stillFrame(canvas, picture);
  const square = side ? squareOf(picture, Math.min(side, picture.width, picture.height)) : null;
  picture.close();
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
