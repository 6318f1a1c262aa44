// @ts-check
import { fetchWeights } from "./download.js";
import { Pace } from "./pace.js";
import { RANDOM, isOwnVariant, nameOf, rowOfEntry, weightsOf } from "./pure/entries.js";
import { Failure, codeOf, sentenceOf } from "./pure/failure.js";
import { costOf } from "./pure/memory.js";
import { megabytes } from "./pure/text.js";
import { cardOf, notice, state } from "./state.js";

/**
 * Brings a network onto an engine: with its weights, or with random ones where the server has none.
 *
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("./pure/entries.js").Entry} Entry
 * @typedef {import("./pure/standing.js").Standing} Standing
 * @typedef {(phase: "opening" | "loading", details: Partial<Standing>) => void} OnStanding
 */

/**
 * Downloads the weights of an entry.
 * @param {Entry} entry
 * @param {AbortSignal} signal
 * @param {OnStanding} onStanding
 * @returns {Promise<Uint8Array[]> | undefined} undefined where the server has none
 */
export function fetchFor(entry, signal, onStanding) {
  const row = rowOfEntry(entry, state.rows ?? []);
  const pace = new Pace();
  const onProgress = (/** @type {number} */ received) => {
    if (!row || signal.aborted) return;
    const left = pace.left(received, row.bytes, performance.now());
    onStanding("opening", { step: "weights", progress: { received, total: row.bytes, left } });
  };
  return row && fetchWeights(row, signal, onProgress, notice);
}

/**
 * Loads an entry. Its weights are downloaded while the engine starts.
 * @param {Entry} entry
 * @param {Promise<Engine> | Engine} opening
 * @param {AbortSignal} signal
 * @param {OnStanding} onStanding
 * @param {Promise<Uint8Array[]>} [ahead] a download that has begun already
 * @returns {Promise<{ weights: string, milliseconds: number }>} their variant; the time that the engine took, the download not counted
 */
export async function load(entry, opening, signal, onStanding, ahead) {
  const { key, network } = entry;
  const rows = state.rows ?? [];
  const weights = weightsOf(entry, rows);
  if (weights === RANDOM) {
    await opening; // the cards come with it
    if (!cardOf(network)) throw new Failure("unknown-network", `This server has no network “${network}”. Choose one from the list.`);
    if (isOwnVariant(entry.variant)) throw new Failure("unknown-network", `This browser has no own weights “${entry.variant}” of ${cardOf(network)?.name}: they are only where their file was opened, as long as they are kept there. Drop the file on this page, or open it with “Weights of your own”, and give them this name.`);
    if (entry.variant) throw new Failure("unknown-network", `This server has no weights “${entry.variant}” of ${cardOf(network)?.name}.`);
  }
  const [engine, shards] = await Promise.all([opening, ahead ?? fetchFor(entry, signal, onStanding)]);
  signal.throwIfAborted();
  onStanding("loading", { weights });
  const onCompiled = (/** @type {number} */ received, /** @type {number} */ total) => onStanding("loading", { weights, progress: { received, total } });
  const start = performance.now();
  await (shards ? engine.load(network, weights, shards, key, onCompiled).catch((error) => refuse(error, entry)) : engine.loadRandom(network, key, onCompiled));
  return { weights, milliseconds: performance.now() - start };
}

/**
 * What this browser has kept may be older than the page.
 * @param {unknown} error
 * @param {Entry} entry
 * @returns {never}
 */
function refuse(error, entry) {
  if (codeOf(error) !== "bad-weights" || !rowOfEntry(entry, state.rows ?? [])?.here) throw error;
  throw new Failure("bad-weights", "The weights that this browser kept were made for another version of this page. Delete them, and open their file again.");
}

/**
 * Why an entry could not be loaded, as text. WebAssembly that runs out of memory stops without an error message, so a crash
 * may mean that there was too little memory.
 * @param {unknown} error
 * @param {Entry} entry
 */
export function whyNotLoaded(error, entry) {
  const { memory } = costOf([entry], state.memories, state.rows ?? []);
  const isShort = codeOf(error) === "crashed" && memory !== null;
  return sentenceOf(error) + (isShort ? ` It takes ${megabytes(memory)} of memory: perhaps there is too little.` : "");
}

/** @param {Entry} entry */
export const titleOf = (entry) => nameOf(entry, state.cards, state.rows);
