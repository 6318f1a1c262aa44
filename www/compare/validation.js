// @ts-check
import { fetchPart } from "../bring.js";
import { PICTURES, classesIn, numberOf } from "./pure/validation.js";

/**
 * @typedef {object} Validation what is known of ImageNet's validation pictures
 * @property {(path: string) => number | null} classOf a picture with such a name; null for others
 * @property {string} trouble why the classes are not known, as a sentence; empty where they are, or where nobody asks
 */

/**
 * @param {Iterable<string>} paths of pictures
 * @returns {Promise<Validation>} fetched where a picture has such a name
 */
export async function validationOf(paths) {
  for (const path of paths) if (numberOf(path) !== null) return bring();
  return unknown("");
}

/** @param {string} trouble @returns {Validation} */
const unknown = (trouble) => ({ classOf: () => null, trouble });

async function bring() {
  const missing = `Pictures are named as in ImageNet's validation set of ${PICTURES.toLocaleString("en")}, but their classes are not on this server (www/data/validation.bin, which \`cargo xtask setup\` makes), or could not be downloaded. Folders named after classes or a table of labels tell them, too.`;
  try {
    const response = await fetchPart(new URL("../data/validation.bin", import.meta.url));
    const classOf = classesIn(await response.arrayBuffer());
    return classOf ? { classOf, trouble: "" } : unknown(missing);
  } catch {
    return unknown(missing);
  }
}
