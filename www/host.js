// @ts-check
import { load, whyNotLoaded } from "./load.js";
import { KnownMemory } from "./memory.js";
import { isBeingBuilt, openEngine } from "./openEngine.js";
import { weightsOf } from "./pure/entries.js";
import { IDLE, advance } from "./pure/standing.js";
import { state } from "./state.js";

/**
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("./calls.js").Failure} Failure
 * @typedef {import("./state.js").Entry} Entry
 * @typedef {import("./state.js").Place} Place
 * @typedef {import("./pure/standing.js").Phase} Phase
 * @typedef {import("./pure/standing.js").Standing} Standing
 *
 * @typedef {object} Hosted an entry that a host has or is loading
 * @property {Entry} entry
 * @property {string} weights the variant to load, which is the best that the server has now
 * @property {Standing} standing
 * @property {AbortController} leaving
 * @property {Promise<void> | null} work its loading
 * @property {unknown} failure
 * @property {object} load identifies the loading: it is another object after each
 */

/** An engine at one place, with the entries that it has or is loading. */
export class Host {
  /** The place that was asked for. */
  #wanted;
  /** The place where it runs: the CPU, if WebGPU was asked for and cannot be used. @type {Place} */
  place;
  /** @type {Engine | null} */
  engine = null;
  /** Why the engine could not be opened, or was lost. @type {unknown} */
  refusal = null;
  /** @type {Promise<Engine>} */
  opened;
  /** @type {Map<string, Hosted>} */
  entries = new Map();
  #memory = new KnownMemory();
  #closing = new AbortController();
  #isFetching = false; // burn's code
  #before;
  #onStanding;

  /**
   * @param {Place} place
   * @param {Map<string, Standing>} before what the entries were on an engine that was lost
   * @param {() => void} onStanding called whenever an entry's standing has changed
   * @param {(failure: Failure) => void} onLost
   */
  constructor(place, before, onStanding, onLost) {
    this.#wanted = this.place = place;
    this.#before = before;
    this.#onStanding = onStanding;
    this.opened = this.#open(onLost);
    this.opened.catch((error) => (this.refusal = error));
  }

  /** What networks take on the engine's device, as far as it was asked. */
  get memories() {
    return this.#memory.known;
  }

  /**
   * Asks the engine, once it is open, how much memory entries take.
   * @param {Entry[]} entries
   */
  async learnMemory(entries) {
    if (await this.#memory.learn(await this.opened, entries)) this.#onStanding();
  }

  /** @param {Place} place */
  isAt(place) {
    return [this.#wanted, this.place].some(({ device, engine }) => device === place.device && engine === place.engine);
  }

  /**
   * @param {Entry} entry
   * @returns {Hosted} the one that is here or on its way; a new one where the server has other weights by now
   */
  take(entry) {
    const weights = weightsOf(entry, state.rows ?? []);
    const here = this.entries.get(entry.key);
    if (here && (!here.work || here.weights === weights)) {
      here.weights = weights;
      return here;
    }
    here?.leaving.abort();
    /** @type {Hosted} */
    const taken = { entry, weights, standing: this.#before.get(entry.key) ?? IDLE, leaving: new AbortController(), work: null, failure: null, load: {} };
    this.entries.set(entry.key, taken);
    return taken;
  }

  /** @param {Hosted} hosted */
  isReady({ standing, weights }) {
    return standing.phase === "ready" && standing.weights === weights;
  }

  /** @param {string} key */
  isRunning(key) {
    return this.entries.get(key)?.standing.phase === "ready";
  }

  /** @param {string} key */
  isLoading(key) {
    return Boolean(this.entries.get(key)?.work);
  }

  /** The entries that answer. */
  get ready() {
    return [...this.entries.values()].filter(({ standing }) => standing.phase === "ready");
  }

  /**
   * @param {Hosted} hosted
   * @param {Phase} phase
   * @param {Partial<Standing>} [details]
   */
  advance(hosted, phase, details) {
    hosted.standing = advance(hosted.standing, phase, details);
    this.#onStanding();
  }

  /**
   * Loads an entry. Its standing tells the outcome, unless the engine could not be opened.
   * @param {Hosted} hosted
   */
  bring(hosted) {
    hosted.work ??= this.#load(hosted).finally(() => (hosted.work = null));
    return hosted.work;
  }

  /** @param {Hosted} hosted */
  async #load(hosted) {
    const { entry, leaving: { signal } } = hosted;
    if (hosted.standing.phase !== "opening") this.advance(hosted, "opening", { step: "engine" });
    try {
      const { weights } = await load(entry, this.opened, signal, (phase, details) => {
        const waitsForCode = this.#isFetching || (!this.engine && isBeingBuilt(this.#wanted.engine)); // which takes longer than the weights
        if (!signal.aborted && !(phase === "opening" && waitsForCode)) this.advance(hosted, phase, details);
      });
      if (signal.aborted) return this.#unload(entry.key);
      hosted.load = {};
      this.advance(hosted, "ready", { weights });
    } catch (error) {
      if (signal.aborted || this.refusal || this.#closing.signal.aborted) return;
      hosted.failure = error;
      this.advance(hosted, "failed", { text: whyNotLoaded(error, entry) });
    }
  }

  /** @param {(entry: Entry) => boolean} stays */
  keep(stays) {
    for (const [key, { entry, leaving }] of this.entries) {
      if (stays(entry)) continue;
      leaving.abort();
      this.entries.delete(key);
      this.#unload(key);
    }
  }

  /** @param {string} key */
  #unload(key) {
    if (this.engine?.loaded.has(key) && !this.entries.has(key)) this.engine.unload(key).catch(() => {}); // a lost engine reports itself
  }

  /** Gives the device and the memory back. */
  close() {
    for (const { leaving } of this.entries.values()) leaving.abort();
    this.#closing.abort();
  }

  /** @param {(failure: Failure) => void} onLost */
  async #open(onLost) {
    const { signal } = this.#closing;
    const { engine, place } = await openEngine(this.#wanted, signal, (received, total) => this.#fetched({ received, total }));
    signal.throwIfAborted();
    this.engine = engine;
    this.place = place;
    engine.onLost = onLost;
    if (this.#isFetching) this.#fetched(null);
    this.#isFetching = false;
    return engine;
  }

  /** @param {Standing["progress"]} progress of the download of burn; null when it has come */
  #fetched(progress) {
    if (this.#closing.signal.aborted) return;
    this.#isFetching = true;
    for (const hosted of this.entries.values()) {
      if (hosted.standing.phase === "opening") this.advance(hosted, "opening", { step: progress ? "code" : "engine", progress });
    }
  }
}
