// @ts-check
import { PART_MISSING } from "../pure/failure.js";

/**
 * The ids that WordNet gives ImageNet's classes, as folders and tables of ImageNet name them.
 * @returns {Promise<string[]>} in the order of the classes
 */
export async function wordNetIds() {
  const response = await fetch(new URL("./wordnet.txt", import.meta.url));
  if (!response.ok) throw new Error(PART_MISSING);
  return (await response.text()).trim().split("\n");
}
