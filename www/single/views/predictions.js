// @ts-check
import { NO_INK, answerOf, answering, isStale, mainPredictions, sawNoInk } from "../../pure/answers.js";
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
const digitsOnly = element("digits-only", HTMLDivElement);
const digitsOnlyName = element("digits-only-name", HTMLSpanElement);
const draw = element("digits-only-draw", HTMLButtonElement);
const shares = element("shares", HTMLParagraphElement);
const classes = element("shares-classes", HTMLSpanElement);
const announcement = element("announcement", HTMLParagraphElement);

const whole = new Intl.NumberFormat("en");

/** @param {() => void} onDraw the visitor wants to draw a digit for a network that knows nothing else */
export function showPredictions(onDraw) {
  draw.addEventListener("click", onDraw);
  /** The list that is shown, and what it is about: a network and a source. It stays until the next network answers. @type {{ predictions: Prediction[], about: string }} */
  const shown = { predictions: [], about: "" };
  const announce = announcer(announcement);
  subscribe((state) => {
    const answer = answerOf(state);
    if (answer) shown.predictions = mainPredictions(answer, state);
    else if (isBlank(state) || !state.entries.length) shown.predictions = [];
    if (answer && !isStale(answer, state)) shown.about = `${answering(state)?.key} ${state.sourceSince}`;
    const { predictions } = shown;
    rank(list, predictions);
    list.setAttribute("aria-busy", String(!answer || isStale(answer, state)));
    list.hidden = !predictions.length;
    write(none, predictions.length ? "" : whyNone(state));
    showWhatTheyAre(state, predictions.length > 0);
    announce(predictions[0] ? `First: ${predictions[0].label}` : hasNoInk(state) ? NO_INK : "", shown.about);
    if (predictions.length && !performance.getEntriesByName("first-prediction").length) performance.mark("first-prediction");
  });
}

/**
 * Says what the percentages are, and of a network for digits that it knows nothing else.
 * @param {State} state
 * @param {boolean} hasAny
 */
function showWhatTheyAre(state, hasAny) {
  const running = answering(state);
  const card = cardOf(running?.network);
  shares.hidden = !hasAny || !card;
  const own = running && state.rows?.find(({ id, variant }) => id === running.network && variant === running.weights)?.own;
  write(classes, whole.format(own?.classes ?? card?.classes ?? 0));
  digitsOnly.hidden = own !== undefined || !(hasAny || hasNoInk(state)) || card?.frame.kind !== "digit" || state.source?.kind === "drawing";
  write(digitsOnlyName, card?.name ?? "");
}

/** @param {State} state */
function hasNoInk(state) {
  const running = answering(state);
  return sawNoInk(answerOf(state), cardOf(running?.network), running?.weights === RANDOM);
}

/** @param {State} state */
function whyNone(state) {
  const { source, entries, standings, problems } = state;
  const [entry] = entries;
  const running = answering(state);
  if (problems.frame) return "None for this picture.";
  if (entry && !running && ["failed", "asking"].includes(standings[entry.key]?.phase)) return "No network is ready.";
  if (hasNoInk(state)) return NO_INK;
  if (running?.weights === RANDOM) return ""; // weights.js says why
  if (source?.kind === "drawing") return `Draw on the pad, and ${cardOf(entry?.network)?.name ?? "the network"} reads it stroke by stroke.`;
  return "Waiting for the first picture and the network.";
}
