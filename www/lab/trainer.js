// @ts-check
import { Calls } from "../calls.js";
import { compile } from "../compile.js";
import { Failure, codeOf } from "../pure/failure.js";
import { moduleWorker } from "../workers.js";

/**
 * @typedef {import("./state.js").LabConfig} LabConfig
 * @typedef {import("./state.js").LabDivergence} LabDivergence
 * @typedef {import("./state.js").LabStep} LabStep
 * @typedef {import("../../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../../pkg/convscope.js").Frame} Frame
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 */

const SCRIPT = new URL("./worker.js", import.meta.url);
const FATAL = new Set(["device-lost", "crashed", "out-of-memory"]);

/** burn's build in a worker of its own, which trains the runs of an experiment in turns. */
export class Trainer {
  #calls = new Calls(moduleWorker(SCRIPT), () => this.#end(new Failure("crashed", this.#hasStarted ? "The worker that trained the networks has been lost." : "The code that trains could not be started. Check the connection and try again. If it stays so, reload the page.")));
  #hasStarted = false;
  hasEnded = false;

  /**
   * @param {import("../compile.js").OnFetched} onFetched told of the download of burn
   * @returns {Promise<Trainer>}
   */
  static async open(onFetched) {
    const module = await compile("burn", onFetched);
    const trainer = new Trainer();
    try {
      await trainer.#ask("start", [module]);
      trainer.#hasStarted = true;
      return trainer;
    } catch (error) {
      trainer.close();
      throw error;
    }
  }

  /**
   * Begins a run, in place of the one that the key had.
   * @param {string} key
   * @param {LabConfig} config
   * @param {string} data the name of a file with pictures
   * @param {string} device
   * @returns {Promise<{ layers: string[], device: DeviceInfo }>}
   */
  create(key, config, data, device) {
    return this.#ask("create", [key, config, data, device]);
  }

  /**
   * Takes steps, or fewer where a value stops being finite.
   * @param {string} key
   * @param {number} count
   * @returns {Promise<{ steps: LabStep[], diverged: LabDivergence | null }>}
   */
  step(key, count) {
    return this.#ask("step", [key, count]);
  }

  /**
   * @param {string} key
   * @returns {Promise<import("./state.js").Test>}
   */
  test(key) {
    return this.#ask("test", [key]);
  }

  /**
   * @param {string} key
   * @param {Frame} frame
   * @returns {Promise<Prediction[]>} the most probable class first
   */
  classify(key, frame) {
    return this.#ask("classify", [key, frame]);
  }

  /** Frees all runs. */
  free() {
    return this.#ask("free", []);
  }

  close() {
    this.#end(new Failure("closed", "The lab was closed."));
  }

  /**
   * @param {keyof typeof import("./worker.js").handlers} call
   * @param {unknown[]} args
   */
  async #ask(call, args) {
    try {
      return await this.#calls.ask(call, args);
    } catch (error) {
      if (FATAL.has(codeOf(error))) this.close();
      throw error;
    }
  }

  /** @param {Failure} failure */
  #end(failure) {
    this.hasEnded = true;
    this.#calls.end(failure);
  }
}
