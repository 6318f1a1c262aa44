// @ts-check
import { entryOf, isOwnVariant, rowOf, DEFAULT_VARIANT } from "./entries.js";

/**
 * @typedef {import("./entries.js").Card} Card
 * @typedef {import("./entries.js").Entry} Entry
 * @typedef {import("./entries.js").Row} Row
 */

/** Share of the parameters that another network may have at most, so that it takes clearly less memory. */
const HALF = 0.5;

/**
 * What can be loaded in place of an entry for which there is too little memory: its 4-bit weights where there are some, else the
 * largest network for the same kind of picture with at most half as many parameters and with official weights.
 * @param {Entry} entry
 * @param {Card[]} cards
 * @param {Row[]} rows
 * @param {string[]} running keys of entries that run already
 * @returns {Entry | null} null where there is nothing smaller
 */
export function smallerThan({ network, variant }, cards, rows, running) {
  const four = entryOf(`${network}-q4`);
  if (variant !== "q4" && !isOwnVariant(variant) && !running.includes(four.key) && rows.some((row) => row.id === network && row.variant === "q4")) return four;
  const card = cards.find(({ id }) => id === network);
  if (!card) return null;
  const fits = cards.filter(({ id, parameters, frame }) => parameters <= HALF * card.parameters && frame.kind === card.frame.kind && rowOf(rows, id, DEFAULT_VARIANT) && !running.includes(id));
  const [largest] = fits.sort((a, b) => b.parameters - a.parameters);
  return largest ? entryOf(largest.id) : null;
}
