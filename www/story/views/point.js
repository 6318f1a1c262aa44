// @ts-check
import { make, outside } from "../../views/page.js";

/** @typedef {import("../pure/stories.js").Table} Table */

/**
 * @param {import("../pure/stories.js").Point} point
 * @returns {HTMLElement}
 */
export function pointOf({ title, text, sources = [], table }) {
  const links = sources.flatMap(({ text, href }) => [" ", outside(href, text)]);
  return make("section", { className: "point" }, make("h3", { textContent: title }), make("p", {}, text, ...links), ...(table ? [tableOf(table)] : []));
}

/** @param {Table} table */
function tableOf({ caption, head, rows }) {
  const line = (/** @type {string[]} */ cells) => make("tr", {}, ...cells.map((text, i) => (i ? make("td", { textContent: text }) : make("th", { scope: "row", textContent: text }))));
  const header = make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", textContent: text }))));
  const table = make("table", { className: "story-table", ariaLabel: caption }, header, make("tbody", {}, ...rows.map(line)));
  return make("details", {}, make("summary", { textContent: caption }), make("div", { className: "scroll" }, table));
}
