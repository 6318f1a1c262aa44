// @ts-check
import { abilityOf, byAbility, countText } from "../../pure/ability.js";
import { allEntries, entryOf, nameOf, rowOfEntry } from "../../pure/entries.js";
import { costOf } from "../../pure/memory.js";
import { megabytes } from "../../pure/text.js";
import { cardOf, state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { presets } from "../pure/presets.js";

/**
 * @typedef {import("../../state.js").Entry} Entry
 * @typedef {import("../../state.js").Row} Row
 */

const offered = element("presets", HTMLDivElement);
const list = element("entries", HTMLFieldSetElement);
const details = element("choice-list", HTMLDetailsElement);
const summary = element("choice-summary", HTMLElement);

const note = element("choice-note", HTMLParagraphElement);

const ROOMY = "(min-width: 48rem)";

/**
 * @param {(keys: string[]) => void} onChosen
 * @param {(row: Row) => void} onDelete the visitor wants this browser to have these weights no more
 */
export function showChooser(onChosen, onDelete) {
  details.open = matchMedia(ROOMY).matches;
  const choose = (/** @type {Set<string>} */ wanted) => onChosen(allEntries(state.cards, state.rows ?? []).map(({ key }) => key).filter((key) => wanted.has(key)));
  list.addEventListener("change", () => choose(new Set([...list.querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => value))));

  let listed = "";
  subscribe(({ cards, rows, compare: { keys } }) => {
    if (!cards.length || !rows) return;
    const entries = allEntries(cards, rows);
    const names = entries.map((entry) => `${nameOf(entry, cards, rows)}:${abilityOf(entry, cardOf(entry.network), rows)}:${rowOfEntry(entry, rows)?.here}`).join();
    if (names !== listed) {
      listed = names;
      list.replaceChildren(make("legend", { className: "unseen", textContent: "What to compare" }), ...byAbility(entries, rows).map((one) => group(one, onDelete)));
      note.hidden = entries.every((entry) => rowOfEntry(entry, rows));
      offered.replaceChildren(...presets(cards).map((preset) => presetButton(preset, choose)));
    }
    const chosen = new Set(keys);
    for (const input of list.querySelectorAll("input")) input.checked = chosen.has(input.value);
    for (const button of offered.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.keys === keys?.join()));
    write(summary, summaryOf([...chosen].map(entryOf)));
  });
}

/**
 * @param {ReturnType<typeof byAbility>[number]} group
 * @param {(row: Row) => void} onDelete
 */
function group({ title, entries }, onDelete) {
  return make("fieldset", { className: "entries-group" }, make("legend", { textContent: title }), ...entries.map((entry) => choice(entry, onDelete)));
}

/**
 * @param {Entry} entry
 * @param {(row: Row) => void} onDelete
 */
function choice(entry, onDelete) {
  const card = cardOf(entry.network);
  const rows = state.rows ?? [];
  const row = rowOfEntry(entry, rows);
  const input = make("input", { type: "checkbox", value: entry.key });
  const facts = [...(entry.variant ? [] : [card?.year]), abilityOf(entry, card, rows), ...(row ? [megabytes(row.bytes)] : [])];
  const name = make("span", {}, nameOf(entry, state.cards, state.rows), make("small", { textContent: facts.join(", ") }));
  const label = make("label", { className: "choice" }, input, name);
  if (!row?.here) return label;
  const remove = make("button", { type: "button", className: "quiet", title: "Delete these weights from this browser", textContent: "Delete" }, make("span", { className: "unseen", textContent: ` ${nameOf(entry, state.cards, state.rows)}` }));
  remove.addEventListener("click", () => {
    onDelete(row);
    details.querySelector("summary")?.focus(); // the button is gone
  });
  return make("div", { className: "own-entry" }, label, remove);
}

/**
 * @param {import("../pure/presets.js").Preset} preset
 * @param {(wanted: Set<string>) => void} choose
 */
function presetButton({ name, keys }, choose) {
  const count = make("small", { textContent: countText(keys.map(entryOf), state.cards, state.rows ?? []) });
  const button = make("button", { type: "button", onclick: () => choose(new Set(keys)) }, make("span", { textContent: name }), " ", count);
  button.dataset.keys = keys.join();
  return button;
}

/** @param {Entry[]} entries */
function summaryOf(entries) {
  const { memory, download } = costOf(entries, state.memories, state.rows ?? []);
  const count = `${entries.length} ${entries.length === 1 ? "network" : "networks"} chosen`;
  return entries.length ? `${count}: ${megabytes(download)} to download${memory === null ? "" : `, ${megabytes(memory)} of memory`}` : "No network is chosen";
}
