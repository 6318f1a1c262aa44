// @ts-check

/**
 * How many tiles fit into an area, in columns as wide as fit the width: at least two columns and two rows, so that a small window
 * shows some.
 * @param {{ width: number, height: number }} area
 * @param {number} least width of a tile
 * @param {(width: number) => number} heightOf a tile
 * @param {number} gap between tiles
 */
export function fitting(area, least, heightOf, gap) {
  const columns = Math.max(2, Math.floor((area.width + gap) / (least + gap)));
  const height = heightOf((area.width + gap) / columns - gap);
  return columns * Math.max(2, Math.floor((area.height + gap) / (height + gap)));
}

/**
 * @param {number} count
 * @param {number} perPage
 */
export const pagesOf = (count, perPage) => Math.max(1, Math.ceil(count / perPage));

/**
 * @template T
 * @param {T[]} all
 * @param {number} page counted from 0; the last one where there are fewer
 * @param {number} perPage
 */
export function onPage(all, page, perPage) {
  const from = Math.min(page, pagesOf(all.length, perPage) - 1) * perPage;
  return { from, items: all.slice(from, from + perPage) };
}

/**
 * Parts of a longer piece of work that are short enough for a page's thread.
 * @param {number} count of items
 * @param {number} cost of each
 * @param {number} most that a part may cost; one item is in a part in any case
 * @returns {[number, number][]} the first item of each part, and the one after its last
 */
export function slices(count, cost, most) {
  const step = Math.max(1, Math.floor(most / cost));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => [i * step, Math.min(count, (i + 1) * step)]);
}
