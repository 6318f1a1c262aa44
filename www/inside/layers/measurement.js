// @ts-check
import { codeOf, sentenceOf } from "../../pure/failure.js";
import { computedBy } from "../../pure/text.js";
import { state, subscribe, updateInside } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { runsWanted } from "./pure/times.js";

/**
 * Times the layers of the networks that are looked into, on the line-up's engine.
 *
 * @typedef {import("../../engine.js").Engine} Engine
 */
export class Measurement {
  #lineUp;
  /** Of the one that is going on. @type {AbortController | null} */
  #ending = null;
  /** The networks and the engine that it was started with. @type {{ keys: string[], engine: Engine | null }} */
  #of = { keys: [], engine: null };

  /** @param {Pick<import("../../lineup.js").LineUp, "engine">} lineUp */
  constructor(lineUp) {
    this.#lineUp = lineUp;
    subscribe(() => {
      if (this.#ending && !this.#isWanted()) this.cancel();
    });
  }

  async start() {
    const { engine } = this.#lineUp;
    const device = state.deviceInfo;
    if (this.#ending || !engine || !device) return;
    const ending = (this.#ending = new AbortController());
    const keys = measurable();
    this.#of = { keys, engine };
    try {
      for (const key of keys) {
        const { layers, runs } = await this.#measure(engine, key, ending.signal);
        const profile = { layers, place: computedBy(device), kind: device.kind, software: device.software, runs, date: new Date().toISOString() };
        updateInside({ profiles: { ...state.inside.profiles, [key]: profile } });
      }
      tell(null, 0, "");
    } catch (error) {
      tell(null, 0, ending.signal.aborted || codeOf(error) === "cancelled" ? "" : sentenceOf(error));
    } finally {
      this.#ending = null;
    }
  }

  cancel() {
    this.#ending?.abort();
  }

  /** Whether what it measures is still looked at, and still runs there. */
  #isWanted() {
    const { view, inside: { tab } } = state;
    const { keys, engine } = this.#of;
    return view === "inside" && tab === "layers" && this.#lineUp.engine === engine && keys.every((key) => measurable().includes(key));
  }

  /**
   * A first run tells how many fill the time.
   * @param {Engine} engine
   * @param {string} key
   * @param {AbortSignal} signal
   */
  async #measure(engine, key, signal) {
    const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => tell(key, total ? done / total : 0, "");
    tell(key, 0, "");
    let start = NaN; // when it begins: it may have to wait for the worker
    const onBegun = (/** @type {number} */ done, /** @type {number} */ total) => {
      start ||= performance.now();
      onProgress(done, total);
    };
    await engine.profile(key, 1, { onProgress: onBegun, signal });
    const runs = runsWanted(performance.now() - start);
    return { layers: await engine.profile(key, runs, { onProgress, signal }), runs };
  }
}

/** The keys of those that are looked into and run. */
function measurable() {
  return keysOf(state.inside).filter((wanted) => state.running.some(({ key }) => key === wanted));
}

/**
 * @param {string | null} key
 * @param {number} share
 * @param {string} trouble
 */
function tell(key, share, trouble) {
  updateInside({ measurement: { key, share, trouble } });
}
