// @ts-check
import { handOver, serve } from "./calls.js";
import { readSquare } from "./pixels.js";
import { drawCentreSquare, drawStill } from "./pure/canvas.js";

/**
 * A worker that opens picture files, because decoding a photo would block the page for longer than it may stand still.
 *
 * @typedef {import("./pictureFiles.js").Opened} Opened
 */

const canvas = new OffscreenCanvas(1, 1);

serve({
  /**
   * @param {any[]} args a file; pixels a side of the square to show, 0 for none; a used buffer for the frame, or null
   * @returns {Promise<unknown>} null where the file is not a picture
   */
  async open([blob, side, buffer]) {
    const picture = await createImageBitmap(blob).catch(() => null);
    if (!picture) return null;
    drawStill(canvas, picture);
    const frame = await readSquare(canvas);
    const square = side ? squareOf(picture, Math.min(side, picture.width, picture.height)) : null;
    picture.close();
    if (frame && buffer && buffer.byteLength >= frame.data.length) {
      const data = new Uint8ClampedArray(buffer, 0, frame.data.length);
      data.set(frame.data);
      frame.data = data;
    }
    return handOver({ frame, square }, [...(frame ? [frame.data.buffer] : []), ...(square ? [square] : [])]);
  },
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
