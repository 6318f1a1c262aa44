// @ts-check
import { subscribe } from "../../state.js";
import { element, linked, make } from "../../views/page.js";

/** The licences of the networks' weights, which come with the engine, and of the sample photos. */
export function showLicences() {
  const weights = element("about-weights", HTMLUListElement);
  const photos = element("about-photos", HTMLUListElement);
  /** @type {{ cards: unknown, samples: unknown }} */
  const listed = { cards: null, samples: null };
  subscribe(({ cards, samples }) => {
    if (cards !== listed.cards) fill(weights, cards.map(({ name, licence, source }) => [`${name}: ${licence}, `, linked(source)]), "They are listed as soon as the engine has started.");
    if (samples !== listed.samples) fill(photos, samples.map(({ title, credit, licence }) => [`${title}: ${credit}, ${licence}`]), "There are none on this server.");
    Object.assign(listed, { cards, samples });
  });
}

/**
 * @param {HTMLUListElement} list
 * @param {(Node | string)[][]} lines
 * @param {string} none
 */
function fill(list, lines, none) {
  list.replaceChildren(...(lines.length ? lines : [[none]]).map((parts) => make("li", {}, ...parts)));
}
