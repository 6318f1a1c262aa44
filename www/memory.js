// @ts-check
import { memoryKey, storedVariant } from "./pure/memory.js";
import { state } from "./state.js";

/**
 * What networks take on the device of one engine. Each is asked for once.
 *
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("./pure/memory.js").Memories} Memories
 * @typedef {import("./state.js").Entry} Entry
 */
export class KnownMemory {
  /** @type {Memories} */
  known = {};
  /** @type {Set<string>} */
  #asked = new Set();

  /**
   * Asks the engine about entries, one call each, so that a picture between two calls need not wait for all of them. A network
   * that the engine does not know stays unknown.
   * @param {Engine} engine
   * @param {Entry[]} entries
   * @returns {Promise<boolean>} whether something became known
   */
  async learn(engine, entries) {
    const rows = state.rows ?? [];
    const missing = entries.filter((entry) => !this.#asked.has(memoryKey(entry, rows)));
    let isNew = false;
    for (const entry of missing) {
      const key = memoryKey(entry, rows);
      this.#asked.add(key);
      const memory = await engine.memory(entry.network, storedVariant(entry, rows)).catch(() => null); // a lost engine reports itself
      if (!memory) continue;
      this.known = { ...this.known, [key]: memory };
      isNew = true;
    }
    return isNew;
  }
}
