// @ts-check
import { cardOf, subscribe } from "../state.js";
import { element, make, percent, write } from "./page.js";

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
    const { predictions } = state;
    while (list.children.length < predictions.length) list.append(entry());
    while (list.children.length > predictions.length) list.lastElementChild?.remove();
    predictions.forEach((prediction, i) => fill(list.children[i], prediction));
    list.setAttribute("aria-busy", String(state.stale));
    list.hidden = !predictions.length;
    write(none, predictions.length ? "" : whyNone(state));
    announce(predictions[0]);
    if (predictions.length && !performance.getEntriesByName("first-prediction").length) performance.mark("first-prediction");
  });
}

/** @param {import("../state.js").State} state */
function whyNone({ phase, source, network, problems }) {
  if (problems.frame) return "None for this picture.";
  if (phase === "failed") return "No network is ready.";
  if (source?.kind === "drawing") return `Draw on the pad, and ${cardOf(network)?.name ?? "the network"} reads it stroke by stroke.`;
  return "Waiting for the first picture and the network.";
}

function entry() {
  const bar = make("span", { className: "bar" });
  bar.setAttribute("aria-hidden", "true");
  return make("li", {}, make("span", { className: "label" }), " ", make("data", { className: "probability" }), bar);
}

/**
 * @param {Element} row
 * @param {Prediction} prediction
 */
function fill(row, { label, probability }) {
  const [name, , value] = /** @type {[HTMLElement, Text, HTMLDataElement]} */ ([...row.childNodes]);
  write(name, label);
  value.value = String(probability);
  write(value, percent(probability));
  /** @type {HTMLElement} */ (row).style.setProperty("--share", String(probability));
}

/** @param {Prediction | undefined} prediction */
function announce(prediction) {
  const label = prediction?.label ?? "";
  if (label === first) return;
  first = label;
  clearTimeout(timer);
  if (prediction) timer = setTimeout(() => write(announcement, `First: ${label}`), SETTLED);
}
