// @ts-check
import { make } from "../../../views/page.js";
import { COLUMNS } from "../pure/columns.js";

/** @typedef {import("../pure/rows.js").Row} Row */

/** Rows that are built or moved in one go, so that the page answers in between. */
const SLICE = 24;

/** The rows of the table of layers. The arrow keys move through them. */
export class TableBody {
  #body;
  /** By the layer's name. @type {Map<string, HTMLTableRowElement>} */
  #built = new Map();
  /** Rows whose cells are written when they are wanted. @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {string | null} */
  #chosen = null;
  /** Another object for each arrangement, so that an earlier one notices that it has been overtaken. */
  #arranging = {};

  /**
   * @param {HTMLTableSectionElement} body
   * @param {(layer: string) => void} onChosen
   */
  constructor(body, onChosen) {
    this.#body = body;
    body.addEventListener("click", ({ target }) => {
      const row = target instanceof Element && target.closest("tr");
      if (row && !getSelection()?.toString()) onChosen(row.dataset.layer ?? "");
    });
    body.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Takes other rows, which `arrange` shows. @param {Row[]} rows */
  fill(rows) {
    this.#rows = new Map(rows.map((row) => [row.layer.name, row]));
    this.#built.clear();
  }

  /** @param {Row[]} rows of those that were taken, the ones to show, in this order */
  async arrange(rows) {
    const arranging = (this.#arranging = {});
    const wanted = new Set(rows.map(({ layer }) => this.#built.get(layer.name)));
    for (const row of [...this.#body.rows]) if (!wanted.has(row)) row.remove();
    this.#body.ariaBusy = "true";
    for (let start = 0; start < rows.length; start += SLICE) {
      if (start) await new Promise((resolve) => setTimeout(resolve));
      if (arranging !== this.#arranging) return;
      this.#body.append(...rows.slice(start, start + SLICE).map(({ layer }) => this.#rowOf(layer.name)));
    }
    this.#body.ariaBusy = "false";
    this.#showChosen();
  }

  /** @param {string | null} layer */
  choose(layer) {
    if (layer === this.#chosen) return;
    this.#chosen = layer;
    this.#showChosen();
  }

  /** @param {string} name */
  #rowOf(name) {
    const found = this.#built.get(name);
    if (found) return found;
    const row = /** @type {Row} */ (this.#rows.get(name));
    const cells = COLUMNS.map((column) => {
      const text = column.text(row);
      if (column.name === "name") return marked(make("th", { scope: "row", role: "rowheader" }, make("button", { type: "button", tabIndex: -1 }, ...breakable(text))), column);
      const cell = marked(make("td", { role: "cell" }, ...(row.computedBy && column.name === "time" ? breakable(text) : [text])), column);
      if (column.name === "time" && row.computedBy) Object.assign(cell, { className: "within", title: `One kernel computes it together with ${row.computedBy}` });
      return cell;
    });
    const built = make("tr", { role: "row", className: row.layer.auxiliary ? "auxiliary" : "" }, ...cells);
    built.dataset.layer = name;
    this.#built.set(name, built);
    return built;
  }

  #showChosen() {
    const chosen = this.#chosen === null ? undefined : this.#built.get(this.#chosen);
    for (const row of this.#body.querySelectorAll("tr[aria-current]")) if (row !== chosen) row.removeAttribute("aria-current");
    chosen?.setAttribute("aria-current", "true");
    const entered = chosen?.isConnected ? chosen : this.#body.rows[0];
    for (const button of this.#body.querySelectorAll('button[tabindex="0"]')) if (!entered?.contains(button)) /** @type {HTMLButtonElement} */ (button).tabIndex = -1;
    const button = entered?.querySelector("button");
    if (button) button.tabIndex = 0;
    if (chosen?.isConnected) this.#scrollTo(chosen);
  }

  /** Scrolls the table's own box, and not the page. @param {HTMLTableRowElement} row */
  #scrollTo(row) {
    const box = this.#body.closest(".layer-scroll");
    const table = this.#body.closest("table");
    if (!box || !table) return;
    const [head, foot] = [table.tHead?.offsetHeight ?? 0, table.tFoot?.offsetHeight ?? 0];
    const top = row.offsetTop - head;
    const bottom = row.offsetTop + row.offsetHeight + foot - box.clientHeight;
    if (box.scrollTop > top) box.scrollTop = top;
    else if (box.scrollTop < bottom) box.scrollTop = bottom;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const row = event.target instanceof Element && event.target.closest("tr");
    if (!row) return;
    const rows = [...this.#body.rows];
    const at = rows.indexOf(row);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const target = next === undefined ? undefined : rows[next];
    if (!target) return;
    event.preventDefault();
    for (const button of row.querySelectorAll("button")) button.tabIndex = -1;
    const button = /** @type {HTMLButtonElement} */ (target.querySelector("button"));
    button.tabIndex = 0;
    button.focus({ preventScroll: true });
    this.#scrollTo(target);
  }
}

/** A name that may be broken where a part of it ends. @param {string} name */
const breakable = (name) => name.split(/(?<=[._/])/).flatMap((part) => [part, make("wbr")]);

/**
 * @template {HTMLTableCellElement} T
 * @param {T} cell
 * @param {import("../pure/columns.js").Column} column that it belongs to
 * @returns {T}
 */
export function marked(cell, { name }) {
  cell.dataset.column = name;
  return cell;
}
