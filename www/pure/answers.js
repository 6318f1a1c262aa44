// @ts-check
import { isBlank, isChanging, isLive } from "./source.js";

/**
 * The answer of a network to a picture.
 *
 * @typedef {import("../../pkg/convscope.js").Classification} Classification
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../../pkg/convscope.js").Timing} Timing
 * @typedef {import("../state.js").State} State
 *
 * @typedef {object} Answer
 * @property {Prediction[]} predictions none with random weights, and none where the picture could not be classified
 * @property {Classification["heads"]} heads
 * @property {Prediction[] | null} vote
 * @property {Timing | null} timing the median of `runs` runs, or the network's first run; null where the picture could not be classified
 * @property {number} runs after the warm-up; 0 where there was only the first
 * @property {number | null} first milliseconds of the network's first run
 * @property {number | null} rate pictures a second, of a live source
 * @property {number} picture the number of the picture that it saw; 0 where another engine saw it
 */

/**
 * Whether the answer is to an earlier picture than the one that is shown. A live picture and a drawing change all the time;
 * for them, only an answer to another source is stale.
 * @param {Pick<Answer, "picture">} answer
 * @param {State} state
 */
export function isStale(answer, state) {
  if (state.interrupted && isLive(state)) return true;
  return answer.picture < (isChanging(state) ? state.sourceSince : state.picture);
}

/**
 * The answers without a rate, which nothing has while no pictures come.
 * @param {Record<string, Answer>} answers
 */
export function withoutRates(answers) {
  return Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, { ...answer, rate: null }]));
}

/**
 * The list to show: the vote where it is asked for, else the main output's predictions.
 * @param {Answer} answer
 * @param {Pick<State, "askHeads" | "showVote">} wanted
 */
export function mainPredictions({ predictions, vote }, { askHeads, showVote }) {
  return (askHeads && showVote && vote) || predictions;
}

/**
 * In the view of one network, the network that answers now: the chosen one, or the one before it while the chosen one is
 * being loaded.
 * @param {State} state
 */
export const answering = ({ running }) => running[0];

/** @param {State} state the answer of `answering`, if there is one yet */
export function answerOf(state) {
  const running = answering(state);
  return running && !isBlank(state) ? state.answers[running.key] : undefined;
}

/**
 * Whether a network for digits found no ink on the picture that it saw.
 * @param {Answer | undefined} answer
 * @param {import("../state.js").Card | null | undefined} card
 * @param {boolean} isRandom whether the network has random weights, and never answers
 */
export const sawNoInk = (answer, card, isRandom) => card?.frame.kind === "digit" && !isRandom && Boolean(answer?.timing) && !answer?.predictions.length;

export const NO_INK = "There is no ink on this picture, so there is no digit to read. Draw one, or show one on plain paper.";
