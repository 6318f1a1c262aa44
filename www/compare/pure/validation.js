// @ts-check

/**
 * The pictures with which ImageNet's challenge of 2012 was validated, and on which accuracies are published. Their names have numbers,
 * and a list on the server has the class of each.
 */

export const PICTURES = 50_000;
const BYTES = 2; // of the list for a picture

/** `ILSVRC2012_val_00000001.JPEG`, and the same with an id of WordNet behind it, as some copies have it. */
const NAME = /(?:^|\/)ILSVRC2012_val_(\d{8})(?:_n\d{8})?\.\w+$/i;

/**
 * @param {string} path
 * @returns {number | null} the picture's number, from 1; null where the file is not named as one of them
 */
export function numberOf(path) {
  const number = Number(NAME.exec(path)?.[1] ?? 0);
  return number >= 1 && number <= PICTURES ? number : null;
}

/**
 * @param {ArrayBuffer} list of 16 bits for each picture, the lower 8 first
 * @returns {((path: string) => number | null) | null} the class of a picture, null for other files; null where it is not the list
 */
export function classesIn(list) {
  if (list.byteLength !== BYTES * PICTURES) return null;
  const view = new DataView(list);
  return (path) => {
    const number = numberOf(path);
    return number === null ? null : view.getUint16(BYTES * (number - 1), true);
  };
}
