// @ts-check
import { deviceName, plural } from "../../pure/text.js";
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { dateOf, rowName } from "../pure/results.js";

/** @typedef {import("../state.js").Kept} Kept */

const section = element("bench-kept", HTMLDivElement);
const list = element("bench-kept-list", HTMLUListElement);
const start = element("bench-start", HTMLButtonElement);
const trouble = element("bench-kept-trouble", HTMLParagraphElement);

const NAMED = 3; // networks

/**
 * The results that are kept in this browser.
 * @param {{ onOpen: (id: number) => void, onForget: (id: number) => void }} calls
 */
export function showKept({ onOpen, onForget }) {
  /** @type {unknown[]} */
  let drawn = [];
  subscribe(({ view, cards, compare: { tab, run, kept, keptTrouble, result } }) => {
    if (view !== "compare" || tab !== "benchmark") return;
    section.hidden = !kept.length || run !== null;
    write(trouble, keptTrouble);
    const wanted = [cards, kept, result];
    if (wanted.every((one, i) => one === drawn[i])) return;
    drawn = wanted;
    const focused = document.activeElement?.closest("#bench-kept-list li");
    const at = focused ? [...list.children].indexOf(focused) : -1;
    list.replaceChildren(...kept.map((one) => item(one, one.result === result)));
    // What had the focus was replaced.
    if (at >= 0) (list.children[Math.min(at, kept.length - 1)]?.querySelector("button") ?? start).focus();
  });

  /**
   * @param {Kept} kept
   * @param {boolean} isShown
   */
  function item({ id, result }, isShown) {
    const text = summaryOf(result);
    const open = make("button", { type: "button", className: "quiet", textContent: isShown ? "Shown below" : "Open", ariaLabel: `${isShown ? "Shown below:" : "Open the result of"} ${text}`, ariaCurrent: isShown ? "true" : null, onclick: () => onOpen(id) });
    const away = make("button", { type: "button", className: "quiet", textContent: "Delete", ariaLabel: `Delete the result of ${text}`, onclick: () => onForget(id) });
    return make("li", {}, make("span", { textContent: text }), open, away);
  }
}

/** @param {import("../pure/results.js").Result} result */
function summaryOf(result) {
  const { rows } = result;
  const names = [...new Set(rows.map((row) => rowName(row, state.cards)))];
  const devices = [...new Set(rows.map((row) => deviceName(row)))];
  const named = names.length > NAMED ? plural(names.length, "network") : names.join(", ");
  return `${dateOf(result)}: ${named}, ${devices.join("; ")}`;
}
