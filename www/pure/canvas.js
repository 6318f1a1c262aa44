// @ts-check

/**
 * Functions that draw on the canvas they are given.
 *
 * @typedef {{ x: number, y: number }} Point of a square whose sides are 1
 */

/** The most pixels a side of a still picture's frame: more than any network takes, so that the exact resizing happens in the engine. */
export const STILL_SIDE = 1024;
/** The most pixels a side of the square that the page shows: enough for the stage on a dense screen. */
export const SHARPEST = 1200;

const PEN = 1 / 13; // of the side: as thick as the strokes of the digits that the network was trained on

/**
 * @param {HTMLCanvasElement | OffscreenCanvas} target
 * @param {CanvasImageSource} image
 * @param {number} width of the image
 * @param {number} height
 * @param {number} side of the target
 * @param {string | null} behind a colour behind transparent pictures; null: they stay transparent
 */
export function drawCentreSquare(target, image, width, height, side, behind = "#fff") {
  const context = /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} */ (target.getContext("2d", { willReadFrequently: true }));
  if (target.width !== side || target.height !== side) target.width = target.height = side;
  const square = Math.min(width, height);
  // Rounded down as the reference's centre crop: a half pixel's shift would blur the picture.
  const left = Math.floor((width - square) / 2);
  const top = Math.floor((height - square) / 2);
  context.clearRect(0, 0, side, side);
  if (behind) {
    context.fillStyle = behind;
    context.fillRect(0, 0, side, side);
  }
  context.imageSmoothingQuality = "high";
  context.drawImage(image, left, top, square, square, 0, 0, side, side);
  return context;
}

/**
 * Draws what the frame of a still picture shows, with at most STILL_SIDE pixels a side. It stays transparent where the picture is: the
 * engine lays it on paper of its own, white, or black under a white digit.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas to draw on
 * @param {ImageBitmap} picture
 */
export function drawStill(canvas, picture) {
  const { width, height } = picture;
  drawCentreSquare(canvas, picture, width, height, Math.min(width, height, STILL_SIDE), null);
}

/**
 * @param {HTMLCanvasElement} canvas a square
 * @param {Point[][]} strokes
 */
export function drawStrokes(canvas, strokes) {
  const side = canvas.width;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.strokeStyle = "#111";
  context.lineWidth = side * PEN;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0].x * side, stroke[0].y * side); // a line to the same point draws a dot
    for (const { x, y } of stroke) context.lineTo(x * side, y * side);
    context.stroke();
  }
}
