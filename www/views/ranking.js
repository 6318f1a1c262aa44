// @ts-check
import { percent } from "../pure/text.js";
import { make, write } from "./page.js";

/** @typedef {import("../pure/answers.js").Prediction} Prediction */

/**
 * Fills a list with predictions. The length of a bar is the prediction's probability.
 * @param {HTMLOListElement} list
 * @param {Prediction[]} predictions
 */
export function rank(list, predictions) {
  while (list.children.length < predictions.length) list.append(entry());
  while (list.children.length > predictions.length) list.lastElementChild?.remove();
  predictions.forEach((prediction, i) => fill(list.children[i], prediction));
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
