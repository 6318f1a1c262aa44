// @ts-check
import { choose } from "../session.js";
import { subscribe } from "../state.js";
import { element, make } from "./page.js";

const select = element("network", HTMLSelectElement);

export function showNetworks() {
  select.addEventListener("change", () => choose({ network: select.value }));

  let listed = "";
  subscribe(({ cards, rows, network }) => {
    const offered = cards.filter((card) => rows.some((row) => row.id === card.id));
    const ids = offered.map((card) => card.id).join();
    if (ids !== listed) {
      listed = ids;
      select.replaceChildren(...offered.map((card) => make("option", { value: card.id, textContent: `${card.name} (${card.year})` })));
      select.disabled = !ids;
    }
    if (select.value !== network) select.value = network;
  });
}
