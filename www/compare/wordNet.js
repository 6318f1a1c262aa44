// @ts-check
import { fetchPart } from "../bring.js";

/**
 * The ids that WordNet gives ImageNet's classes, as folders and tables of ImageNet name them.
 * @returns {Promise<string[]>} in the order of the classes
 */
export async function wordNetIds() {
  const response = await fetchPart(new URL("./wordnet.txt", import.meta.url));
  return (await response.text()).trim().split("\n");
}
