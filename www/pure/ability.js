// @ts-check
import { rowOfEntry } from "./entries.js";
import { classesText } from "./text.js";

/**
 * What networks can do on this site: with weights they recognise something; without any they show their speed only.
 *
 * @typedef {import("./entries.js").Card} Card
 * @typedef {import("./entries.js").Entry} Entry
 * @typedef {import("./entries.js").Row} Row
 */

/**
 * Entries in two groups: those that can answer here, and those that cannot. An empty group is left out.
 * @param {Entry[]} entries
 * @param {Row[]} rows
 * @returns {{ title: string, entries: Entry[] }[]}
 */
export function byAbility(entries, rows) {
  const canAnswer = (/** @type {Entry} */ entry) => rowOfEntry(entry, rows) !== undefined;
  return [
    { title: "Recognise pictures", entries: entries.filter(canAnswer) },
    { title: "Speed only here", entries: entries.filter((entry) => !canAnswer(entry)) },
  ].filter(({ entries }) => entries.length);
}

/**
 * @param {Entry} entry
 * @param {Card | undefined} card of its network
 * @param {Row[]} rows
 * @returns {string} what it does here
 */
export function abilityOf(entry, card, rows) {
  const row = rowOfEntry(entry, rows);
  if (!row) return "speed only";
  if (row.own) return `knows ${classesText(row.own.classes)}`;
  return readsDigits(card) ? "recognises digits" : "recognises pictures";
}

/** @param {Card | undefined} card */
const readsDigits = (card) => card?.frame.kind === "digit";

/**
 * @param {Entry[]} entries
 * @param {Card[]} cards
 * @param {Row[]} rows
 * @returns {string} how many of them can answer, and how many of these only about digits, in a few words
 */
export function countText(entries, cards, rows) {
  const able = entries.filter((entry) => rowOfEntry(entry, rows));
  const digits = able.filter(({ network }) => readsDigits(cards.find(({ id }) => id === network))).length;
  const only = !digits ? "" : digits === able.length ? ", digits only" : `, ${digits} of them digits only`;
  if (able.length === entries.length) return `${able.length === 1 ? "it" : `all ${able.length}`} can answer here${only}`;
  return `${able.length || "none"} of ${entries.length} can answer here${only}`;
}
