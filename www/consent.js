// @ts-check
import { rowOfEntry } from "./pure/entries.js";
import { MUCH_MEMORY, costOf } from "./pure/memory.js";
import { megabytes } from "./pure/text.js";
import { state } from "./state.js";

/**
 * The visitor's consent to networks that take much memory.
 *
 * @typedef {import("./pure/entries.js").Entry} Entry
 */

/** Bytes of weights up to which networks cannot take much memory, so that their cards need not be known. */
const SURELY_LITTLE = 50e6;

export class Consent {
  /** Keys of entries that may take much memory. @type {Set<string>} */
  #given = new Set();

  /**
   * Whether the networks' cards are needed to decide whether consent is necessary.
   * @param {Entry[]} entries
   */
  needsCards(entries) {
    const rows = state.rows ?? [];
    if (entries.some((entry) => !rowOfEntry(entry, rows))) return true;
    return costOf(entries, [], rows).download > SURELY_LITTLE;
  }

  /**
   * The entries that need consent. In their order, entries need none as long as they take little memory together.
   * @param {Entry[]} entries
   * @param {(entry: Entry) => boolean} isLoaded
   * @returns {Entry[]}
   */
  missing(entries, isLoaded) {
    const memory = (/** @type {Entry} */ entry) => costOf([entry], state.cards, []).memory;
    const asked = entries.filter((entry) => !this.#given.has(entry.key) && !isLoaded(entry));
    let taken = entries.filter(isLoaded).reduce((sum, entry) => (this.#given.has(entry.key) ? sum : sum + memory(entry)), 0);
    return asked.filter((entry) => {
      if (taken + memory(entry) > MUCH_MEMORY) return true;
      taken += memory(entry);
      return false;
    });
  }

  /** @param {Entry[]} entries */
  give(entries) {
    for (const { key } of entries) this.#given.add(key);
  }

  /**
   * @param {Entry[]} entries
   * @param {(entry: Entry) => string} nameOf
   * @returns {{ text: string, question: string }} the question, and the words of the button that consents
   */
  question(entries, nameOf) {
    const { memory, download } = costOf(entries, state.cards, state.rows ?? []);
    const names = entries.map(nameOf);
    const which = names.length === 1 ? `${names[0]}'s weights take` : `${names.length > 3 ? `${names.length} of the networks` : names.join(" and ")} would take`;
    const text = `${which} ${megabytes(memory)} of memory${download ? ` and a download of ${megabytes(download)}` : ""}. A computer has that to spare; on a phone the browser may close the page.`;
    return { text, question: names.length > 1 ? `Load the ${names.length}` : `Load ${names[0]}` };
  }
}
