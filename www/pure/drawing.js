// @ts-check

/** @typedef {{ x: number, y: number }} Point of a square whose sides are 1 */

const PEN = 1 / 13; // of the side: as thick as the digits the network learnt from

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
