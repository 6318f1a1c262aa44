// @ts-check
import { isStale } from "../../pure/answers.js";
import { isBlank } from "../../pure/source.js";
import { percent } from "../../pure/text.js";
import { cardOf, state, subscribe } from "../../state.js";
import { make, write } from "../../views/page.js";
import { challenge, question, record, verdict } from "../pure/topFive.js";
import { pointOf } from "./point.js";

/**
 * @typedef {import("../../state.js").State} State
 * @typedef {import("../../pure/answers.js").Answer["predictions"]} Predictions
 * @typedef {{ key: string, picture: number, predictions: Predictions }} Seen what a network said of a picture
 */

/**
 * What the challenge was, and how the answer to the visitor's own picture would be counted in it. What the visitor has judged
 * stays until the picture or the network changes, though a live picture's answers go on.
 *
 * @param {HTMLDetailsElement} fold
 * @param {import("../view.js").Setting} setting
 */
export function showChallenge(fold, { view, key, network }) {
  const about = make("div");
  const asked = make("p");
  const said = make("p", { className: "verdict", role: "status" });
  const choices = make("div", { className: "choices", role: "group", ariaLabel: "The right one is …" });
  const own = make("section", { className: "point", hidden: true }, make("h3", { textContent: "Your picture, counted" }), asked, make("p", { className: "note", textContent: "The right one is …" }), choices, said);
  const none = make("p", { className: "note" });
  const overall = make("p", { className: "note" });
  fold.append(make("div", { className: "story-points" }, about, make("div", {}, own, none, overall)));

  /** @type {{ seen: Seen | null, chosen: number | null | undefined, classes: number }} */
  const shown = { seen: null, chosen: undefined, classes: 0 };
  const choose = (/** @type {number | null | undefined} */ index) => {
    shown.chosen = index;
    render();
  };

  const render = () => {
    if (state.view !== view || !fold.open) return;
    if (!shown.classes && state.cards.length) {
      shown.classes = Math.max(...state.cards.map(({ classes }) => classes)); // ImageNet's
      about.replaceChildren(pointOf(challenge(shown.classes)));
    }
    const seen = seenBy(state, key(state));
    if (seen?.key !== shown.seen?.key || seen?.picture !== shown.seen?.picture) shown.chosen = undefined;
    if (shown.chosen === undefined || !seen) shown.seen = seen;
    const card = cardOf(shown.seen ? shown.seen.key.split("-")[0] : network(state));
    own.hidden = !shown.seen;
    none.hidden = Boolean(shown.seen);
    overall.hidden = !card;
    if (card) write(overall, record(card));
    if (!shown.seen) write(none, whyNot(state, key(state)));
    else if (card) ask(shown.seen.predictions, card.name);
  };

  /**
   * @param {Predictions} predictions
   * @param {string} name of the network
   */
  const ask = (predictions, name) => {
    write(asked, question(name, predictions));
    const options = [...predictions.map(({ index, label, probability }) => ({ index, text: `${label} ${percent(probability)}` })), { index: null, text: "none of these" }];
    while (choices.children.length < options.length) choices.append(button(choose));
    [...choices.children].forEach((child, i) => {
      const option = options[i];
      const made = /** @type {HTMLButtonElement} */ (child);
      made.hidden = !option;
      if (!option) return;
      write(made, option.text);
      made.value = option.index === null ? "" : `${option.index}`;
      made.ariaPressed = `${shown.chosen === option.index}`;
    });
    write(said, shown.chosen === undefined ? "" : verdict(predictions, shown.chosen));
  };

  fold.addEventListener("toggle", render);
  subscribe(render);
}

/**
 * @param {(index: number | null | undefined) => void} onChosen undefined: nothing any more
 */
function button(onChosen) {
  const made = make("button", { type: "button" });
  made.addEventListener("click", () => {
    if (made.ariaPressed === "true") return onChosen(undefined);
    onChosen(made.value === "" ? null : Number(made.value));
  });
  return made;
}

/**
 * @param {State} state
 * @param {string} key
 * @returns {Seen | null}
 */
function seenBy(state, key) {
  const answer = state.running.some((running) => running.key === key) && !isBlank(state) ? state.answers[key] : undefined;
  return answer?.predictions.length && !isStale(answer, state) ? { key, picture: state.picture, predictions: answer.predictions } : null;
}

/**
 * @param {State} state
 * @param {string} key
 */
function whyNot(state, key) {
  const running = state.running.find((running) => running.key === key);
  if (running?.weights === "random") return "The network runs with random weights here, whose answers mean nothing. Choose one that has its weights, and its answer to your picture is counted here.";
  return "As soon as the network has answered to a picture, its answer is counted here.";
}
