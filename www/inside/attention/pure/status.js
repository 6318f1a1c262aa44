// @ts-check
import { NO_INK, sawNoInk } from "../../../pure/answers.js";
import { RANDOM } from "../../../pure/entries.js";
import { isBlank } from "../../../pure/source.js";
import { standingText, startText } from "../../../pure/standing.js";
import { classOf, currentAnswer, runningOf } from "./subject.js";

/**
 * @typedef {import("../../../state.js").State} State
 */

/**
 * Why there is no map of a network yet, or what is being waited for.
 * @param {State} state
 * @param {string} key
 * @param {string} name of the network
 * @returns {string} empty where nothing is in the way
 */
export function statusOf(state, key, name) {
  const standing = state.standings[key];
  const running = runningOf(state, key);
  const isComing = state.deviceInfo?.engine !== state.engine; // the other build is being brought
  if (isComing || !running) {
    const building = state.engine === "burn" ? state.building.find((step) => step.name === "burn") : undefined;
    const text = startText(standing, building) ?? standingText(standing, name);
    if (text) return text;
    if (!running) return `${name} is not loaded.`;
  }
  if (running?.weights === RANDOM) {
    return `${name} runs with random weights here. Random weights know nothing, so that there is no class whose traces a map could show. Its layers, its diagram and what its filters do to the picture can still be seen in the other tabs.`;
  }
  if (!state.source) return "There is no picture yet. Choose one below the stage.";
  if (isBlank(state)) return "The drawing pad is blank. Draw a digit, and the map shows which of its parts speak for it.";
  const answer = currentAnswer(state, key);
  if (sawNoInk(answer ?? undefined, state.cards.find(({ id }) => id === running?.network), running?.weights === RANDOM)) return NO_INK;
  if (answer && !answer.predictions.length) return "The network could not read this picture. Choose another one.";
  return !answer || classOf(state, key) === null ? `${name} looks at the picture…` : "";
}
