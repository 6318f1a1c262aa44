// @ts-check
import { preferredEntry, rowOf } from "../../pure/entries.js";
import { memoryOf } from "../../pure/memory.js";
import { capitalised, classesText, megabytes, percent } from "../../pure/text.js";
import { cardOf, subscribe } from "../../state.js";
import { element, leadOutside, linked, make, outside, write } from "../../views/page.js";
import { termed } from "../../views/terms.js";

/**
 * @typedef {import("../../pure/memory.js").Memory} Memory
 * @typedef {import("../../state.js").Card} Card
 * @typedef {import("../../state.js").Row} Row
 */

const section = element("card", HTMLElement);
const name = element("card-name", HTMLSpanElement);
const year = element("card-year", HTMLSpanElement);
const about = element("card-about", HTMLParagraphElement);
const paper = element("card-paper", HTMLAnchorElement);
const authors = element("card-authors", HTMLSpanElement);
const facts = element("card-facts", HTMLDListElement);
const look = element("card-inside", HTMLAnchorElement);
const story = element("card-story", HTMLDetailsElement);

const whole = new Intl.NumberFormat("en");
const CHALLENGE = "ImageNet challenge";
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/**
 * @param {(address: string) => void} onInside the visitor wants to look into the network
 * @param {() => void} onStory the visitor opens what was new in it, for the first time
 */
export function showCard(onInside, onStory) {
  let shown = "";
  look.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // into another tab
    event.preventDefault();
    onInside(look.href);
  });
  story.addEventListener("toggle", onStory, { once: true });
  subscribe(({ network, variant, rows, memories }) => {
    const card = cardOf(network);
    const row = rowOf(rows ?? [], network, variant);
    const memory = memoryOf(preferredEntry(network, variant, rows ?? []), memories, rows ?? []);
    const key = `${card?.id} ${row?.id} ${row?.variant} ${memory?.weightsBytes} ${memory?.activationBytes}`;
    if (!card || key === shown) return;
    shown = key;
    fill(card, row, memory);
  });
}

/**
 * @param {Card} card
 * @param {Row | undefined} row
 * @param {Memory | null} memory
 */
function fill(card, row, memory) {
  section.hidden = false;
  write(name, card.name);
  write(year, String(card.year));
  write(about, card.about);
  leadOutside(paper, card.paper.url, card.paper.title);
  write(authors, card.paper.authors);
  look.href = `?inside=${card.id}`;
  const own = row?.own;
  /** @type {[string, string | Node][]} */
  const described = [
    [CHALLENGE, card.challengeSource ? outside(card.challengeSource, capitalised(card.challenge)) : card.challenge],
    ["Parameters", own && own.classes !== card.classes ? `${whole.format(card.parameters)} with ${classesText(card.classes)}` : whole.format(card.parameters)],
    ["Multiply–accumulates", card.macs < 1e7 ? `${short.format(card.macs / 1e6)} M` : `${short.format(card.macs / 1e9)} G`],
    ["Top-1 accuracy", own ? "not known" : withSign(card.top1)],
    ["Top-5 accuracy", own ? "not known" : withSign(card.top5)],
    ["Input", `${card.input.channels} × ${card.input.height} × ${card.input.width}`],
    ["Download", row?.here ? `none: ${megabytes(row.bytes)} in this browser` : row ? megabytes(row.bytes) : "–"],
    ["Weights in memory", memory ? megabytes(memory.weightsBytes) : "–"],
    ["Activations in memory", memory ? megabytes(memory.activationBytes) : "–"],
    ["Weights", own ? `own weights “${own.name}”` : linked(card.source)],
    ["Licence", own ? "not known" : card.licence],
  ];
  described.forEach(([term, description], i) => {
    const row = facts.children[i] ?? facts.appendChild(make("div", { className: term === CHALLENGE ? "wide" : "" }, make("dt", {}, termed(term)), make("dd")));
    row.lastElementChild?.replaceChildren(typeof description === "string" ? capitalised(description) : description); // the terms stay: one of them may be explained just now
  });
}

/** @param {number | null | undefined} share percent */
const withSign = (share) => (share === null || share === undefined ? "–" : percent(share / 100));
