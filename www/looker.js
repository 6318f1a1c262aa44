// @ts-check
import { RANDOM } from "./pure/entries.js";
import { isFatal } from "./engine.js";
import { sentenceOf } from "./pure/failure.js";
import { isChanging, isLive } from "./pure/source.js";
import { RUNS, medianRun } from "./pure/typical.js";
import { Rate } from "./rate.js";
import { ShaderCheck } from "./shaderCheck.js";
import { cardOf, setProblem, state, update } from "./state.js";

/**
 * Has the networks of the line-up look at the pictures, in turns. A turn goes to the next network that has not seen the
 * newest picture, so that a slow network delays the others but never keeps them from answering. A frame is pulled from the
 * source only when an engine waits for one. A picture that stands still is timed a few times more when all have answered,
 * one run at a time, so that whatever is wanted next waits for one run at the most.
 *
 * @typedef {import("./host.js").Hosted} Hosted
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {import("../pkg/convscope.js").Timing} Timing
 *
 * @typedef {object} History of a network since it was loaded
 * @property {number | null} first milliseconds of its first run, which warms up
 * @property {Timing[]} recent the last runs after that: of one picture, or of those of a source that changes all the time
 * @property {number} since the number of the first picture of their source
 * @property {boolean} isTimed there is nothing more to time in the picture that stands still
 * @property {Rate} rate
 * @property {number} filmed the number of the camera's picture that it saw last
 */

const TOP = 5;
const SLOW_FIRST = 3000; // milliseconds: if the first run took longer, a still picture is not timed again
const SLOW = 1000; // the same for a later run: the visitor's next choice waits for the run that is under way

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
    const hosted = this.#next((one) => this.#isDue(one));
    if (hosted) return this.#look(hosted);
    const untimed = this.#next((one) => this.#isUntimed(one));
    if (untimed) return this.#timeAgain(untimed);
    return isLive(state) && this.#lineUp.running.length > 0 && this.#source.next();
  }

  /** @param {(hosted: Hosted) => boolean} isWanted */
  #next(isWanted) {
    const { running } = this.#lineUp;
    for (let i = 0; i < running.length; i++) {
      const hosted = running[(this.#turn + i) % running.length];
      if (!isWanted(hosted)) continue;
      this.#turn = (this.#turn + i + 1) % running.length;
      return hosted;
    }
    return undefined;
  }

  /** @param {Hosted} hosted */
  #isDue(hosted) {
    const history = this.#historyOf(hosted.load);
    if (isLive(state)) return history.filmed !== this.#source.filmed;
    return state.answers[hosted.entry.key]?.picture !== state.picture;
  }

  /** @param {Hosted} hosted that has answered */
  #isUntimed({ load }) {
    const { first, recent, isTimed } = this.#historyOf(load);
    if (isChanging(state) || isTimed || recent.length >= RUNS || (first ?? 0) >= SLOW_FIRST) return false;
    return (recent.at(-1)?.total ?? 0) < SLOW;
  }

  /**
   * Times a network once more on the picture that it has answered. The answer gets its times when no more runs are to come.
   * @param {Hosted} hosted
   * @returns {Promise<boolean>}
   */
  async #timeAgain(hosted) {
    const { entry: { key, network }, load, runs } = hosted;
    const { engine } = this.#lineUp;
    const card = cardOf(network);
    const history = this.#historyOf(load);
    const { picture } = state;
    const isWanted = () => this.#isRunning(hosted, load, engine) && picture === state.picture && !isLive(state);
    try {
      const frame = card ? await this.#source.pull(card) : null;
      if (!isWanted()) return true;
      if (engine && frame) history.recent.push((await ask(engine, key, frame, runs === RANDOM, this.#asksHeads(card))).timing);
      else history.isTimed = true;
    } catch {
      history.isTimed = true; // the answer stands, with the times until now; a lost engine reports itself
    }
    if (!isWanted()) return true;
    const answer = state.answers[key];
    const isDone = !this.#isUntimed(hosted);
    if (isDone && answer && history.recent.length) update({ answers: { ...state.answers, [key]: { ...answer, ...typical(history, history.recent[0]) } } });
    return true;
  }

  /** @param {import("./state.js").Card | undefined} card */
  #asksHeads(card) {
    return this.#lineUp.asksHeads && Boolean(card?.heads.length);
  }

  /**
   * @param {Hosted} hosted
   * @param {object} load
   * @param {Engine | null} engine
   */
  #isRunning(hosted, load, engine) {
    return engine === this.#lineUp.engine && this.#lineUp.running.includes(hosted) && hosted.load === load;
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
    const isCurrent = () => this.#isRunning(hosted, load, engine);
    try {
      const frame = card ? await this.#source.pull(card) : null;
      if (!engine || !frame) return isLive(state); // a camera may have no picture yet
      if (isLive(state)) picture = state.picture;
      const answer = await ask(engine, key, frame, runs === RANDOM, this.#asksHeads(card));
      if (!isCurrent()) return true;
      remember(history, answer.timing);
      const rate = isLive(state) && !state.interrupted ? history.rate.count(performance.now()) : null;
      this.#shaders.check(engine, key);
      if (picture < state.sourceSince) return true;
      setProblem("frame", null);
      update({ answers: { ...state.answers, [key]: { ...answer, ...typical(history, answer.timing), first: history.first, rate, picture } } });
    } catch (error) {
      if (!isCurrent() || isFatal(error) || picture < state.sourceSince) return true;
      history.isTimed = true;
      setProblem("frame", { text: sentenceOf(error), retry: null });
      update({ answers: { ...state.answers, [key]: { predictions: [], heads: [], vote: null, timing: null, runs: 0, first: null, rate: null, picture } } });
    }
    return true;
  }

  /** @param {object} load */
  #historyOf(load) {
    const history = this.#histories.get(load) ?? { first: null, recent: [], since: 0, isTimed: false, rate: new Rate(), filmed: 0 };
    this.#histories.set(load, history);
    return history;
  }
}

/**
 * @param {History} history
 * @param {Timing} timing of the run that gave an answer
 */
function remember(history, timing) {
  if (!isChanging(state) || history.since !== state.sourceSince) history.recent = [];
  history.since = state.sourceSince;
  history.isTimed = false;
  if (history.first === null) history.first = timing.total;
  else history.recent = [...history.recent, timing].slice(-RUNS);
}

/**
 * @param {History} history
 * @param {Timing} last which is the network's first run where there was no other
 */
function typical({ recent }, last) {
  return { timing: recent.length ? medianRun(recent) : last, runs: recent.length };
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
