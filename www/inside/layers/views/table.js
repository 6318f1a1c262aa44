// @ts-check
import { entryOf, layersKey, nameOf } from "../../../pure/entries.js";
import { state, subscribe } from "../../../state.js";
import { element, make, write } from "../../../views/page.js";
import { saveBlob } from "../../../views/saveBlob.js";
import { keysOf } from "../../pure/keys.js";
import { AS_THEY_RUN, COLUMNS, nextOrder, sorted } from "../pure/columns.js";
import { auxiliaryOf, filtered, mainOf, rowsOf, totalsOf } from "../pure/rows.js";
import { toCsv, toJson } from "../pure/save.js";
import { layerCount, noNetworkText } from "../pure/words.js";
import { TableBody, marked } from "./tableBody.js";

/**
 * The table of all layers of a network.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {import("../pure/rows.js").Row} Row
 */

/** @param {(key: string, layer: string) => void} onChosen */
export function showTable(onChosen) {
  const table = element("layer-table", HTMLTableElement);
  const filter = element("layer-filter", HTMLInputElement);
  const note = element("layer-table-note", HTMLParagraphElement);
  const choice = element("table-of", HTMLFieldSetElement);
  const saving = { csv: element("layers-csv", HTMLButtonElement), json: element("layers-json", HTMLButtonElement) };
  /** What the table has: the network, and how it is sorted and filtered. */
  const shown = { key: "", order: AS_THEY_RUN, filter: "", rows: /** @type {Row[]} */ ([]), of: /** @type {unknown[]} */ ([]) };
  const body = new TableBody(table.tBodies[0], (layer) => onChosen(shown.key, layer));

  const arrange = () => {
    const left = filtered(shown.rows, shown.filter);
    fillFoot(/** @type {HTMLTableSectionElement} */ (table.tFoot), shown.rows, left);
    body.arrange(sorted(left, shown.order));
    showOrder(table, shown.order);
    write(note, shown.rows.length && !left.length ? "No layer has these words. Clear the filter to see all." : "");
  };
  const render = (/** @type {State} */ { view, cards, rows, inside }) => {
    if (view !== "inside" || inside.tab !== "layers") return;
    const keys = keysOf(inside);
    if (!keys.includes(shown.key)) shown.key = inside.key;
    offer(choice, keys.map((key) => ({ key, name: nameOf(entryOf(key), cards, rows) })), shown.key);
    const layers = inside.layers[layersKey(entryOf(shown.key))] ?? null;
    const profile = inside.profiles[shown.key] ?? null;
    saving.csv.disabled = saving.json.disabled = !layers;
    if (layers !== shown.of[0] || profile !== shown.of[1] || !shown.of.length) {
      shown.of = [layers, profile];
      shown.rows = rowsOf(layers ?? [], profile);
      body.fill(shown.rows);
      arrange();
    }
    if (!layers) write(note, noNetworkText(entryOf(shown.key), cards) || "The layers appear here as soon as the engine has told them.");
    body.choose(shown.key === inside.key ? inside.layer : inside.otherLayer);
  };

  fillHead(/** @type {HTMLTableSectionElement} */ (table.tHead), (column) => {
    shown.order = nextOrder(shown.order, column);
    arrange();
  });
  filter.addEventListener("input", () => {
    shown.filter = filter.value;
    arrange();
  });
  choice.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) shown.key = target.value;
    render(state);
  });
  const profile = () => state.inside.profiles[shown.key] ?? null;
  saving.csv.addEventListener("click", () => saveBlob(new Blob([toCsv(shown.rows)], { type: "text/csv" }), `${shown.key}-layers.csv`));
  saving.json.addEventListener("click", () => saveBlob(new Blob([toJson(shown.key, shown.rows, profile())], { type: "application/json" }), `${shown.key}-layers.json`));
  subscribe(render);
}

/**
 * @param {HTMLTableSectionElement} head
 * @param {(column: import("../pure/columns.js").ColumnName) => void} onSorted
 */
function fillHead(head, onSorted) {
  const cells = COLUMNS.map((column) => {
    const { name, label, unit, title } = column;
    const button = make("button", { type: "button", title }, label, ...(unit ? [" ", make("small", { textContent: unit })] : []));
    button.addEventListener("click", () => onSorted(name));
    return marked(make("th", { scope: "col", role: "columnheader" }, button), column);
  });
  head.append(make("tr", { role: "row" }, ...cells));
}

/**
 * @param {HTMLTableElement} table
 * @param {import("../pure/columns.js").Order} order
 */
function showOrder(table, { column, descending }) {
  for (const cell of table.tHead?.rows[0].cells ?? []) cell.ariaSort = cell.dataset.column !== column ? "none" : descending ? "descending" : "ascending";
}

/**
 * @param {HTMLTableSectionElement} foot
 * @param {Row[]} rows
 * @param {Row[]} left what the filter leaves
 */
function fillFoot(foot, rows, left) {
  const [main, auxiliary] = [mainOf(rows), auxiliaryOf(rows)];
  /** @type {[string, Row[]][]} */
  const lines = [["All", main]];
  if (auxiliary.length) lines.push(["Only for auxiliary outputs", auxiliary]);
  if (left.length < rows.length) lines.unshift(["With these words", left]);
  foot.replaceChildren(...(rows.length ? lines : []).map(([label, some]) => {
    const totals = totalsOf(some);
    const name = make("th", { scope: "row", role: "rowheader", colSpan: COLUMNS.findIndex(({ total }) => total), textContent: `${label}: ${layerCount(totals)}` });
    name.style.gridColumn = `span ${name.colSpan}`;
    return make("tr", { role: "row" }, name, ...COLUMNS.slice(name.colSpan).map((column) => marked(make("td", { role: "cell", textContent: column.total?.(totals) ?? "" }), column)));
  }));
}

/**
 * @param {HTMLFieldSetElement} choice between two networks
 * @param {{ key: string, name: string }[]} networks
 * @param {string} chosen
 */
function offer(choice, networks, chosen) {
  choice.hidden = networks.length < 2;
  const words = JSON.stringify(networks);
  if (choice.dataset.words !== words) {
    choice.dataset.words = words;
    for (const label of choice.querySelectorAll("label")) label.remove();
    choice.append(...networks.map(({ key, name }) => make("label", {}, make("input", { type: "radio", name: "table-of", value: key }), make("span", { textContent: name }))));
  }
  for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === chosen;
}
