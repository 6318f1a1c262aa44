// @ts-check
import { ownName } from "./deployment.js";
import { Failure } from "./pure/failure.js";
import { megabytes } from "./pure/text.js";

/**
 * Weights that this browser has and the server does not: they were made on this page from a visitor's file. Their rows stand
 * beside the server's, and their shards are loaded as those are. They are in memory until the page is closed or, if the visitor
 * wants it, kept for the next visit: the rows in local storage, so that they are known at once, and the shards in Cache Storage,
 * apart from those of the server, so that what can be downloaded again is tidied up without them.
 *
 * @typedef {import("./pure/entries.js").Row} Row
 * @typedef {import("./pure/manifest.d.ts").Shard} Shard
 */

const WEIGHTS = new URL("./weights/", import.meta.url);
const CACHE = "convscope-own-weights"; // by addresses, which differ between copies of the page
const LIST = ownName(CACHE);

/** What is not kept. @type {{ rows: Row[], shards: Map<string, Blob> }} shards: by their file */
const held = { rows: [], shards: new Map() };

/** Adding and forgetting take turns: both change what is stored in several steps. @type {{ last: Promise<unknown> }} */
const turns = { last: Promise.resolve() };

/**
 * @param {Row[]} rows the server's, among which may be earlier ones of this browser
 * @returns {Row[]} with those of this browser. Of two that are called alike, the server's counts
 */
export function withOwn(rows) {
  const served = rows.filter(({ here }) => !here);
  const own = [...kept(), ...held.rows];
  return [...served, ...own.filter((one) => !served.some((other) => isSame(one, other)))];
}

/**
 * @param {Row} row
 * @param {Uint8Array[]} shards in the order of the row
 * @param {boolean} isKept they are to be kept for the next visit
 * @param {AbortSignal} signal where it is cancelled meanwhile, nothing stays
 * @returns {Promise<string>} why they could not be kept, as a sentence; empty where nothing went wrong. They can be used in any case
 */
export function addOwn(row, shards, isKept, signal) {
  return inTurn(async () => {
    if (row.own && kept().some((other) => isSame(row, other))) throw new Failure("bad-weights", `This browser keeps weights “${row.variant}” of this network, which another tab has opened: choose another name.`);
    signal.throwIfAborted();
    const trouble = await add(row, shards, isKept);
    if (!signal.aborted) return trouble;
    await forget(row);
    throw signal.reason;
  });
}

/**
 * @param {Row} row
 * @param {Uint8Array[]} shards
 * @param {boolean} isKept
 */
async function add(row, shards, isKept) {
  row.shards.forEach(({ file }, i) => held.shards.set(file, new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (shards[i])])));
  held.rows.push({ ...row, here: "open" });
  if (!isKept) return "";
  try {
    await keep(row);
    forgetHeld(row);
    return "";
  } catch (error) {
    await forgetKept(row);
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    const why = isFull ? `this browser's storage is full, and they take ${megabytes(row.bytes)}. Make room, and open the file again` : "this browser lets the page store nothing. Outside of a private window it may";
    return `The weights run until the page is closed, but they could not be kept: ${why}.`;
  }
}

/** @param {Row} row */
async function keep(row) {
  const cache = await caches.open(CACHE);
  for (const { file } of row.shards) await cache.put(keyOf(file), new Response(held.shards.get(file)));
  localStorage.setItem(LIST, JSON.stringify([...kept(), { ...row, here: "kept" }]));
}

/** @param {Row} row of this browser */
export const forgetOwn = (row) => inTurn(() => forget(row));

/** @param {Row} row */
async function forget(row) {
  forgetHeld(row);
  await forgetKept(row);
}

/** @param {Row} row */
function forgetHeld(row) {
  held.rows = held.rows.filter((other) => !isSame(row, other));
  for (const { file } of row.shards) held.shards.delete(file);
}

/** @param {Row} row */
async function forgetKept(row) {
  // Where the page may store nothing, nothing is kept.
  await deleteShards(row).catch(() => {});
  try {
    const list = kept();
    if (list.some((other) => isSame(row, other))) localStorage.setItem(LIST, JSON.stringify(list.filter((other) => !isSame(row, other))));
  } catch {
    // as above
  }
}

/** @param {Row} row */
async function deleteShards(row) {
  const cache = await caches.open(CACHE);
  for (const { file } of row.shards) await cache.delete(keyOf(file));
}

/**
 * @template T
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
function inTurn(task) {
  const own = turns.last.then(task);
  turns.last = own.catch(() => {});
  return own;
}

/**
 * @param {Shard} shard of weights that this browser has
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function ownShard({ file }) {
  const blob = held.shards.get(file) ?? (await keptShard(file));
  if (!blob) throw new Failure("bad-weights", "This browser has removed what it kept of these weights. Delete them, and open their file again.");
  return new Uint8Array(await blob.arrayBuffer());
}

/** @param {string} file */
async function keptShard(file) {
  try {
    return await (await (await caches.open(CACHE)).match(keyOf(file)))?.blob();
  } catch {
    return undefined;
  }
}

/** @returns {Row[]} the rows of what is kept: none where the list is not one that this page wrote */
function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(LIST) ?? "[]");
    return Array.isArray(list) ? list.filter((row) => row?.here === "kept" && typeof row.id === "string" && typeof row.variant === "string" && Array.isArray(row.shards)) : [];
  } catch {
    return [];
  }
}

/** @param {string} file */
const keyOf = (file) => new URL(file, WEIGHTS).href;

/**
 * @param {Row} one
 * @param {Row} other
 */
const isSame = (one, other) => one.id === other.id && one.variant === other.variant;
