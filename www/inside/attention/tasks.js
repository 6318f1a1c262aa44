// @ts-check
import { codeOf, sentenceOf } from "../../pure/failure.js";
import { state, subscribe } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { isSeen, shownKind, subjectOf } from "./pure/subject.js";
import { updateAttention, updateSight } from "./update.js";

/**
 * Tasks that take many runs of a network: the occlusion map and the deletion curve. They are done when the visitor asks for
 * them, one at a time, and end when what they are about changes.
 *
 * @typedef {import("../../engine.js").Engine} Engine
 * @typedef {import("../../engine.js").Following} Following
 * @typedef {import("./state.d.ts").Sight} Sight
 * @typedef {import("./state.d.ts").Task} Task
 */

export class Tasks {
  #lineUp;
  #ending = new AbortController();

  /** @param {Pick<import("../../lineup.js").LineUp, "engine">} lineUp */
  constructor(lineUp) {
    this.#lineUp = lineUp;
  }

  /** @returns {() => void} ends it */
  follow() {
    return subscribe((state) => {
      const { work, sights } = state.inside.attention;
      if (!work) return;
      const isWanted = isSeen(state) && keysOf(state.inside).includes(work.key);
      if (!isWanted || subjectOf(state, work.key)?.text !== sights[work.key]?.subject) this.cancel();
    });
  }

  cancel() {
    this.#ending.abort();
  }

  /**
   * @param {string} key
   * @param {Task} task
   */
  async start(key, task) {
    const { engine } = this.#lineUp;
    const { sights, work } = state.inside.attention;
    const sight = sights[key];
    if (!engine || !sight || work || subjectOf(state, key)?.text !== sight.subject) return;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => updateAttention({ work: { key, task, done, total } });
    updateAttention({ work: { key, task, done: 0, total: 0 } });
    end(key, task, null);
    try {
      await (task === "occlusion" ? occlude : draw)(engine, key, sight, { onProgress, signal });
    } catch (error) {
      end(key, task, { code: codeOf(error), text: codeOf(error) === "cancelled" ? "It was cancelled." : sentenceOf(error) });
    } finally {
      updateAttention({ work: null });
    }
  }
}

/**
 * @param {string} key
 * @param {Task} task
 * @param {import("./state.d.ts").Trouble | null} trouble
 */
function end(key, task, trouble) {
  const { ended } = state.inside.attention;
  updateAttention({ ended: { ...ended, [key]: { ...ended[key], [task]: trouble ?? undefined } } });
}

/**
 * @param {Engine} engine
 * @param {string} key
 * @param {Sight} sight
 * @param {Following} following
 */
async function occlude(engine, key, sight, following) {
  const occlusion = await engine.attention(key, { class: sight.class, method: "occlusion" }, following);
  updateSight(key, sight.subject, { occlusion });
  updateAttention({ shown: { ...state.inside.attention.shown, [key]: "occlusion" } });
}

/**
 * Draws the deletion curve of the map that is shown.
 * @param {Engine} engine
 * @param {string} key
 * @param {Sight} sight
 * @param {Following} following
 */
async function draw(engine, key, sight, following) {
  const kind = shownKind(sight, state.inside.attention.shown[key]);
  const map = sight[kind];
  if (!map) return;
  const curve = await engine.deletion(key, map, {}, following);
  updateSight(key, sight.subject, { curves: { ...state.inside.attention.sights[key]?.curves, [kind]: curve } });
}
