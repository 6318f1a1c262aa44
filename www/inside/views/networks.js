// @ts-check
import { abilityOf } from "../../pure/ability.js";
import { allEntries, nameOf } from "../../pure/entries.js";
import { cardOf, subscribe } from "../../state.js";
import { networkOptions } from "../../views/networkOptions.js";
import { element, make } from "../../views/page.js";

const first = element("inside-network", HTMLSelectElement);
const second = element("inside-other", HTMLSelectElement);

/** @param {(choice: { key: string } | { other: string | null }) => void} onChosen */
export function showNetworks(onChosen) {
  first.addEventListener("change", () => onChosen({ key: first.value }));
  second.addEventListener("change", () => onChosen({ other: second.value || null }));
  const shown = { names: "" };
  subscribe(({ cards, rows, inside: { key, other } }) => {
    const entries = allEntries(cards, rows ?? []);
    const text = (/** @type {import("../../state.js").Entry} */ entry) => nameOf(entry, cards, rows) + (rows ? `: ${abilityOf(entry, cardOf(entry.network), rows)}` : "");
    const names = entries.map(text).join();
    if (names !== shown.names) {
      shown.names = names;
      const options = () => networkOptions(entries, rows, text);
      first.replaceChildren(...options());
      second.replaceChildren(make("option", { value: "", textContent: "none" }), ...options());
      first.disabled = second.disabled = !entries.length;
    }
    first.value = key;
    second.value = other ?? "";
    for (const option of second.options) option.disabled = option.value === key;
  });
}
