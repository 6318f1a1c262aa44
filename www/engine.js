// @ts-check
import { Calls } from "./calls.js";
import { compile } from "./compile.js";
import { learnCpu, threadsFor } from "./cpu.js";
import { RANDOM, isOwnVariant } from "./pure/entries.js";
import { Failure, codeOf } from "./pure/failure.js";
import { newWorker } from "./workers.js";

/**
 * @typedef {import("../pkg/convscope.js").Activation} Activation
 * @typedef {import("../pkg/convscope.js").AttentionMap} AttentionMap
 * @typedef {import("../pkg/convscope.js").AttentionOptions} AttentionOptions
 * @typedef {import("../pkg/convscope.js").Card} Card
 * @typedef {import("../pkg/convscope.js").Classification} Classification
 * @typedef {import("../pkg/convscope.js").DeletionCurve} DeletionCurve
 * @typedef {import("../pkg/convscope.js").DeletionOptions} DeletionOptions
 * @typedef {import("../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../pkg/convscope.js").Filters} Filters
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {import("../pkg/convscope.js").Layer} Layer
 * @typedef {import("../pkg/convscope.js").LayerProfile} LayerProfile
 * @typedef {import("../pkg/convscope.js").Memory} Memory
 * @typedef {import("../pkg/convscope.js").Timing} Timing
 * @typedef {(compiled: number, shaders: number) => void} OnCompiled
 * @typedef {{ onProgress?: (done: number, total: number) => void, signal?: AbortSignal }} Following a longer call; the signal cancels it
 * @typedef {import("./compile.js").OnFetched} OnFetched
 * @typedef {import("./state.js").Arithmetic} Arithmetic
 * @typedef {import("./state.js").DeviceChoice} DeviceChoice
 * @typedef {import("./state.js").EngineName} EngineName
 */

const SEED = 1; // of random weights: the same on every visit
const FATAL = new Set(["device-lost", "crashed"]);

/** @param {unknown} error after which an engine is of no use any more */
export const isFatal = (error) => FATAL.has(codeOf(error));

/** An engine in a worker of its own. All that the page asks of the wasm build goes through it. Frames are lent to it, and come back with the answer. */
export class Engine {
  #calls = new Calls(newWorker(), () => this.#lose(new Failure("crashed", "The engine could not be started or stopped unexpectedly.")));
  #ended = false;
  /** @type {DeviceInfo | null} */
  device = null;
  /** Networks on the device, by their key, and the variant of their weights. @type {Map<string, string>} */
  loaded = new Map();
  /** @type {(error: import("./calls.js").Failure) => void} called when the worker or its device is lost */
  onLost = () => {};

