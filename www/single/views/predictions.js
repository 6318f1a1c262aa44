// @ts-check
import { answerOf, answering, isStale, mainPredictions } from "../../pure/answers.js";
import { RANDOM } from "../../pure/entries.js";
import { isBlank } from "../../pure/source.js";
import { cardOf, subscribe } from "../../state.js";
import { announcer, element, write } from "../../views/page.js";
import { rank } from "../../views/ranking.js";

/**
 * @typedef {import("../../pure/answers.js").Prediction} Prediction
 * @typedef {import("../../state.js").State} State
 */

const list = element("predictions", HTMLOListElement);
const none = element("no-predictions", HTMLParagraphElement);
const announcement = element("announcement", HTMLParagraphElement);

export function showPredictions() {
  /** The list that is shown. It stays until the next network answers. @type {{ predictions: Prediction[] }} */
  const shown = { predictions: [] };
  const announce = announcer(announcement);
  subscribe((state) => {
    const answer = answerOf(state);
    if (answer) shown.predictions = mainPredictions(answer, state);
    else if (isBlank(state) || !state.entries.length) shown.predictions = [];
    const { predictions } = shown;
    rank(list, predictions);
    list.setAttribute("aria-busy", String(!answer || isStale(answer, state)));
    list.hidden = !predictions.length;
    write(none, predictions.length ? "" : whyNone(state));
    announce(predictions[0] ? `First: ${predictions[0].label}` : "");
    if (predictions.length && !performance.getEntriesByName("first-prediction").length) performance.mark("first-prediction");
  });
}

/** @param {State} state */
function whyNone(state) {
  const { source, entries, standings, problems } = state;
  const [entry] = entries;
  const running = answering(state);
  if (problems.frame) return "None for this picture.";
  if (entry && !running && ["failed", "asking"].includes(standings[entry.key]?.phase)) return "No network is ready.";
  if (running?.weights === RANDOM) return ""; // weights.js says why
  if (source?.kind === "drawing") return `Draw on the pad, and ${cardOf(entry?.network)?.name ?? "the network"} reads it stroke by stroke.`;
  return "Waiting for the first picture and the network.";
}
