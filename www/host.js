// @ts-check
import { fetchFor, load, whyNotLoaded } from "./load.js";
import { KnownMemory } from "./memory.js";
import { isBeingBuilt, openEngine } from "./openEngine.js";
import { weightsOf } from "./pure/entries.js";
import { isSame } from "./pure/place.js";
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
 * @property {string | null} runs the variant that it answers with, while a better one is loaded too; null: it does not answer yet
 * @property {Standing} standing
 * @property {AbortController} leaving
 * @property {{ weights: Promise<Uint8Array[]> | undefined, ending: AbortController } | null} ahead a download that began before it was decided whether to load it
 * @property {Promise<void> | null} work its loading
 * @property {unknown} failure of the last loading; null where there was none
 * @property {object} load identifies what was loaded: it is another object after each loading
 */

/** An engine at one place, with the entries that it has or is loading. */
export class Host {
  /** The place that was asked for. */
  #wanted;
  /** The place where it runs: the CPU, if WebGPU was asked for and cannot be used. @type {Place} */
  place;
  /** @type {Engine | null} */
  engine = null;
  /** When it was made, in milliseconds. */
  since = performance.now();
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
  #onReady;

  /**
   * @param {Place} place
   * @param {Map<string, Standing>} before the entries' standings on the engine that was lost
   * @param {object} calls
   * @param {() => void} calls.onStanding whenever an entry's standing has changed
   * @param {(hosted: Hosted) => void} calls.onReady whenever an entry answers that did not, or with other weights
   * @param {(failure: Failure) => void} calls.onLost
   */
  constructor(place, before, { onStanding, onReady, onLost }) {
    this.#wanted = this.place = place;
    this.#before = before;
    this.#onStanding = onStanding;
    this.#onReady = onReady;
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

  /** From now on it is where it runs, and no more where it was asked for. */
  settle() {
    this.#wanted = this.place;
  }

  /** @param {Place} place */
  isAt(place) {
    return [this.#wanted, this.place].some((own) => isSame(own, place));
  }

  /**
   * @param {Entry} entry
   * @returns {Hosted} the one that is here or on its way; where other weights are on their way than the server has now, a new one
   */
  take(entry) {
    const weights = weightsOf(entry, state.rows ?? []);
    const here = this.entries.get(entry.key);
    if (here?.weights === weights) return here;
    if (here && !here.work) {
      here.ahead?.ending.abort();
      return Object.assign(here, { weights, ahead: null });
    }
    here?.leaving.abort();
    const { runs = null, load = {} } = here ?? {};
    const standing = runs === null ? (this.#before.get(entry.key) ?? IDLE) : { ...IDLE, phase: /** @type {const} */ ("ready"), weights: runs };
    /** @type {Hosted} */
    const taken = { entry, weights, runs, standing, leaving: new AbortController(), ahead: null, work: null, failure: null, load };
    this.entries.set(entry.key, taken);
    return taken;
  }

  /** Whether it answers with the best weights that the server has. @param {Hosted} hosted */
  isReady({ runs, weights }) {
    return runs === weights;
  }

  /** @param {string} key */
  isRunning(key) {
    return (this.entries.get(key)?.runs ?? null) !== null;
  }

  /** @param {string} key */
  isLoading(key) {
    return Boolean(this.entries.get(key)?.work);
  }

  /** The entries that answer. */
  get running() {
    return [...this.entries.values()].filter(({ runs }) => runs !== null);
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

  /**
   * Begins to download an entry's weights, before it is decided whether it is loaded.
   * @param {Hosted} hosted
   */
  download(hosted) {
    if (hosted.work || hosted.ahead) return;
    const ending = new AbortController();
    hosted.leaving.signal.addEventListener("abort", () => ending.abort());
    const weights = fetchFor(hosted.entry, ending.signal, this.#reporter(hosted, ending.signal));
    weights?.catch(() => {}); // the loading tells it
    hosted.ahead = { weights, ending };
  }

  /**
   * Has an entry wait for the visitor's consent.
   * @param {Hosted} hosted
   */
  ask(hosted) {
    hosted.ahead?.ending.abort();
    hosted.ahead = null;
    if (hosted.standing.phase !== "asking") this.advance(hosted, "asking");
  }

  /** @param {Hosted} hosted */
  async #load(hosted) {
    const { entry, ahead, leaving: { signal } } = hosted;
    hosted.failure = hosted.ahead = null;
    if (hosted.standing.phase !== "opening") this.advance(hosted, "opening", { step: "engine" });
    try {
      const { weights } = await load(entry, this.opened, signal, this.#reporter(hosted, signal), ahead?.weights);
      if (signal.aborted) return this.#overtaken(entry.key, weights);
      hosted.runs = weights;
      hosted.load = {};
      this.advance(hosted, "ready", { weights });
      this.#onReady(hosted);
    } catch (error) {
      if (signal.aborted || this.refusal || this.#closing.signal.aborted) return;
      hosted.failure = error;
      if (hosted.runs === null) this.advance(hosted, "failed", { text: whyNotLoaded(error, entry) });
      else this.advance(hosted, "ready", { weights: hosted.runs });
    }
  }

  /**
   * @param {Hosted} hosted
   * @param {AbortSignal} signal
   * @returns {import("./load.js").OnStanding}
   */
  #reporter(hosted, signal) {
    return (phase, details) => {
      const waitsForCode = this.#isFetching || (!this.engine && isBeingBuilt(this.#wanted.engine)); // which takes longer than the weights
      if (!signal.aborted && !(phase === "opening" && waitsForCode)) this.advance(hosted, phase, details);
    };
  }

  /**
   * Called when something was loaded that is not wanted any more.
   * @param {string} key
   * @param {string} weights
   */
  #overtaken(key, weights) {
    const now = this.entries.get(key);
    if (!now) this.#unload(key);
    else if (now.runs !== null) Object.assign(now, { runs: weights, load: {} }); // it has taken the place of those before
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
