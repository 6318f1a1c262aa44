// @ts-check
import { rowOfEntry } from "./entries.js";

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
  if (!rowOfEntry(entry, rows)) return "speed only";
  return card?.frame.kind === "digit" ? "recognises digits" : "recognises pictures";
}

/**
 * @param {Entry[]} entries
 * @param {Row[]} rows
 * @returns {string} how many of them can answer, in a few words
 */
export function countText(entries, rows) {
  const able = entries.filter((entry) => rowOfEntry(entry, rows)).length;
  if (able === entries.length) return entries.length === 1 ? "it can answer here" : `all ${able} can answer here`;
  return `${able || "none"} of ${entries.length} can answer here`;
}
