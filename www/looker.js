// @ts-check
import { RANDOM } from "./pure/entries.js";
import { isFatal } from "./engine.js";
import { sentenceOf } from "./pure/failure.js";
import { isLive } from "./pure/source.js";
import { Rate } from "./rate.js";
import { ShaderCheck } from "./shaderCheck.js";
import { cardOf, setProblem, state, update } from "./state.js";

/**
 * Has the networks of the line-up look at the pictures, in turns. A turn goes to the next network that has not seen the
 * newest picture, so that a slow network delays the others but never keeps them from answering. A frame is pulled from the
 * source only when an engine waits for one.
 *
 * @typedef {import("./host.js").Hosted} Hosted
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {{ runs: number, first: number, rate: Rate, filmed: number }} History of a network since it was loaded; filmed: the number of the camera's picture that it saw last
 */

const TOP = 5;
const SLOW = 3000; // milliseconds: if the first run took longer, a still picture is not classified a second time

export class Looker {
  #lineUp;
  #source;
  #shaders = new ShaderCheck();
  /** @type {WeakMap<object, History>} by the loading */
  #histories = new WeakMap();
  #isLooking = false;
  #isWoken = false;
  #turn = 0; // the index of the network whose turn it is

  /**
   * @param {import("./lineup.js").LineUp} lineUp
   * @param {import("./source.js").PictureSource} source
   */
  constructor(lineUp, source) {
    this.#lineUp = lineUp;
    this.#source = source;
  }

  /** Call it when there is another picture or another network. */
  async wake() {
    this.#isWoken = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isWoken) {
        this.#isWoken = false;
        while (await this.#step());
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** @returns {Promise<boolean>} false: there is nothing to do until something changes */
  async #step() {
    const hosted = this.#next();
    if (hosted) return this.#look(hosted);
    return isLive(state) && this.#lineUp.running.length > 0 && this.#source.next();
  }

  #next() {
    const { running } = this.#lineUp;
    for (let i = 0; i < running.length; i++) {
      const hosted = running[(this.#turn + i) % running.length];
      if (!this.#isDue(hosted)) continue;
      this.#turn = (this.#turn + i + 1) % running.length;
      return hosted;
    }
    return undefined;
  }

  /** @param {Hosted} hosted */
  #isDue(hosted) {
    const history = this.#historyOf(hosted.load);
    if (isLive(state)) return history.filmed !== this.#source.filmed;
    if (state.answers[hosted.entry.key]?.picture !== state.picture) return true;
    return history.runs === 1 && history.first < SLOW; // the first run warms up, so its time is not typical
  }

  /**
   * @param {Hosted} hosted
   * @returns {Promise<boolean>} false: there is nothing to see
   */
  async #look(hosted) {
    const { entry: { key, network }, load, runs } = hosted;
    const { engine } = this.#lineUp;
    const card = cardOf(network);
    const history = this.#historyOf(load);
    let { picture } = state;
    history.filmed = this.#source.filmed;
    const isCurrent = () => engine === this.#lineUp.engine && this.#lineUp.running.includes(hosted) && hosted.load === load;
    try {
      const frame = card ? await this.#source.pull(card) : null;
      if (!engine || !frame) return isLive(state); // a camera may have no picture yet
      if (isLive(state)) picture = state.picture;
      const answer = await ask(engine, key, frame, runs === RANDOM, this.#lineUp.asksHeads && Boolean(card?.heads.length));
      if (!isCurrent()) return true;
      if (!history.runs++) history.first = answer.timing.total;
      const rate = isLive(state) ? history.rate.count(performance.now()) : null;
      this.#shaders.check(engine, key);
      if (picture < state.sourceSince) return true;
      setProblem("frame", null);
      update({ answers: { ...state.answers, [key]: { ...answer, first: history.first, rate, picture } } });
    } catch (error) {
      if (!isCurrent() || isFatal(error) || picture < state.sourceSince) return true;
      if (history.runs) history.runs++; // a run that is to warm up is not made up for
      setProblem("frame", { text: sentenceOf(error), retry: null });
      update({ answers: { ...state.answers, [key]: { predictions: [], heads: [], vote: null, timing: null, first: null, rate: null, picture } } });
    }
    return true;
  }

  /** @param {object} load */
  #historyOf(load) {
    const history = this.#histories.get(load) ?? { runs: 0, first: 0, rate: new Rate(), filmed: 0 };
    this.#histories.set(load, history);
    return history;
  }
}

/**
 * Classifies a frame. With random weights there are no predictions, and only the time is measured.
 * @param {Engine} engine
 * @param {string} key
 * @param {Frame} frame
 * @param {boolean} isRandom
 * @param {boolean} heads
 */
async function ask(engine, key, frame, isRandom, heads) {
  if (!isRandom) return engine.classify(key, frame, TOP, heads);
  const [timing] = await engine.time(key, frame, 1);
  return { predictions: [], heads: [], vote: null, timing };
}
