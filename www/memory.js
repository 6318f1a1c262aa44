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
  /** The question about each, answered or not. @type {Map<string, Promise<void>>} */
  #asked = new Map();

  /**
   * Asks the engine about entries, one call each, so that a picture between two calls need not wait for all of them. A network
   * that the engine does not know stays unknown.
   * @param {Engine} engine
   * @param {Entry[]} entries
   * @returns {Promise<boolean>} whether something became known, once all of them have been answered, whoever asked
   */
  async learn(engine, entries) {
    const rows = state.rows ?? [];
    const before = this.known;
    for (const entry of entries) {
      const key = memoryKey(entry, rows);
      const asked = this.#asked.get(key) ?? this.#ask(engine, entry.network, storedVariant(entry, rows), key);
      this.#asked.set(key, asked);
      await asked;
    }
    return this.known !== before;
  }

  /**
   * @param {Engine} engine
   * @param {string} network
   * @param {"q8" | "q4"} variant
   * @param {string} key
   */
  async #ask(engine, network, variant, key) {
    const memory = await engine.memory(network, variant).catch(() => null); // a lost engine reports itself
    if (memory) this.known = { ...this.known, [key]: memory };
  }
}
