// @ts-check
import { subscribe } from "../state.js";
import { element, write } from "./page.js";

const line = element("building", HTMLParagraphElement);

/** What a visitor cannot use before a step of the server has ended. */
const PURPOSES = new Map([
  ["reader", "opening weights of your own"],
  ["burn", "burn, the second engine, which also trains in the gradient lab"],
  ["digits", "the gradient lab's digits"],
  ["further networks", "weights of further networks"],
]);

/** What the server of this page still builds. */
export function showBuilding() {
  subscribe(({ building, cards }) => {
    line.hidden = !building.length;
    const steps = building.map(({ name, text }) => `${PURPOSES.get(name) ?? named(name, cards)} (${text})`);
    write(line, steps.length ? `This server is still preparing what cannot be used yet: ${steps.join("; ")}.` : "");
  });
}

/**
 * A step's name, with a network's name in place of its id.
 * @param {string} step
 * @param {import("../state.js").Card[]} cards
 */
function named(step, cards) {
  return step.replace(/\w+$/, (id) => cards.find((card) => card.id === id)?.name ?? id);
}
