// @ts-check
import { answerOf, answering, isStale } from "../../pure/answers.js";
import { RANDOM } from "../../pure/entries.js";
import { cardOf, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { rank } from "../../views/ranking.js";

/**
 * @typedef {import("../../state.js").Card} Card
 * @typedef {import("../../pure/answers.js").Answer} Answer
 */

const tools = element("head-tools", HTMLDivElement);
const ask = element("ask-heads", HTMLInputElement);
const voting = element("voting", HTMLLabelElement);
const vote = element("show-vote", HTMLInputElement);
const voteText = element("vote-text", HTMLSpanElement);
const caption = element("main-caption", HTMLHeadingElement);
const beside = element("heads", HTMLDivElement);

const ORDINALS = ["First", "Second", "Third", "Fourth"];

/**
 * @param {(isWanted: boolean) => void} onAskHeads
 * @param {(isWanted: boolean) => void} onShowVote
 */
export function showHeads(onAskHeads, onShowVote) {
  ask.addEventListener("change", () => onAskHeads(ask.checked));
  vote.addEventListener("change", () => onShowVote(vote.checked));

  subscribe((state) => {
    const { askHeads, showVote } = state;
    const running = answering(state);
    const card = cardOf(running?.network);
    const own = running?.weights !== RANDOM && card?.heads.length ? card : null;
    const answer = answerOf(state);
    const heads = own && askHeads ? (answer?.heads ?? []) : [];
    tools.hidden = !own;
    ask.checked = askHeads;
    voting.hidden = !askHeads;
    vote.checked = showVote;
    if (own) write(voteText, `Weighted vote (${shares(own)})`);
    caption.hidden = beside.hidden = !heads.length;
    write(caption, showVote && answer?.vote ? "Vote of all outputs" : "Main output");
    beside.setAttribute("aria-busy", String(answer !== undefined && isStale(answer, state)));
    if (heads.length) showLists(heads);
  });
}

/** @param {Card} card */
function shares({ heads }) {
  return [...heads.map(({ weight }) => Number(weight.toPrecision(3))), 1].join(" / "); // 0.3 in single precision has more digits
}

/** @param {Answer["heads"]} heads */
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
