// @ts-check
import { RANDOM } from "../download.js";
import { cardOf, mainPredictions, subscribe } from "../state.js";
import { element, write } from "./page.js";
import { rank } from "./ranking.js";

/** @typedef {import("../state.js").Prediction} Prediction */

const SETTLED = 1200; // milliseconds for which the first must stay the same to be announced

const list = element("predictions", HTMLOListElement);
const none = element("no-predictions", HTMLParagraphElement);
const announcement = element("announcement", HTMLParagraphElement);

let first = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function showPredictions() {
  subscribe((state) => {
    const predictions = mainPredictions(state);
    rank(list, predictions);
    list.setAttribute("aria-busy", String(state.stale));
    list.hidden = !predictions.length;
    write(none, predictions.length ? "" : whyNone(state));
    announce(predictions[0]);
    if (predictions.length && !performance.getEntriesByName("first-prediction").length) performance.mark("first-prediction");
  });
}

/** @param {import("../state.js").State} state */
function whyNone({ phase, source, network, loadedVariant, problems }) {
  if (problems.frame) return "None for this picture.";
  if (phase === "failed") return "No network is ready.";
  if (loadedVariant === RANDOM) return ""; // the weights' view tells
  if (source?.kind === "drawing") return `Draw on the pad, and ${cardOf(network)?.name ?? "the network"} reads it stroke by stroke.`;
  return "Waiting for the first picture and the network.";
}

/** @param {Prediction | undefined} prediction */
function announce(prediction) {
  const label = prediction?.label ?? "";
  if (label === first) return;
  first = label;
  clearTimeout(timer);
  if (prediction) timer = setTimeout(() => write(announcement, `First: ${label}`), SETTLED);
}
