// @ts-check
import { make, outside } from "../../views/page.js";

/** @typedef {import("../pure/stories.js").Table} Table */

/**
 * @param {import("../pure/stories.js").Point} point
 * @returns {HTMLElement}
 */
export function pointOf({ title, text, sources = [], table }) {
  return make("section", { className: "point" }, make("h3", { textContent: title }), make("p", {}, text, ...sourced(sources)), ...(table ? [tableOf(table)] : []));
}

/** Where a text has its numbers from, as a sentence behind it. @param {import("../pure/stories.js").Source[]} sources */
function sourced(sources) {
  if (!sources.length) return [];
  const links = sources.flatMap(({ text, href }, i) => [i ? ", " : " ", outside(href, text)]);
  return [sources.length > 1 ? " Sources:" : " Source:", ...links, "."];
}

/** @param {Table} table */
function tableOf({ caption, head, rows }) {
  const line = (/** @type {string[]} */ cells) => make("tr", {}, ...cells.map((text, i) => (i ? make("td", { textContent: text }) : make("th", { scope: "row", textContent: text }))));
  const header = make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", textContent: text }))));
  const table = make("table", { className: "story-table", ariaLabel: caption }, header, make("tbody", {}, ...rows.map(line)));
  return make("details", {}, make("summary", { textContent: caption }), make("div", { className: "scroll" }, table));
}
