// @ts-check
import { byAbility } from "../pure/ability.js";
import { make } from "./page.js";

/**
 * @typedef {import("../pure/entries.js").Entry} Entry
 * @typedef {import("../pure/entries.js").Row} Row
 */

/**
 * The options of a list of networks: those that can answer on this site apart from those that cannot.
 * @param {Entry[]} entries
 * @param {Row[] | null} rows null where it is not known which of them can
 * @param {(entry: Entry) => string} textOf
 * @returns {(HTMLOptGroupElement | HTMLOptionElement)[]}
 */
export function networkOptions(entries, rows, textOf) {
  const options = (/** @type {Entry[]} */ entries) => entries.map((entry) => make("option", { value: entry.key, textContent: textOf(entry) }));
  return rows ? byAbility(entries, rows).map(({ title, entries }) => make("optgroup", { label: title }, ...options(entries))) : options(entries);
}
