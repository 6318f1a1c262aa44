// @ts-check
import { cardOf, subscribe } from "../../state.js";
import { element, make, outside } from "../../views/page.js";
import { changedSentence, scenarioOf } from "../pure/book.js";

/**
 * The list of scenarios, and what the chosen one is about.
 * @param {(id: string) => void} onChosen
 * @param {(network: string, address: string) => void} onNetwork that is to be looked into
 */
export function showScenarios(onChosen, onNetwork) {
  const list = element("lab-list", HTMLDivElement);
  const about = element("lab-scenario", HTMLElement);
  about.addEventListener("click", (event) => {
    const link = event.target instanceof HTMLAnchorElement ? event.target : null;
    if (!link?.dataset.network || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // into another tab
    event.preventDefault();
    onNetwork(link.dataset.network, link.href);
  });
  const changed = element("lab-changed", HTMLParagraphElement);
  /** @type {{ book: import("../pure/book.js").Book | null, id: string, signature: string }} */
  const shown = { book: null, id: "", signature: "" };
  subscribe(({ view, cards, lab: { book, scenario: id, settings, change, data } }) => {
    if (view !== "lab" || !book) return;
    if (shown.book !== book) list.replaceChildren(...book.scenarios.map((scenario) => button(scenario, onChosen)));
    shown.book = book;
    for (const one of list.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.value === id));
    const pressed = list.querySelector('[aria-pressed="true"]');
    if (id !== shown.id && pressed instanceof HTMLElement) list.scrollLeft = pressed.offsetLeft - list.offsetLeft - (list.clientWidth - pressed.offsetWidth) / 2; // where they stand in one row
    shown.id = id;
    const scenario = scenarioOf(book, id);
    changed.textContent = scenario && settings ? changedSentence(book, scenario, { settings, change, data }) : "";
    changed.hidden = !changed.textContent;
    const signature = `${id} ${cards.length}`;
    if (signature === shown.signature) return;
    shown.signature = signature;
    about.replaceChildren(...(scenario ? partsOf(scenario) : []));
  });
}

/**
 * @param {import("../pure/book.js").Scenario} scenario
 * @param {(id: string) => void} onChosen
 */
function button({ id, title }, onChosen) {
  return make("button", { type: "button", value: id, textContent: title, onclick: () => onChosen(id) });
}

/** @param {import("../pure/book.js").Scenario} scenario */
function partsOf({ title, text, look, paper, cure, networks, steps }) {
  return [
    make("h3", { id: "lab-scenario-heading", textContent: title }),
    make("p", { textContent: text }),
    make("p", {}, make("b", { textContent: "What to look for: " }), look, make("span", { className: "note", textContent: ` The effect shows within ${steps} steps.` })),
    make("p", { className: "note" }, `${paper.text} `, make("cite", {}, outside(paper.url, paper.title)), ` (${paper.authors}).`),
    make("p", { className: "lab-networks" }, make("span", { textContent: `The cure: ${cure}.${networks.length ? " Look inside networks that took it:" : ""}` }), ...networks.map(linkOf)),
  ];
}

/** @param {string} id of a network */
function linkOf(id) {
  const link = make("a", { href: `?inside=${encodeURIComponent(id)}`, textContent: cardOf(id)?.name ?? id });
  link.dataset.network = id;
  return link;
}
