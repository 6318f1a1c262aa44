// @ts-check
import { entryOf, nameOf } from "../../pure/entries.js";
import { state, subscribe } from "../../state.js";
import { element, make } from "../../views/page.js";
import { compare } from "../pure/agreement.js";
import { voices } from "./answers.js";

/** @typedef {{ text: string, share: number, title: string, mark?: boolean }} Cell */

const section = element("matrix", HTMLElement);
const table = element("matrix-table", HTMLTableElement);

/** The table of which networks agree on this picture. */
export function showMatrix() {
  let drawn = "";
  subscribe(({ view, answers, compare: { keys, tab } }) => {
    if (view !== "compare" || tab !== "picture") return;
    const said = voices((keys ?? []).map(entryOf), answers);
    section.hidden = said.length < 2;
    const signature = said.map(([key, { predictions }]) => `${key}:${predictions.map(({ index }) => index)}`).join(" ");
    if (section.hidden || signature === drawn) return;
    drawn = signature;
    const names = said.map(([key]) => nameOf(entryOf(key), state.cards, state.rows));
    fillMatrix(table, names, (i, j) => {
      const { same, shared, of } = compare(said[i][1].predictions, said[j][1].predictions);
      const title = `${names[i]} and ${names[j]}: ${same ? "the same" : "another"} first class, ${shared} of ${of} in common`;
      return { text: `${same ? "✓" : "≠"} ${shared}/${of}`, share: shared / of, title, mark: !same };
    });
  });
}

/**
 * Fills a square table whose rows have the full names and whose columns have the numbers of the rows.
 * @param {HTMLTableElement} target
 * @param {string[]} names
 * @param {(row: number, column: number) => Cell} cell
 */
export function fillMatrix(target, names, cell) {
  const corner = make("th", { scope: "col", textContent: "Network" });
  const head = make("thead", {}, make("tr", {}, corner, ...names.map((name, j) => make("th", { scope: "col", textContent: String(j + 1), title: name, ariaLabel: name }))));
  const rows = names.map((name, i) => {
    const cells = names.map((_, j) => (i === j ? make("td", { className: "self", ariaLabel: "itself" }) : cellOf(cell(i, j))));
    return make("tr", {}, make("th", { scope: "row" }, make("small", { textContent: String(i + 1) }), ` ${name}`), ...cells);
  });
  target.tHead?.remove();
  for (const body of [...target.tBodies]) body.remove();
  target.append(head, make("tbody", {}, ...rows));
}

/** @param {Cell} cell */
function cellOf({ text, share, title, mark }) {
  const made = make("td", { textContent: text, title, className: mark ? "differs" : "" });
  made.style.setProperty("--share", String(share));
  return made;
}
