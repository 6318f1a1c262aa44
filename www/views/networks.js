// @ts-check
import { choose } from "../session.js";
import { memoryOf, subscribe } from "../state.js";
import { element, make, megabytes } from "./page.js";

/** @typedef {import("../state.js").Card} Card */

const NOTABLE = 100e6; // bytes of memory

const select = element("network", HTMLSelectElement);

export function showNetworks() {
  select.addEventListener("change", () => choose({ network: select.value }));

  let listed = "";
  subscribe(({ cards, rows, network }) => {
    const names = rows ? cards.map((card) => name(card, rows.some((row) => row.id === card.id))) : [];
    const list = names.join("\n");
    if (list !== listed) {
      listed = list;
      select.replaceChildren(...names.map((textContent, i) => make("option", { value: cards[i].id, textContent })));
      select.disabled = !list;
    }
    if (select.value !== network) select.value = network;
  });
}

/**
 * @param {Card} card
 * @param {boolean} predicts
 */
function name(card, predicts) {
  const plain = `${card.name} (${card.year})`;
  if (predicts) return plain;
  const memory = memoryOf(card);
  return `${plain}: speed only${memory < NOTABLE ? "" : `, ${megabytes(memory)}`}`;
}
