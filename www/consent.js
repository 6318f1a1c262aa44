// @ts-check
import { rowOfEntry } from "./pure/entries.js";
import { MUCH_MEMORY, costOf } from "./pure/memory.js";
import { megabytes } from "./pure/text.js";
import { state } from "./state.js";

/**
 * The visitor's consent to networks that take much memory.
 *
 * @typedef {import("./pure/entries.js").Entry} Entry
 * @typedef {import("./pure/memory.js").Memories} Memories
 */

/**
 * Bytes of weights up to which networks cannot take much memory, so that the engine need not be asked: a weight takes at most
 * 16 bytes, where Winograd's algorithm makes four of it in single precision.
 */
const SURELY_LITTLE = MUCH_MEMORY / 16;

export class Consent {
  /** Keys of entries that may take much memory. @type {Set<string>} */
  #given = new Set();

  /**
   * Whether the engine must be asked how much memory entries take, to decide whether consent is necessary.
   * @param {Entry[]} entries
   */
  needsMemory(entries) {
    const rows = state.rows ?? [];
    if (entries.some((entry) => !rowOfEntry(entry, rows))) return true;
    return costOf(entries, {}, rows).download > SURELY_LITTLE;
  }

  /**
   * The entries that need consent. In their order, entries need none as long as they take little memory together.
   * @param {Entry[]} entries
   * @param {(entry: Entry) => boolean} isLoaded
   * @param {Memories} memories
   * @returns {Entry[]}
   */
  missing(entries, isLoaded, memories) {
    const memory = (/** @type {Entry} */ entry) => costOf([entry], memories, state.rows ?? []).memory ?? 0;
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
   * @param {Memories} memories
   * @returns {{ text: string, question: string }} the question, and the words of the button that consents
   */
  question(entries, nameOf, memories) {
    const { memory, download } = costOf(entries, memories, state.rows ?? []);
    const names = entries.map(nameOf);
    const which = names.length === 1 ? `${names[0]} takes` : `${names.length > 3 ? `${names.length} of the networks` : names.join(" and ")} would take`;
    const text = `${which} ${megabytes(memory ?? 0)} of memory${download ? ` and a download of ${megabytes(download)}` : ""}. A computer has that to spare; on a phone the browser may close the page.`;
    return { text, question: names.length > 1 ? `Load the ${names.length}` : `Load ${names[0]}` };
  }
}
