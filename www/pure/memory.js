// @ts-check
import { rowOfEntry } from "./entries.js";

/**
 * How much memory networks take, which decides whether the page asks before it loads them.
 *
 * @typedef {import("./entries.js").Card} Card
 * @typedef {import("./entries.js").Entry} Entry
 * @typedef {import("./entries.js").Row} Row
 */

/** Bytes. A phone's browser may close a page that takes more. */
export const MUCH_MEMORY = 400e6;

const BYTES_PER_PARAMETER = 4;

/**
 * An estimate of the bytes that a network's weights take on the device: single precision for every parameter. A device
 * that computes in 16 bits, or that keeps linear layers in 8 bits, needs less; activations are not counted.
 * @param {Card} card
 */
export function memoryOf(card) {
  return card.parameters * BYTES_PER_PARAMETER;
}

/**
 * What several entries take together.
 * @param {Entry[]} entries
 * @param {Card[]} cards
 * @param {Row[]} rows
 * @returns {{ memory: number, download: number }} bytes
 */
export function costOf(entries, cards, rows) {
  let memory = 0;
  let download = 0;
  for (const entry of entries) {
    const card = cards.find(({ id }) => id === entry.network);
    if (card) memory += memoryOf(card);
    download += rowOfEntry(entry, rows)?.bytes ?? 0;
  }
  return { memory, download };
}
