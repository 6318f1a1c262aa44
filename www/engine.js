// @ts-check
import { compile } from "./compile.js";
import { RANDOM } from "./download.js";
import { Failure } from "./failure.js";
import { newWorker } from "./workers.js";

/**
 * @typedef {import("../pkg/convscope.js").Card} Card
 * @typedef {import("../pkg/convscope.js").Classification} Classification
 * @typedef {import("../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {import("./worker.js").Request} Request
 * @typedef {import("./worker.js").Reply} Reply
 * @typedef {import("./worker.js").Progress} Progress
 * @typedef {(compiled: number, shaders: number) => void} OnCompiled
 * @typedef {import("./state.js").DeviceChoice} DeviceChoice
 * @typedef {import("./state.js").EngineName} EngineName
 * @typedef {import("./compile.js").OnFetched} OnFetched
 * @typedef {import("../pkg/convscope.js").Timing} Timing
 * @typedef {{ call: Request["call"], frame: Frame, args: unknown[] }} Turn
 * @typedef {Turn & { resolve: (answer: any) => void, reject: (error: unknown) => void }} Waiting
 */

const SEED = 1; // of random weights: the same on every visit
const FATAL = new Set(["device-lost", "crashed"]);

/** One worker with one engine in it. */
export class Engine {
  #worker = newWorker();
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void, onCompiled?: OnCompiled }>} */
  #calls = new Map();
  #lastCall = 0;
  #busy = false;
  /** @type {Waiting | null} */
  #waiting = null;
  /** @type {Failure | null} */
  #ended = null;
  /** @type {DeviceInfo | null} */
  device = null;
  /** Networks on the device, by their key, and the variant of their weights. @type {Map<string, string>} */
  loaded = new Map();
  /** @type {(error: Failure) => void} called when the worker or its device is lost */
  onLost = () => {};

  /**
   * @param {DeviceChoice} device
   * @param {AbortSignal} signal closes the engine, before or after it is created
   * @param {(cards: Card[]) => void} onCards called as soon as the wasm runs
   * @param {{ engine?: EngineName, f16?: boolean, onFetched?: OnFetched }} [options] engine: which build computes
   */
  static async open(device, signal, onCards, { engine: name = "convscope", f16 = false, onFetched } = {}) {
    signal.throwIfAborted();
    const engine = new Engine();
    signal.addEventListener("abort", () => engine.close(), { once: true });
    try {
      onCards(await engine.#ask("start", [name, await compile(name, onFetched)]));
      engine.device = await engine.#ask("create", [device, { f16 }]);
      return engine;
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /** @returns {Promise<Card[]>} without a device */
  static async cards() {
    const engine = new Engine();
    try {
      return await engine.#ask("start", ["convscope", await compile("convscope")]);
    } finally {
      engine.close();
    }
  }

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("error", () => this.#lose(new Failure("crashed", "The engine could not be started or stopped unexpectedly.")));
  }

  /**
   * @param {string} id
   * @param {string} variant
   * @param {Uint8Array[]} shards handed over: empty afterwards
   * @param {string} [key] the name it goes by, where a network is loaded more than once
   * @param {OnCompiled} [onCompiled] told of the shaders
   */
  async load(id, variant, shards, key = id, onCompiled) {
    await this.#ask("load", [id, shards, key], shards.map((shard) => shard.buffer), onCompiled);
    this.loaded.set(key, variant);
  }

  /**
   * @param {string} id
   * @param {string} [key]
   * @param {OnCompiled} [onCompiled]
   */
  async loadRandom(id, key = id, onCompiled) {
    await this.#ask("loadRandom", [id, SEED, key], [], onCompiled);
    this.loaded.set(key, RANDOM);
  }

  /** @param {string} key */
  async unload(key) {
    this.loaded.delete(key);
    await this.#ask("unload", [key]);
  }

  /**
   * @param {string} key
   * @param {Frame} frame handed over: empty afterwards
   * @param {number} k
   * @param {boolean} heads also what the auxiliary heads say
   * @returns {Promise<Classification | "dropped">}
   */
  classify(key, frame, k, heads) {
    return this.#take({ call: "classify", frame, args: [key, frame, k, heads] });
  }

  /**
   * As `classify`, but every frame gets its turn.
   * @param {string} key
   * @param {Frame} frame lent: empty until this resolves
   * @param {number} k
   * @returns {Promise<Classification>}
   */
  classifyEach(key, frame, k) {
    return this.#lend("classify", frame, [key, frame, k, false]);
  }

  /**
   * How long a prediction takes; also with random weights.
   * @param {string} key
   * @param {Frame} frame handed over: empty afterwards
   * @returns {Promise<Timing[] | "dropped">}
   */
  time(key, frame) {
    return this.#take({ call: "time", frame, args: [key, frame, 1] });
  }

  /**
   * As `time`, but every frame gets its turn.
   * @param {string} key
   * @param {Frame} frame lent: empty until this resolves
   * @param {number} runs
   * @returns {Promise<Timing[]>} one a run, in order
   */
  timeEach(key, frame, runs) {
    return this.#lend("time", frame, [key, frame, runs]);
  }

  /** @returns {Promise<number>} the shortest step of the worker's clock, in milliseconds */
  clockStep() {
    return this.#ask("clockStep", []);
  }

  /** @returns {Promise<number>} shaders that the browser refused */
  rejectedShaders() {
    return this.#ask("rejectedShaders", []);
  }

  /**
   * Thousands of frames go through the same few buffers: browsers keep a buffer that was handed over until much later.
   * @param {Request["call"]} call
   * @param {Frame} frame one of the arguments
   * @param {unknown[]} args
   */
  async #lend(call, frame, args) {
    const { length } = frame.data;
    const { value, lent } = await this.#ask(call, args, [frame.data.buffer], undefined, frame);
    frame.data = new Uint8ClampedArray(lent, 0, length);
    return value;
  }

  /**
   * The newest frame wins: one is computed, one waits, a waiting one that is overtaken resolves as dropped.
   * @param {Turn} turn
   * @returns {Promise<any>}
   */
  #take(turn) {
    return new Promise((resolve, reject) => {
      this.#waiting?.resolve("dropped");
      this.#waiting = { ...turn, resolve, reject };
      if (!this.#busy) this.#next();
    });
  }

  async #next() {
    const turn = this.#waiting;
    if (!turn) return;
    this.#waiting = null;
    this.#busy = true;
    try {
      turn.resolve(await this.#ask(turn.call, turn.args, [turn.frame.data.buffer]));
    } catch (error) {
      turn.reject(error);
    }
    this.#busy = false;
    this.#next();
  }

  close() {
    this.#end(new Failure("closed", "The engine was closed."));
  }

  /**
   * @param {Request["call"]} call
   * @param {unknown[]} args
   * @param {Transferable[]} [transfer]
   * @param {OnCompiled} [onCompiled]
   * @param {Frame} [lent] one of the arguments, wanted back
   * @returns {Promise<any>} the value; with what was lent, both
   */
  #ask(call, args, transfer = [], onCompiled, lent) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const id = ++this.#lastCall;
      this.#calls.set(id, { resolve, reject, onCompiled });
      this.#worker.postMessage({ id, call, args, lent }, transfer);
    });
  }

  /** @param {Reply | Progress} reply */
  #receive(reply) {
    const call = this.#calls.get(reply.id);
    if ("compiled" in reply) return call?.onCompiled?.(reply.compiled, reply.shaders);
    this.#calls.delete(reply.id);
    if ("value" in reply) return call?.resolve(reply.lent ? reply : reply.value);
    const failure = new Failure(reply.error.code, reply.error.message);
    call?.reject(failure);
    if (FATAL.has(failure.code)) this.#lose(failure);
  }

  /** @param {Failure} failure */
  #lose(failure) {
    if (this.#ended) return;
    this.#end(failure);
    this.onLost(failure);
  }

  /** @param {Failure} failure */
  #end(failure) {
    if (this.#ended) return;
    this.#ended = failure;
    this.#worker.terminate();
    for (const call of this.#calls.values()) call.reject(failure);
    this.#calls.clear();
    this.#waiting?.resolve("dropped");
    this.#waiting = null;
  }
}
