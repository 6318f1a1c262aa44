// @ts-check
import { RANDOM, rowOfEntry, weightsOf } from "./entries.js";

/**
 * How much memory networks take, which decides whether the page asks before it loads them. The figures are the engine's own.
 *
 * @typedef {import("../../pkg/convscope.js").Memory} Memory
 * @typedef {import("./entries.js").Entry} Entry
 * @typedef {import("./entries.js").Row} Row
 * @typedef {Record<string, Memory>} Memories by network and variant, see memoryKey
 */

/** Bytes. A phone's browser may close a page that takes more. */
export const MUCH_MEMORY = 400e6;

/**
 * The variant whose memory an entry takes: random weights are stored as those of 8 bits are.
 * @param {Entry} entry
 * @param {Row[]} rows
 * @returns {"q8" | "q4"}
 */
export function storedVariant(entry, rows) {
  const weights = weightsOf(entry, rows);
  return (weights === RANDOM ? entry.variant : weights) === "q4" ? "q4" : "q8";
}

/**
 * @param {Entry} entry
 * @param {Row[]} rows
 */
export const memoryKey = (entry, rows) => `${entry.network} ${storedVariant(entry, rows)}`;

/**
 * @param {Entry} entry
 * @param {Memories} memories
 * @param {Row[]} rows
 * @returns {Memory | null} null where it is not known yet
 */
export function memoryOf(entry, memories, rows) {
  return memories[memoryKey(entry, rows)] ?? null;
}

/**
 * What several entries take together.
 * @param {Entry[]} entries
 * @param {Memories} memories
 * @param {Row[]} rows
 * @returns {{ memory: number | null, weights: number, download: number }} bytes. memory: null unless that of each is known; weights: of their
 *   files; download: of those that come from the server
 */
export function costOf(entries, memories, rows) {
  const known = entries.flatMap((entry) => memoryOf(entry, memories, rows) ?? []);
  const memory = known.reduce((sum, { weightsBytes, activationBytes }) => sum + weightsBytes + activationBytes, 0);
  const found = entries.flatMap((entry) => rowOfEntry(entry, rows) ?? []);
  const bytesOf = (/** @type {Row[]} */ some) => some.reduce((sum, { bytes }) => sum + bytes, 0);
  return { memory: known.length === entries.length ? memory : null, weights: bytesOf(found), download: bytesOf(found.filter(({ here }) => !here)) };
}
