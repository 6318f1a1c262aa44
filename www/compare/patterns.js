// @ts-check

/**
 * @typedef {import("../../pkg/convscope.js").Frame} Frame
 * @typedef {import("./pure/results.js").Measured} Measured
 */

/** What networks see while they are timed: patterns that need no resizing. What they show does not matter, because the work is the same for every picture. */
export class Patterns {
  /** Those that were made, by their side. @type {Map<number, Frame>} */
  #made = new Map();

  /**
   * @param {Measured} row
   * @returns {Frame} to be lent, one at a time
   */
  frameFor({ card }) {
    const side = card?.frame.side ?? 256;
    const made = this.#made.get(side);
    const frame = made?.data.length ? made : { data: pattern(side), width: side, height: side }; // one that was lent to an engine that ended is empty
    this.#made.set(side, frame);
    return frame;
  }
}

/** @param {number} side */
function pattern(side) {
  const data = new Uint8ClampedArray(4 * side * side);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      data[at++] = (255 * x) / side;
      data[at++] = (255 * y) / side;
      data[at++] = 128 + 127 * Math.sin((x * x + y * y) / (8 * side));
      data[at++] = 255;
    }
  }
  return data;
}
