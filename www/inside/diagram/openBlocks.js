// @ts-check

/** @typedef {import("./subjects.js").Subject} Subject */

/** The names of the blocks that are open, by network. @type {Map<string, Set<string>>} */
const opened = new Map();

/** @param {Subject} subject @returns {Set<string>} */
export function openedOf({ network }) {
  const found = opened.get(network) ?? new Set();
  opened.set(network, found);
  return found;
}

/** Opens a block, or closes it. @param {Subject} subject @param {string} block */
export function toggle(subject, block) {
  const blocks = openedOf(subject);
  if (!blocks.delete(block)) blocks.add(block);
}

/** @param {Subject} subject @param {boolean} open all blocks, or none */
export function openAll(subject, open) {
  const blocks = openedOf(subject);
  blocks.clear();
  if (open) for (const { isBlock, name } of subject.rows) if (isBlock) blocks.add(name);
}

/** Opens the block that a layer belongs to. @param {Subject} subject @param {string | null} layer */
export function openAround(subject, layer) {
  const row = subject.rows.find(({ isBlock, layers }) => isBlock && layers.some(({ name }) => name === layer));
  if (row) openedOf(subject).add(row.name);
}
