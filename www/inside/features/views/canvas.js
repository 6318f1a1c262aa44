// @ts-check

/**
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {Uint32Array} picture colours, row by row
 * @param {number} width
 */
export function put(canvas, picture, width) {
  const height = picture.length / width;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  contextOf(canvas).putImageData(new ImageData(new Uint8ClampedArray(/** @type {ArrayBuffer} */ (picture.buffer)), width, height), 0, 0);
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}
