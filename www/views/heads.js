// @ts-check
import { RANDOM } from "../download.js";
import { cardOf, subscribe, update } from "../state.js";
import { element, make, write } from "./page.js";
import { rank } from "./ranking.js";

/** @typedef {import("../state.js").Card} Card */

const tools = element("head-tools", HTMLDivElement);
const ask = element("ask-heads", HTMLInputElement);
const voting = element("voting", HTMLLabelElement);
const vote = element("show-vote", HTMLInputElement);
const voteText = element("vote-text", HTMLSpanElement);
const caption = element("main-caption", HTMLHeadingElement);
const beside = element("heads", HTMLDivElement);

const ORDINALS = ["First", "Second", "Third", "Fourth"];

/** @param {() => void} onAsked called when the heads are wanted and when they are not any more */
export function showHeads(onAsked) {
  ask.addEventListener("change", () => {
    update({ askHeads: ask.checked });
    onAsked();
  });
  vote.addEventListener("change", () => update({ showVote: vote.checked }));

  subscribe(({ loaded, loadedVariant, askHeads, showVote, heads, vote: voted, stale }) => {
    const card = cardOf(loaded);
    const own = loadedVariant !== RANDOM && card?.heads.length ? card : null;
    const shown = own && askHeads && heads.length > 0;
    tools.hidden = !own;
    ask.checked = askHeads;
    voting.hidden = !askHeads;
    vote.checked = showVote;
    if (own) write(voteText, `Weighted vote (${shares(own)})`);
    caption.hidden = beside.hidden = !shown;
    write(caption, showVote && voted ? "Vote of all outputs" : "Main output");
    beside.setAttribute("aria-busy", String(stale));
    if (shown) showLists(heads);
  });
}

/** @param {Card} card */
function shares({ heads }) {
  return [...heads.map(({ weight }) => Number(weight.toPrecision(3))), 1].join(" / "); // single precision's 0.3
}

/** @param {import("../state.js").State["heads"]} heads */
function showLists(heads) {
  while (beside.children.length > heads.length) beside.lastElementChild?.remove();
  heads.forEach((head, i) => {
    const section = beside.children[i] ?? beside.appendChild(make("div", {}, make("h3"), make("ol", { className: "predictions small" })));
    const [heading, list] = /** @type {[HTMLHeadingElement, HTMLOListElement]} */ ([...section.children]);
    const which = `${ORDINALS[i] ?? `${i + 1}.`} auxiliary head`;
    if (list.ariaLabel !== `Predictions of the ${which.toLowerCase()}`) {
      list.role = "list";
      list.ariaLabel = `Predictions of the ${which.toLowerCase()}`;
      heading.replaceChildren(`${which} `, make("small", { textContent: head.name }));
    }
    rank(list, head.predictions);
  });
}
