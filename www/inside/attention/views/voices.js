// @ts-check
import { entryOf, layersKey } from "../../../pure/entries.js";
import { percent, plural } from "../../../pure/text.js";
import { cardOf } from "../../../state.js";
import { make, write } from "../../../views/page.js";
import { rank } from "../../../views/ranking.js";
import { currentAnswer } from "../pure/subject.js";
import { voicesOf, voicesText } from "../pure/voices.js";

/**
 * What the outputs of a network with auxiliary heads say, along its depth, and how they vote.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../pure/voices.js").Voice} Voice
 */

const ORDINALS = ["First", "Second", "Third", "Fourth"];

export function voicesFigure() {
  const sentence = make("p", { className: "attention-verdict" });
  const way = make("ol", { className: "attention-way", role: "list", ariaLabel: "Outputs along the depth" });
  const vote = make("ol", { className: "predictions small", role: "list", ariaLabel: "The vote of all outputs" });
  const weighing = make("p", { className: "note" });
  const root = make("section", { className: "attention-voices", hidden: true }, make("h4", { textContent: "The outputs along the depth" }), sentence, way, make("h4", { textContent: "The vote" }), weighing, vote);

  /**
   * @param {State} state
   * @param {string} key
   */
  function update(state, key) {
    const { network } = entryOf(key);
    const card = cardOf(network);
    const layers = state.inside.layers[layersKey(entryOf(key))];
    const answer = currentAnswer(state, key);
    root.hidden = !card || !layers || !answer?.heads.length || !answer.predictions.length;
    if (root.hidden || !card || !layers || !answer) return;
    const { voices, of } = voicesOf(card, layers, answer);
    write(sentence, voicesText(voices, answer.vote));
    while (way.children.length > voices.length) way.lastElementChild?.remove();
    while (way.children.length < voices.length) way.append(voiceItem());
    voices.forEach((voice, i) => fill(/** @type {HTMLElement} */ (way.children[i]), voice, i, voices.length, of));
    const weights = [...card.heads.map(({ weight }) => Number(weight.toPrecision(3))), 1];
    write(weighing, `The mean of the outputs' probabilities, weighted ${weights.join(" : ")} as in training. The heads were added to carry the gradient into the early layers; here each has the weight that its loss had.`);
    rank(vote, answer.vote ?? []);
  }

  return { root, update };
}

function voiceItem() {
  const list = make("ol", { className: "predictions small", role: "list" });
  return make("li", {}, make("h5"), make("p", { className: "note" }), make("div", { className: "attention-depth", ariaHidden: "true" }), list);
}

/**
 * @param {HTMLElement} item
 * @param {Voice} voice
 * @param {number} place
 * @param {number} count
 * @param {number} of layers with weights on the main output's way
 */
function fill(item, { name, branch, depth, share, predictions }, place, count, of) {
  const [heading, where, bar, list] = /** @type {[HTMLElement, HTMLElement, HTMLElement, HTMLOListElement]} */ ([...item.children]);
  const isMain = place === count - 1;
  const title = isMain ? "Main output" : `${ORDINALS[place] ?? `${place + 1}.`} head`;
  write(heading, title);
  write(where, isMain ? `${name}, after all ${plural(of, "layer")} with weights; ${percent(share)} of the vote` : `branches off behind ${branch}, after ${depth} of ${of} layers with weights; ${percent(share)} of the vote`);
  bar.style.setProperty("--share", String(depth / of));
  list.ariaLabel = `Predictions of the ${title.toLowerCase()}`;
  rank(list, predictions.slice(0, 3));
}
