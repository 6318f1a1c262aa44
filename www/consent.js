// @ts-check
import { rowOfEntry } from "./pure/entries.js";
import { MUCH_MEMORY, costOf } from "./pure/memory.js";
import { inWords, megabytes } from "./pure/text.js";
import { cardOf, state } from "./state.js";

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

/** Bytes of weights up to which a download need not wait for the decision: few networks take much memory with so little. */
const SMALL_DOWNLOAD = 50e6;

export class Consent {
  /** Keys of entries that may take much memory. @type {Set<string>} */
  #given = new Set();

  /**
   * Whether the engine must be asked how much memory entries take, to decide whether consent is necessary.
   * @param {Entry[]} entries all that are wanted, those that run already too
   */
  needsMemory(entries) {
    const rows = state.rows ?? [];
    if (entries.some((entry) => !rowOfEntry(entry, rows))) return true;
    return costOf(entries, {}, rows).weights > SURELY_LITTLE;
  }

  /**
   * Whether entries may be downloaded before it is known whether consent is necessary.
   * @param {Entry[]} entries
   */
  mayDownload(entries) {
    return costOf(entries, {}, state.rows ?? []).download <= SMALL_DOWNLOAD;
  }

  /**
   * The entries that need consent. In their order, entries need none as long as they take little memory together. An entry
   * whose memory the engine does not tell needs it.
   * @param {Entry[]} entries
   * @param {(entry: Entry) => boolean} isLoaded
   * @param {Memories} memories
   * @returns {Entry[]}
   */
  missing(entries, isLoaded, memories) {
    const memory = (/** @type {Entry} */ entry) => costOf([entry], memories, state.rows ?? []).memory;
    const open = entries.filter((entry) => !this.#given.has(entry.key) && cardOf(entry.network));
    let taken = open.filter(isLoaded).reduce((sum, entry) => sum + (memory(entry) ?? 0), 0);
    return open.filter((entry) => {
      if (isLoaded(entry)) return false;
      const own = memory(entry);
      if (own === null || taken + own > MUCH_MEMORY) return true;
      taken += own;
      return false;
    });
  }

  /** @param {Entry[]} entries */
  give(entries) {
    for (const { key } of entries) this.#given.add(key);
  }

  /**
   * @param {Entry[]} asked
   * @param {Entry[]} others that run beside them
   * @param {(entry: Entry) => string} nameOf
   * @param {Memories} memories
   * @returns {{ text: string, question: string }} the question, and the words of the button that consents
   */
  question(asked, others, nameOf, memories) {
    const rows = state.rows ?? [];
    const { memory, download } = costOf(asked, memories, rows);
    const total = others.length ? costOf([...asked, ...others], memories, rows).memory : null;
    const names = asked.map(nameOf);
    const takes = names.length === 1 ? `${names[0]} takes` : `${names.length > 3 ? `${names.length} of the networks` : names.join(" and ")} would take`;
    const much = memory === null ? "an unknown amount" : megabytes(memory);
    const together = total === null ? "" : `, ${megabytes(total)} with what runs already`;
    const fetched = download ? `${together && ","} and a download of ${megabytes(download)}` : "";
    return {
      text: `${takes} ${much} of memory${together}${fetched}. On a phone, the browser may close the page.`,
      question: `Load ${names.length === 1 ? names[0] : names.length === 2 ? "both" : `all ${inWords(names.length)}`}`,
    };
  }
}
