// @ts-check
import { abilityOf } from "../../pure/ability.js";
import { entryOf, isOwnVariant, rowOfEntry } from "../../pure/entries.js";
import { costOf } from "../../pure/memory.js";
import { megabytes } from "../../pure/text.js";
import { subscribe } from "../../state.js";
import { networkOptions } from "../../views/networkOptions.js";
import { element } from "../../views/page.js";

/**
 * @typedef {import("../../pure/memory.js").Memories} Memories
 * @typedef {import("../../state.js").Card} Card
 * @typedef {import("../../state.js").Row} Row
 */

const NOTABLE = 100e6; // bytes of memory

const select = element("network", HTMLSelectElement);

/** @param {(network: string) => void} onChosen */
export function showNetworks(onChosen) {
  // The list is part of the page's markup, so that somebody may have chosen before this code came.
  if (select.selectedOptions[0]?.defaultSelected === false) onChosen(select.value);
  select.addEventListener("change", () => onChosen(select.value));

  let listed = "";
  subscribe(({ cards, rows, memories, network }) => {
    const texts = new Map(rows && cards.map((card) => [card.id, text(card, rows, memories)]));
    const list = [...texts.values()].join("\n");
    if (list && list !== listed) {
      listed = list;
      select.replaceChildren(...networkOptions([...texts.keys()].map(entryOf), rows, ({ network }) => texts.get(network) ?? network));
    }
    if (select.value !== network) select.value = network;
  });
}

/**
 * @param {Card} card
 * @param {Row[]} rows
 * @param {Memories} memories
 */
function text(card, rows, memories) {
  const entry = entryOf(card.id);
  const { memory } = costOf([entry], memories, rows);
  const own = rows.some(({ id, variant }) => id === card.id && isOwnVariant(variant)) ? ", and with own weights" : "";
  const takes = rowOfEntry(entry, rows) || memory === null || memory < NOTABLE ? "" : `, ${megabytes(memory)} of memory`;
  return `${card.name} (${card.year}): ${abilityOf(entry, card, rows)}${own}${takes}`;
}
