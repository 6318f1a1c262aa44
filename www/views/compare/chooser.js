// @ts-check
import { allEntries, nameOf, presets, rowOfEntry } from "../../compare/presets.js";
import { cost } from "../../compare/lineup.js";
import { entryOf } from "../../compare/state.js";
import { cardOf, state, subscribe, updateCompare } from "../../state.js";
import { element, make, megabytes, write } from "../page.js";

/** @typedef {import("../../compare/state.js").Entry} Entry */

const offered = element("presets", HTMLDivElement);
const list = element("entries", HTMLFieldSetElement);
const details = element("choice-list", HTMLDetailsElement);
const summary = element("choice-summary", HTMLElement);

const note = element("choice-note", HTMLParagraphElement);

const ROOMY = "(min-width: 48rem)";

export function showChooser() {
  details.open = matchMedia(ROOMY).matches;
  list.addEventListener("change", () => choose(new Set([...list.querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => value))));

  let listed = "";
  subscribe(({ cards, rows, compare: { keys } }) => {
    if (!cards.length || !rows) return;
    const entries = allEntries(cards, rows);
    const names = entries.map((entry) => `${entry.key}:${rowOfEntry(entry, rows) ? "" : "speed only"}`).join();
    if (names !== listed) {
      listed = names;
      list.replaceChildren(make("legend", { className: "unseen", textContent: "What to compare" }), ...entries.map(choice));
      note.hidden = entries.every((entry) => rowOfEntry(entry, rows));
      offered.replaceChildren(...presets(cards).map(presetButton));
    }
    const chosen = new Set(keys);
    for (const input of list.querySelectorAll("input")) input.checked = chosen.has(input.value);
    for (const button of offered.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.keys === keys?.join()));
    write(summary, summaryOf([...chosen].map(entryOf)));
  });
}

/** @param {Set<string>} wanted */
function choose(wanted) {
  const { cards, rows } = state;
  updateCompare({ keys: allEntries(cards, rows ?? []).map(({ key }) => key).filter((key) => wanted.has(key)) });
}

/** @param {Entry} entry */
function choice(entry) {
  const card = cardOf(entry.network);
  const row = rowOfEntry(entry, state.rows ?? []);
  const input = make("input", { type: "checkbox", value: entry.key });
  const note = make("small", { textContent: entry.variant ? "" : ` ${card?.year}` });
  const title = row ? `${megabytes(row.bytes)} to download` : "Speed only: its weights are not on this server";
  const name = make("span", {}, nameOf(entry, state.cards), note);
  if (!row) name.append(make("span", { className: "unseen", textContent: ", speed only" }));
  return make("label", { className: row ? "choice" : "choice speed-only", title }, input, name);
}

/** @param {import("../../compare/presets.js").Preset} preset */
function presetButton({ name, keys }) {
  const button = make("button", { type: "button", textContent: name, onclick: () => choose(new Set(keys)) });
  button.dataset.keys = keys.join();
  return button;
}

/** @param {Entry[]} entries */
function summaryOf(entries) {
  const { memory, download } = cost(entries, state.rows ?? []);
  const count = `${entries.length} ${entries.length === 1 ? "network" : "networks"} chosen`;
  return entries.length ? `${count}: ${megabytes(download)} to download, ${megabytes(memory)} of memory` : "No network is chosen";
}
