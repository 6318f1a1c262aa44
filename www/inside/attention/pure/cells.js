// @ts-check

/**
 * The cells of an attention map as a function of the place in the input.
 *
 * @typedef {import("../../../../pkg/convscope.js").AttentionMap} AttentionMap
 * @typedef {{ low: number, high: number, share: number }} Between two neighbouring cells along an axis; share: of the second one
 */

/**
 * The cells around a place. Beyond the outermost centres, the outermost cell counts alone.
 * @param {number} place in pixels of the input
 * @param {Pick<AttentionMap, "centre" | "step">} map
 * @param {number} count of cells along the axis
 * @returns {Between}
 */
export function cellsAround(place, { centre, step }, count) {
  const at = Math.min(Math.max((place - centre) / step, 0), count - 1) || 0; // a single cell may have the step 0
  const low = Math.floor(at);
  return { low, high: Math.min(low + 1, count - 1), share: at - low };
}

/**
 * The value at a place, bilinearly interpolated between the cells' centres.
 * @param {AttentionMap} map
 * @param {Between} column
 * @param {Between} row
 */
export function valueBetween({ data, width }, column, row) {
  const along = (/** @type {number} */ y) => {
    const first = data[y * width + column.low];
    return first + (data[y * width + column.high] - first) * column.share;
  };
  const upper = along(row.low);
  return upper + (along(row.high) - upper) * row.share;
}

/**
 * The value of a map at the centre of each cell of another one.
 * @param {AttentionMap} map
 * @param {AttentionMap} grid
 * @returns {number[]} row by row
 */
export function valuesOn(map, grid) {
  const centres = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => grid.centre + grid.step * i);
  const columns = centres(grid.width).map((x) => cellsAround(x, map, map.width));
  const rows = centres(grid.height).map((y) => cellsAround(y, map, map.height));
  return rows.flatMap((row) => columns.map((column) => valueBetween(map, column, row)));
}

/**
 * @param {ArrayLike<number>} data
 * @returns {{ least: number, greatest: number }} both sides of zero, and zero itself where there is nothing on a side
 */
export function extremesOf(data) {
  let least = 0;
  let greatest = 0;
  for (let i = 0; i < data.length; i++) {
    least = Math.min(least, data[i]);
    greatest = Math.max(greatest, data[i]);
  }
  return { least, greatest };
}
