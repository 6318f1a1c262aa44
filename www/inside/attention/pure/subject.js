// @ts-check
import { keysOf } from "../../pure/keys.js";
import { isStale } from "../../../pure/answers.js";
import { haveSameClasses } from "../../../pure/classes.js";
import { RANDOM } from "../../../pure/entries.js";
import { isBlank, isLive } from "../../../pure/source.js";

/**
 * What a map is to be about: a class in a picture.
 *
 * @typedef {import("../../../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../state.d.ts").Sight} Sight
 * @typedef {{ text: string, class: number, picture: number }} Subject text: differs where subjects do
 */

/** @param {State} state @param {string} key */
export const runningOf = (state, key) => state.running.find((running) => running.key === key);

/** @param {State} state */
export const isSeen = ({ view, inside: { tab } }) => view === "inside" && tab === "attention";

/**
 * The answer that a network gave to the picture that is shown.
 * @param {State} state
 * @param {string} key
 */
export function currentAnswer(state, key) {
  const answer = state.answers[key];
  return !runningOf(state, key) || !state.source || isBlank(state) || !answer || isStale(answer, state) ? undefined : answer;
}

/**
 * The network whose classes are offered: the first one, unless it runs with random weights and the second one does not.
 * @param {State} state
 * @returns {string} its key
 */
export function leaderOf(state) {
  const isRandom = (/** @type {string} */ key) => runningOf(state, key)?.weights === RANDOM;
  return keysOf(state.inside).find((key) => !isRandom(key)) ?? state.inside.key;
}

/**
 * The class that a network's map is about: the chosen one, else the most probable one. A second network is asked about the class
 * of the first one where it knows the same classes, else about its own most probable one.
 * @param {State} state
 * @param {string} key
 * @returns {number | null} null where it is not known yet
 */
export function classOf(state, key) {
  const own = currentAnswer(state, key)?.predictions[0]?.index ?? null;
  const leader = leaderOf(state);
  if (key === leader) return state.inside.class ?? own;
  const isSame = haveSameClasses(state.labels[leader], state.labels[key]);
  return isSame === null ? null : isSame ? classOf(state, leader) : own;
}

/**
 * @param {State} state
 * @param {string} key
 * @returns {Subject | null} null where there is nothing to compute
 */
export function subjectOf(state, key) {
  const answer = currentAnswer(state, key);
  const running = runningOf(state, key);
  const index = classOf(state, key);
  if (!answer?.predictions.length || !running || running.weights === RANDOM || index === null || !state.deviceInfo) return null;
  const { engine, kind } = state.deviceInfo;
  return { text: [index, answer.picture, engine, kind, running.weights].join(" "), class: index, picture: answer.picture };
}

/**
 * Whether a map belongs to the picture that is shown. A live picture and a drawing are ahead of their maps all the time.
 * @param {Sight} sight
 * @param {State} state
 */
export function isOfPicture(sight, state) {
  const changing = isLive(state) || state.source?.kind === "drawing";
  return !isBlank(state) && sight.picture >= (changing ? state.sourceSince : state.picture);
}

/**
 * The map that is shown: the chosen one, or the other one where there is none of the chosen kind.
 * @param {Pick<Sight, "own" | "occlusion">} sight
 * @param {import("../state.d.ts").Kind | undefined} chosen
 * @returns {import("../state.d.ts").Kind}
 */
export function shownKind({ own, occlusion }, chosen) {
  return occlusion && (chosen === "occlusion" || !own) ? "occlusion" : "own";
}

/**
 * The probability of a class, from the predictions that name it, else from the logits of all classes.
 * @param {Prediction[]} predictions
 * @param {number} index
 * @param {ArrayLike<number> | undefined} [logits]
 * @returns {number | null}
 */
export function probabilityOf(predictions, index, logits) {
  const named = predictions.find((prediction) => prediction.index === index);
  if (named) return named.probability;
  if (!logits || index >= logits.length) return null;
  const greatest = Array.from(logits).reduce((one, other) => Math.max(one, other), -Infinity);
  const sum = Array.from(logits).reduce((sum, logit) => sum + Math.exp(logit - greatest), 0);
  return Math.exp(logits[index] - greatest) / sum;
}
