// @ts-check
import { subscribe } from "../../state.js";
import { make } from "../../views/page.js";
import { STEPS, byYear, nameBehind, neighboursOf } from "../pure/yearLine.js";

/** @typedef {import("../../state.js").Card} Card */

/**
 * The networks in the order of their years, as links, and what led from the one before to this one and from this one to the next.
 * @param {HTMLElement} host
 * @param {import("../view.js").Setting} setting
 * @param {(id: string) => void} onChosen
 */
export function showYearLine(host, { view, network, address }, onChosen) {
  const years = make("ol", { className: "years" });
  const steps = make("p", { className: "steps" });
  host.replaceChildren(make("nav", { ariaLabel: "Year by year" }, years, steps));
  const shown = { cards: /** @type {Card[]} */ ([]), id: "" };
  const link = (/** @type {Card} */ { id, name }, text = name) => {
    const made = make("a", { href: address(id), textContent: text, ariaLabel: name });
    made.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // into another tab
      event.preventDefault();
      onChosen(id);
    });
    return made;
  };
  subscribe((state) => {
    const { cards } = state;
    const id = network(state);
    if (state.view !== view || (cards === shown.cards && id === shown.id)) return;
    const isNew = cards !== shown.cards;
    Object.assign(shown, { cards, id });
    if (isNew) years.replaceChildren(...byYear(cards).map(({ year, cards }) => make("li", {}, make("span", { className: "year", textContent: `${year}` }), ...cards.map((card, i) => mark(link(card, nameBehind(card, cards[i - 1])), card.id)))));
    for (const made of years.querySelectorAll("a")) made.ariaCurrent = made.dataset.id === id ? "true" : null;
    steps.replaceChildren(...stepsOf(cards, id, link));
    reveal(years);
  });
}

/**
 * @param {HTMLAnchorElement} link
 * @param {string} id
 */
function mark(link, id) {
  link.dataset.id = id;
  return link;
}

/**
 * @param {Card[]} cards
 * @param {string} id
 * @param {(card: Card, text?: string) => HTMLElement} link
 */
function stepsOf(cards, id, link) {
  const neighbours = neighboursOf(cards, id);
  if (!neighbours) return [];
  const { before, after } = neighbours;
  const step = (/** @type {string} */ id) => make("span", { className: "step" }, `${STEPS[id] ?? ""} `, make("span", { ariaHidden: "true", textContent: "→" }));
  return [
    ...(before ? [link(before, `‹ ${before.name}`), step(id)] : []),
    make("strong", { textContent: cards.find((card) => card.id === id)?.name ?? "" }),
    ...(after ? [step(after.id), link(after, `${after.name} ›`)] : []),
  ];
}

/** Scrolls the line, where it is wider than the page, to the present network; not the page itself. @param {HTMLElement} years */
function reveal(years) {
  const present = /** @type {HTMLElement | null} */ (years.querySelector("[aria-current]"));
  if (present) years.scrollLeft += present.getBoundingClientRect().left - years.getBoundingClientRect().left - (years.clientWidth - present.offsetWidth) / 2;
}
