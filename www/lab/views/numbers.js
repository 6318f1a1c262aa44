// @ts-check
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { termed } from "../../views/terms.js";
import { tablesOf } from "../pure/numbers.js";

const BETWEEN = 1000; // milliseconds: nobody reads faster

/** The numbers by layer as tables, for those who do not see the charts or want to know exactly. */
export function showNumbers() {
  const details = element("lab-numbers", HTMLDetailsElement);
  const list = element("lab-tables", HTMLDivElement);
  const shown = { drawn: -1, at: 0, timer: 0 };
  const show = () => {
    const { view, lab: { runs, drawn } } = state;
    clearTimeout(shown.timer);
    if (view !== "lab" || !details.open || drawn === shown.drawn) return;
    const wait = shown.at + BETWEEN - performance.now();
    if (wait > 0) {
      shown.timer = setTimeout(show, wait);
      return;
    }
    shown.drawn = drawn;
    shown.at = performance.now();
    showTables(list, tablesOf(runs));
  };
  details.addEventListener("toggle", show);
  subscribe(show);
}

/**
 * Writes only the cells that differ, where the tables have the same rows as before.
 * @param {HTMLElement} list
 * @param {import("../pure/numbers.js").Table[]} tables
 */
function showTables(list, tables) {
  const made = [...list.querySelectorAll("table")];
  const isSame = made.length === tables.length && tables.every(({ rows }, i) => made[i].tBodies[0].rows.length === rows.length);
  if (!isSame || !tables.length) {
    list.replaceChildren(...(tables.length ? tables.map(tableOf) : [make("p", { className: "note", textContent: "Nothing has been trained yet." })]));
    return;
  }
  for (const [i, { caption, rows }] of tables.entries()) {
    write(/** @type {HTMLElement} */ (made[i].caption), caption);
    for (const [j, row] of rows.entries()) row.forEach((text, k) => write(made[i].tBodies[0].rows[j].cells[k], text));
  }
}

/** @param {import("../pure/numbers.js").Table} table */
function tableOf({ caption, head, rows }) {
  const lines = rows.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row", textContent: name }), ...cells.map((textContent) => make("td", { textContent }))));
  return make("div", { className: "scroll" }, make("table", {},
    make("caption", { className: "note", textContent: caption }),
    make("thead", {}, make("tr", {}, ...head.map((label) => make("th", { scope: "col" }, termed(label))))),
    make("tbody", {}, ...lines)));
}
