// @ts-check

/**
 * Where the units of a layer lie on the network's input, in pixels of the input. Coordinates are continuous: pixel 0 reaches
 * from 0 to 1.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {Pick<Layer, "receptiveField" | "receptiveFieldStart" | "receptiveFieldStep">} Fields
 * @typedef {{ left: number, top: number, width: number, height: number }} Rectangle
 * @typedef {{ width: number, height: number }} Size
 */

/**
 * The pixels that a unit depends on. They may lie beyond the input.
 * @param {Fields} layer
 * @param {number} x column of the unit
 * @param {number} y row
 * @returns {Rectangle}
 */
export function fieldOf({ receptiveField, receptiveFieldStart, receptiveFieldStep }, x, y) {
  return { left: receptiveFieldStart + receptiveFieldStep * x, top: receptiveFieldStart + receptiveFieldStep * y, width: receptiveField, height: receptiveField };
}

/**
 * The part of a rectangle that lies within the input.
 * @param {Rectangle} rectangle
 * @param {Size} input
 * @returns {Rectangle}
 */
export function clipped({ left, top, width, height }, input) {
  const right = Math.min(input.width, left + width);
  const bottom = Math.min(input.height, top + height);
  const [x, y] = [Math.max(0, left), Math.max(0, top)];
  return { left: x, top: y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/**
 * @param {Rectangle} field
 * @param {Size} input
 * @returns {"inside" | "beyond" | "everything"} beyond: a part of the field lies outside of the input
 */
export function reachOf(field, input) {
  const { width, height } = clipped(field, input);
  if (width === input.width && height === input.height) return "everything";
  return width === field.width && height === field.height ? "inside" : "beyond";
}

/**
 * Where a map is drawn over the input: each of its cells is as wide as a step, around the centre of its unit's receptive field.
 * @param {Fields} layer
 * @param {Size} map in cells
 * @returns {Rectangle}
 */
export function mapOver({ receptiveField, receptiveFieldStart, receptiveFieldStep: step }, { width, height }) {
  const start = receptiveFieldStart + (receptiveField - step) / 2;
  return { left: start, top: start, width: step * width, height: step * height };
}

/**
 * The square of a picture that becomes the network's input: the middle of its centre square.
 * @param {Size} picture
 * @param {number} share of the centre square's side
 * @returns {Rectangle}
 */
export function cropOf({ width, height }, share) {
  const side = Math.min(width, height) * share;
  return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
}
