// @ts-check
import { entryOf } from "../../pure/entries.js";
import { costOf } from "../../pure/memory.js";
import { megabytes } from "../../pure/text.js";
import { subscribe } from "../../state.js";
import { element, make } from "../../views/page.js";

/** @typedef {import("../../state.js").Card} Card */

const NOTABLE = 100e6; // bytes of memory

const select = element("network", HTMLSelectElement);

/** @param {(network: string) => void} onChosen */
export function showNetworks(onChosen) {
  select.addEventListener("change", () => onChosen(select.value));

  let listed = "";
  subscribe(({ cards, rows, memories, network }) => {
    const names = rows ? cards.map((card) => name(card, rows.some((row) => row.id === card.id), costOf([entryOf(card.id)], memories, rows).memory)) : [];
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
 * @param {number | null} memory bytes
 */
function name(card, predicts, memory) {
  const plain = `${card.name} (${card.year})`;
  if (predicts) return plain;
  return `${plain}: speed only${memory === null || memory < NOTABLE ? "" : `, ${megabytes(memory)}`}`;
}
