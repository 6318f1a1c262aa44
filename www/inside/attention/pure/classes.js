// @ts-check

/**
 * Classes by their names and numbers.
 *
 * @typedef {{ index: number, label: string }} Found
 */

/** @param {string} text */
const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/**
 * How well a label fits: 0 best; null: not at all. Each word that is looked for begins a word of the label.
 * @param {string} label
 * @param {string[]} words
 */
function distance(label, words) {
  const own = wordsOf(label);
  if (!words.every((word) => own.some((other) => other.startsWith(word)))) return null;
  const text = words.join(" ");
  const all = own.join(" ");
  return all === text ? 0 : all.startsWith(text) ? 1 : words.every((word) => own.includes(word)) ? 2 : 3;
}

/**
 * The classes that a text means: by their number, or by words of their names, the closest first.
 * @param {string[]} labels
 * @param {string} text
 * @param {number} most
 * @returns {{ found: Found[], more: number }} more: those that are left out
 */
export function findClasses(labels, text, most) {
  const words = wordsOf(text);
  if (!words.length) return { found: [], more: 0 };
  const number = /^\s*\d+\s*$/.test(text) ? Number(text) : -1;
  const fitting = labels.flatMap((label, index) => {
    const far = index === number ? -1 : distance(label, words);
    return far === null ? [] : [{ index, label, far }];
  });
  fitting.sort((one, other) => one.far - other.far || one.index - other.index);
  return { found: fitting.slice(0, most).map(({ index, label }) => ({ index, label })), more: Math.max(0, fitting.length - most) };
}
