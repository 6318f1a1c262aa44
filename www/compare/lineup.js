// @ts-check
import { RANDOM } from "../download.js";
import { Failure, codeOf, sentenceOf } from "../failure.js";
import { download } from "../opening.js";
import { MUCH_MEMORY, cardOf, memoryOf, state } from "../state.js";
import { rowOfEntry } from "./presets.js";
import { entryOf } from "./state.js";

/**
 * Brings the chosen networks to an engine, one after another, and says how far each is.
 *
 * @typedef {import("../engine.js").Engine} Engine
 * @typedef {import("../download.js").Row} Row
 * @typedef {import("./state.js").Entry} Entry
 * @typedef {import("./state.js").Standing} Standing
 */

/** Entries that may take much memory. @type {Set<string>} */
const allowed = new Set();

/** @type {Standing} */
export const WAITING = { phase: "waiting", variant: "", share: 0, text: "" };

/**
 * The chosen networks at a place, in a word. Weights that have come to the server make another line-up.
 * @param {import("../opening.js").Place} place
 */
export function lineUpOf({ device, engine }) {
  const weights = (state.compare.keys ?? []).map((key) => `${key}:${rowOfEntry(entryOf(key), state.rows ?? [])?.variant ?? RANDOM}`);
  return `${device} ${engine} ${weights.join()}`;
}

/**
 * Which entries fit without asking: those that take little memory together, in their order.
 * @param {Entry[]} entries
 */
export function modest(entries) {
  let taken = 0;
  return entries.filter(({ key, network }) => {
    const card = cardOf(network);
    const memory = card ? memoryOf(card) : 0;
    if (allowed.has(key)) return true;
    if (taken + memory > MUCH_MEMORY) return false;
    taken += memory;
    return true;
  });
}

/** @param {Entry[]} entries */
export function allow(entries) {
  for (const { key } of entries) allowed.add(key);
}

/**
 * @param {Entry[]} entries
 * @param {Row[]} rows
 * @returns {{ memory: number, download: number }} bytes
 */
export function cost(entries, rows) {
  let memory = 0;
  let bytes = 0;
  for (const entry of entries) {
    const card = cardOf(entry.network);
    if (card) memory += memoryOf(card);
    bytes += rowOfEntry(entry, rows)?.bytes ?? 0;
  }
  return { memory, download: bytes };
}

/**
 * Loads one entry, unless the engine has it with these weights.
 * @param {Engine} engine
 * @param {Entry} entry
 * @param {Row[]} rows
 * @param {AbortSignal} signal
 * @param {(standing: Standing) => void} onStanding
 * @returns {Promise<number>} milliseconds that the engine took, the download not counted; NaN where nothing was to do
 */
export async function bring(engine, entry, rows, signal, onStanding) {
  const { key, network } = entry;
  const row = rowOfEntry(entry, rows);
  const variant = row?.variant ?? RANDOM;
  if (engine.loaded.get(key) === variant) {
    onStanding({ ...WAITING, phase: "ready", variant });
    return NaN;
  }
  if (!cardOf(network)) throw new Failure("unknown-network", `This server has no network “${network}”.`);
  if (!row && entry.variant) throw new Failure("unknown-network", `This server has no weights “${entry.variant}” of ${cardOf(network)?.name}.`);
  onStanding({ ...WAITING, phase: row ? "downloading" : "loading", variant });
  const shards = row && (await download(row, signal, (received) => onStanding({ ...WAITING, phase: "downloading", variant, share: received / row.bytes })));
  signal.throwIfAborted();
  onStanding({ ...WAITING, phase: "loading", variant });
  const compiled = (/** @type {number} */ done, /** @type {number} */ shaders) => onStanding({ ...WAITING, phase: "loading", variant, share: done / shaders });
  const start = performance.now();
  await (shards ? engine.load(network, variant, shards, key, compiled) : engine.loadRandom(network, key, compiled));
  onStanding({ ...WAITING, phase: "ready", variant });
  return performance.now() - start;
}

/**
 * @param {unknown} error
 * @param {Entry} entry
 * @returns {Standing}
 */
export function failed(error, { network }) {
  const card = cardOf(network);
  const crash = codeOf(error) === "crashed" && card ? ` Its weights take ${Math.round(memoryOf(card) / 1e6)} MB of memory: perhaps there is too little.` : "";
  return { ...WAITING, phase: "failed", text: sentenceOf(error) + crash };
}
