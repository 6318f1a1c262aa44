// @ts-check
import { isFatal } from "../../engine.js";
import { entryOf, layersKey } from "../../pure/entries.js";
import { codeOf, sentenceOf } from "../../pure/failure.js";
import { isLive } from "../../pure/source.js";
import { cardOf, state, subscribe } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { isSeen, probabilityOf, subjectOf } from "./pure/subject.js";
import { updateAttention } from "./update.js";

/**
 * Has the map of each network that is looked into be about the class and the picture that are shown. One map is computed at a
 * time, of the newest picture.
 *
 * @typedef {import("../../engine.js").Engine} Engine
 * @typedef {import("../../pure/answers.js").Answer} Answer
 * @typedef {import("./pure/subject.js").Subject} Subject
 * @typedef {Pick<import("../../lineup.js").LineUp, "engine">} LineUp
 */

/** Between two maps of a camera's pictures, in milliseconds: its networks are to go on answering. */
const PAUSE = 350;

/**
 * @param {LineUp} lineUp
 * @returns {() => void} ends it
 */
export function followMaps(lineUp) {
  const maps = new Maps(lineUp);
  return subscribe(() => void maps.wake());
}

class Maps {
  #lineUp;
  #isBusy = false;
  #isWaiting = false;
  /** The engine that was lost while it computed a map. @type {Engine | null} */
  #lost = null;
  /** The answer whose picture was attended to last, and when, by key. @type {Map<string, { answer: Answer, at: number }>} */
  #last = new Map();

  /** @param {LineUp} lineUp */
  constructor(lineUp) {
    this.#lineUp = lineUp;
  }

  async wake() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let due = this.#next(); due; due = this.#next()) await this.#look(due.key, due.subject, due.engine);
    } finally {
      this.#isBusy = false;
    }
  }

  /** @returns {{ key: string, subject: Subject, engine: Engine } | null} */
  #next() {
    const { engine } = this.#lineUp;
    if (!isSeen(state) || !engine || engine === this.#lost || state.inside.attention.work) return null;
    for (const key of keysOf(state.inside)) {
      const subject = subjectOf(state, key);
      if (subject && this.#isDue(key, subject)) return { key, subject, engine };
    }
    return null;
  }

  /**
   * @param {string} key
   * @param {Subject} subject
   */
  #isDue(key, subject) {
    const isNew = state.inside.attention.sights[key]?.subject !== subject.text;
    if (!isLive(state)) return isNew;
    const last = this.#last.get(key);
    if (last?.answer === state.answers[key] && !isNew) return false;
    const wait = last ? last.at + PAUSE - performance.now() : 0;
    if (wait <= 0) return true;
    this.#wakeIn(wait);
    return false;
  }

  /** @param {number} wait milliseconds */
  #wakeIn(wait) {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      this.wake();
    }, wait);
  }

  /**
   * @param {string} key
   * @param {Subject} subject
   * @param {Engine} engine
   */
  async #look(key, subject, engine) {
    const { network } = entryOf(key);
    const answer = state.answers[key];
    const output = state.inside.layers[layersKey(entryOf(key))]?.at(-1)?.name;
    const known = probabilityOf(answer.predictions, subject.class);
    const wanted = [...(showsInput(network) ? ["input"] : []), ...(known === null && output ? [output] : [])];
    // Both are asked for at once, so that they are about the same frame.
    const [map, seen] = await Promise.allSettled([engine.attention(key, { class: subject.class }), wanted.length ? engine.activations(key, wanted) : []]);
    this.#last.set(key, { answer, at: performance.now() });
    const failure = map.status === "rejected" ? map.reason : null;
    if (isFatal(failure) || codeOf(failure) === "closed") return void (this.#lost = engine);
    const activations = seen.status === "fulfilled" ? seen.value : [];
    const of = (/** @type {string | undefined} */ layer) => activations.find((activation) => activation.layer === layer);
    const sight = {
      subject: subject.text,
      class: subject.class,
      picture: subject.picture,
      probability: known ?? probabilityOf([], subject.class, of(output)?.data),
      own: map.status === "fulfilled" ? map.value : null,
      occlusion: null,
      curves: {},
      input: of("input") ?? null,
      trouble: failure && { code: codeOf(failure), text: sentenceOf(failure) },
    };
    const { sights, ended } = state.inside.attention;
    updateAttention({ sights: { ...sights, [key]: sight }, ended: { ...ended, [key]: {} } });
  }
}

/** Whether the network's input is shown below its map: the picture on the stage is ahead of it, or is not what it reads. @param {string} network */
function showsInput(network) {
  return isLive(state) || state.source?.kind === "drawing" || cardOf(network)?.frame.kind === "digit";
}