  /**
   * @param {DeviceChoice} device
   * @param {AbortSignal} signal closes the engine, before or after it is created
   * @param {(cards: Card[]) => void} onCards called as soon as the wasm runs
   * @param {{ engine?: EngineName, f16?: boolean, arithmetic?: Arithmetic, threads?: number | null, onFetched?: OnFetched }} [options] engine: which build computes; threads: null where the quickest number is wanted
   */
  static async open(device, signal, onCards, { engine: name = "convscope", f16 = false, arithmetic = "f32", threads: chosen = null, onFetched } = {}) {
    signal.throwIfAborted();
    const engine = new Engine();
    signal.addEventListener("abort", () => engine.close(), { once: true });
    try {
      onCards(await engine.#ask("start", [name, await compile(name, onFetched)]));
      const threads = threadsFor(chosen);
      const options = name === "convscope" ? { f16, arithmetic, threads } : { f16 };
      engine.device = /** @type {DeviceInfo} */ (await engine.#ask("create", [device, options]));
      learnCpu(engine.device, threads);
      return engine;
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * @param {string} id
   * @param {string} variant
   * @param {Uint8Array[]} shards handed over: empty afterwards
   * @param {string} [key] the name it goes by, where a network is loaded more than once
   * @param {OnCompiled} [onProgress] told of the shaders
   */
  async load(id, variant, shards, key = id, onProgress) {
    await this.#ask("load", [id, shards, key], { transfer: shards.map((shard) => shard.buffer), onProgress });
    this.loaded.set(key, variant);
  }

  /**
   * @param {string} id
   * @param {string} [key]
   * @param {OnCompiled} [onProgress]
   */
  async loadRandom(id, key = id, onProgress) {
    await this.#ask("loadRandom", [id, SEED, key], { onProgress });
    this.loaded.set(key, RANDOM);
  }

  /** @param {string} key */
  async unload(key) {
    this.loaded.delete(key);
    await this.#ask("unload", [key]);
  }

  /**
   * @param {string} key
   * @param {Frame} frame lent: empty until this resolves
   * @param {number} k
   * @param {boolean} [heads] also what the auxiliary heads say
   * @returns {Promise<Classification>}
   */
  classify(key, frame, k, heads = false) {
    return this.#ask("classify", [key, frame, k, heads], { lent: frame });
  }

  /**
   * Measures how long predictions take. It works with random weights as well.
   * @param {string} key
   * @param {Frame} frame lent: empty until this resolves
   * @param {number} runs
   * @returns {Promise<Timing[]>} one a run, in order
   */
  time(key, frame, runs) {
    return this.#ask("time", [key, frame, runs], { lent: frame });
  }

  /**
   * @param {import("./pure/entries.js").Entry} entry which must be loaded if its weights are somebody's own
   * @returns {Promise<string[]>} the names of the classes, in the order of their numbers
   */
  labels({ key, network, variant }) {
    return isOwnVariant(variant) ? this.#ask("labelsOf", [key]) : this.#ask("labels", [network]);
  }

  /**
   * @param {string} id
   * @param {"q8" | "q4"} variant of its weights
   * @returns {Promise<Memory>} what the network takes on this engine's device, loaded or not
   */
  memory(id, variant) {
    return this.#ask("memory", [id, variant]);
  }

  /**
   * @param {string} id
   * @param {number} [classes] where they are other than those of the official weights
   * @returns {Promise<Layer[]>} of any network, loaded or not
   */
  layers(id, classes) {
    return this.#ask("layers", [id, classes]);
  }

  /**
   * Times each layer, also with random weights.
   * @param {string} key
   * @param {number} runs
   * @param {Following} [following]
   * @returns {Promise<LayerProfile[]>}
   */
  profile(key, runs, following) {
    return this.#ask("profile", [key, runs], following);
  }

  /**
   * What layers gave for the frame that the network saw last, all in one run.
   * @param {string} key
   * @param {string[]} layers "input" is the network's input
   * @returns {Promise<Activation[]>}
   */
  activations(key, layers) {
    return this.#ask("activations", [key, layers]);
  }

  /**
   * @param {string} key
   * @returns {Promise<Filters>} the weights of the first convolution
   */
  filters(key) {
    return this.#ask("filters", [key]);
  }

  /**
   * Where the network looked for a class in the frame that it saw last.
   * @param {string} key
   * @param {Omit<AttentionOptions, "progress">} options
   * @param {Following} [following]
   * @returns {Promise<AttentionMap>}
   */
  attention(key, options, following) {
    return this.#ask("attention", [key, options], following);
  }

  /**
   * @param {string} key
   * @param {AttentionMap} map of the frame that the network saw last
   * @param {Omit<DeletionOptions, "progress">} options
   * @param {Following} [following]
   * @returns {Promise<DeletionCurve>}
   */
  deletion(key, map, options, following) {
    return this.#ask("deletion", [key, map, options], following);
  }

  /** @returns {Promise<number>} the shortest step of the worker's clock, in milliseconds */
  clockStep() {
    return this.#ask("clockStep", []);
  }

  /** @returns {Promise<number>} shaders that the browser refused */
  rejectedShaders() {
    return this.#ask("rejectedShaders", []);
  }

  close() {
    this.#end(new Failure("closed", "The engine was closed."));
  }

  /**
   * @param {keyof typeof import("./worker.js").handlers} call
   * @param {unknown[]} args
   * @param {import("./calls.js").CallOptions} [options]
   */
  async #ask(call, args, options) {
    try {
      return await this.#calls.ask(call, args, options);
    } catch (error) {
      if (isFatal(error)) this.#lose(/** @type {import("./calls.js").Failure} */ (error));
      throw error;
    }
  }

  /** @param {import("./calls.js").Failure} failure */
  #lose(failure) {
    if (this.#ended) return;
    this.#end(failure);
    this.onLost(failure);
  }

  /** @param {import("./calls.js").Failure} failure */
  #end(failure) {
    this.#ended = true;
    this.#calls.end(failure);
  }
}
