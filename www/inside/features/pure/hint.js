// @ts-check
import { entryOf, layersKey, nameOf } from "../../../pure/entries.js";
import { isBlank } from "../../../pure/source.js";
import { standingText, startText } from "../../../pure/standing.js";

/** @typedef {import("../../../state.js").State} State */

/**
 * Why there are no maps yet, and what to do.
 * @param {State} state
 * @returns {string} empty where there is an answer, so that maps come or are there
 */
export function hintOf(state) {
  const { standings, running, answers, source, cards, rows, problems, inside: { key, layers } } = state;
  const entry = entryOf(key);
  const name = nameOf(entry, cards, rows);
  const isRunning = running.some((other) => other.key === key);
  const standing = standings[key];
  if (!isRunning) {
    if (standing?.phase === "asking") return `${name} waits for your consent, because it takes much memory. Agree in the message above, or choose another network.`;
    if (standing?.phase === "failed") return `${name} is not ready. ${standing.text} Choose another network, or try again.`;
    if (!standing && problems.network) return "There are no features without a network. The message above says what to do.";
    return startText(standing, undefined) ?? standingText(standing, name);
  }
  if (!layers[layersKey(entry)]) return `Asking for the layers of ${name}…`;
  if (!source) return "There is no picture yet. Start the camera, open a picture, or choose one of the sample photos.";
  if (isBlank(state)) return "Draw a digit on the pad, and see what each layer makes of it.";
  const answer = answers[key];
  if (!answer || (!answer.timing && !problems.frame)) return `${name} looks at the picture…`;
  return answer.timing ? "" : `${name} could not look at this picture. The message above says why; choose another picture.`;
}
