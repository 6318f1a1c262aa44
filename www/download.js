// @ts-check
import { oneTab } from "./oneTab.js";
import { ownShard } from "./ownWeights.js";
import { Failure } from "./pure/failure.js";
import { manifestOf } from "./pure/manifestForm.js";
import { FILES, WEIGHTS } from "./weightsHome.js";
import { NoAnswer, within } from "./within.js";

/**
 * @typedef {import("./pure/entries.js").Row} Row
 * @typedef {import("./pure/manifest.d.ts").Shard} Shard
 * @typedef {import("./pure/manifest.d.ts").BuildingStep} Step of what the server still builds
 * @typedef {{ rows: Row[], building: Step[] }} Manifest
 */

const MANIFEST = new URL("manifest.json", WEIGHTS);
const CACHE = "convscope-weights";
const BACK_OFF = 800; // milliseconds
const FINDS_IN = 3000; // milliseconds in which a storage that works opens and finds a file, also on a slow phone
const MOVES_IN = 15_000; // the same for reading or writing the file

/** @type {{ cache: Promise<Cache> | undefined }} */
const kept = { cache: undefined };

/** Where weights are kept for the next visit. */
async function storage() {
  kept.cache ??= within(FINDS_IN, caches.open(CACHE)).catch((error) => {
    if (!(error instanceof NoAnswer)) kept.cache = undefined; // no storage now; perhaps later. One that does not answer is not waited for again.
    throw error;
  });
  return kept.cache;
}

// Opening the storage takes as long as a small download, so it begins while the manifest is downloaded.
if ("caches" in globalThis) storage().catch(() => {});

/** @returns {Promise<Manifest>} */
export async function fetchManifest() {
  return whole(await fetchJson(MANIFEST));
}

/** @returns {Promise<Manifest>} as it is on the server now */
export async function fetchManifestAgain() {
  return whole(await (await get(MANIFEST, { cache: "no-cache" })).json());
}

/** @param {unknown} file @returns {Manifest} with nothing that is built where the file has no `building` */
function whole(file) {
  const manifest = manifestOf(file);
  if (!manifest) throw new Failure("download", `${nameOf(MANIFEST)} has another form than this page reads. Reload the page; if it stays so, the weights have to be built again on the server.`);
  return manifest;
}

/** @returns {Promise<import("./pure/source.js").Sample[]>} */
export function fetchSamples() {
  return fetchJson(new URL("./samples.json", import.meta.url));
}

/**
 * The networks' cards as a file, which is here long before the engine that tells them too.
 * @returns {Promise<import("../pkg/convscope.js").Card[]>}
 */
export function fetchCards() {
  return fetchJson(new URL("../pkg/cards.json", import.meta.url));
}

/** @param {URL} url */
async function fetchJson(url) {
  return again(async (cache) => {
    const response = await get(url, { cache });
    return response.json().catch(() => {
      throw new Failure("download", `${nameOf(url)} cannot be read. Try again; if it stays so, it has to be built again on the server.`);
    });
  }, new AbortController().signal);
}

/**
 * Brings a network's shards at the same time, from the server or from this browser, and checks each against its SHA-256.
 * @param {Row} row
 * @param {AbortSignal} signal
 * @param {(received: number) => void} onProgress bytes so far, of `row.bytes`
 * @param {(sentence: string) => void} onNotice
 * @returns {Promise<Uint8Array[]>}
 */
export async function fetchWeights(row, signal, onProgress, onNotice) {
  if (!crypto.subtle) {
    throw new Failure("insecure", "Weights are checked before they are used, and browsers allow that only over https or on localhost: open this page there.");
  }
  const received = row.shards.map(() => 0);
  return Promise.all(row.shards.map((shard, i) =>
    bringShard(shard, (bytes) => {
      received[i] = bytes;
      onProgress(received.reduce((sum, n) => sum + n, 0));
    })));

  /**
   * @param {Shard} shard
   * @param {(received: number) => void} onProgress
   */
  async function bringShard(shard, onProgress) {
    if (!row.here) return fetchShard(shard, signal, onNotice, onProgress);
    const bytes = await ownShard(shard);
    await check(bytes, shard).catch(() => {
      throw new Failure("bad-weights", "What this browser kept of these weights is damaged. Delete them, and open their file again.");
    });
    onProgress(bytes.length);
    return bytes;
  }
}

/**
 * @param {Shard} shard
 * @param {AbortSignal} signal
 * @param {(sentence: string) => void} onNotice
 * @param {(received: number) => void} onProgress
 */
async function fetchShard(shard, signal, onNotice, onProgress) {
  return (await fromCache(shard, onProgress)) ?? oneTab(cacheKey(shard).href, signal, async (hasWaited) => {
    const stored = hasWaited ? await fromCache(shard, onProgress) : null; // by the tab that was waited for
    if (stored) return { result: stored };
    const bytes = await again(async (cache) => {
      onProgress(0);
      const read = await readBody(await get(new URL(shard.file, FILES), { cache, signal }), shard, onProgress);
      await check(read, shard);
      return read;
    }, signal);
    return { result: bytes, after: toCache(shard, bytes, onNotice) };
  });
}

/**
 * @template T
 * @param {(cache: RequestCache) => Promise<T>} attempt
 * @param {AbortSignal} signal
 */
async function again(attempt, signal) {
  try {
    return await attempt("default");
  } catch (error) {
    if (signal.aborted) throw error;
    await new Promise((resolve) => setTimeout(resolve, BACK_OFF));
    signal.throwIfAborted();
    return attempt("reload"); // without the browser's HTTP cache
  }
}

/** @param {URL} url */
const nameOf = (url) => url.pathname.split("/").pop();

/**
 * @param {URL} url
 * @param {RequestInit} options
 */
async function get(url, options) {
  const name = nameOf(url);
  const response = await fetch(url, options).catch((error) => {
    if (options.signal?.aborted) throw error;
    throw new Failure("download", `${name} could not be downloaded. Check the connection and try again.`);
  });
  if (!response.ok) throw new Failure("download", `${name} could not be downloaded: the server answered ${response.status}. Try again later.`);
  return response;
}

/**
 * @param {Response} response
 * @param {Shard} shard
 * @param {(received: number) => void} onProgress
 */
async function readBody(response, shard, onProgress) {
  const bytes = new Uint8Array(shard.bytes);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new Failure("download", `The download of ${shard.file} broke off. Check the connection and try again.`);
    });
    if (done) break;
    if (received + value.length > bytes.length) {
      await reader.cancel();
      throw damaged(shard, "is longer than it should be");
    }
    bytes.set(value, received);
    received += value.length;
    onProgress(received);
  }
  if (received < bytes.length) throw damaged(shard, "is cut short");
  return bytes;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Shard} shard
 */
async function check(bytes, shard) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== shard.sha256) throw damaged(shard, "is not the file it should be: its SHA-256 differs");
}

/**
 * @param {Shard} shard
 * @param {string} what
 */
function damaged(shard, what) {
  return new Failure("bad-weights", `${shard.file} ${what}. Try again; if it stays so, the copy on the server is damaged and has to be built again.`);
}

/** @param {Shard} shard */
function cacheKey(shard) {
  return new URL(`sha256-${shard.sha256}`, WEIGHTS);
}

/**
 * @param {Shard} shard
 * @param {(received: number) => void} onProgress
 */
async function fromCache(shard, onProgress) {
  try {
    const cache = await storage();
    const response = await within(FINDS_IN, cache.match(cacheKey(shard)));
    if (!response) return null;
    const bytes = new Uint8Array(await within(MOVES_IN, response.arrayBuffer()));
    await check(bytes, shard).catch((error) => {
      void cache.delete(cacheKey(shard)).catch(() => {});
      throw error;
    });
    onProgress(bytes.length);
    return bytes;
  } catch {
    return null; // no storage, or a damaged entry: it is downloaded instead
  }
}

/**
 * @param {Shard} shard
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {(sentence: string) => void} onNotice
 */
async function toCache(shard, bytes, onNotice) {
  const copy = new Response(bytes);
  try {
    await within(MOVES_IN, (await storage()).put(cacheKey(shard), copy));
  } catch (error) {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    onNotice(`The weights could not be kept for the next visit${full ? ": this browser's storage is full" : ""}. They will be downloaded again.`);
  }
}

/**
 * Removes weights that the manifest does not name any more. Those of other copies of the page on this origin lie in the same cache,
 * under their own addresses, and are for them to remove.
 * @param {Row[]} rows
 */
export async function tidyCache(rows) {
  const named = new Set(rows.flatMap((row) => row.shards.map((shard) => cacheKey(shard).href)));
  try {
    const cache = await storage();
    for (const request of await cache.keys()) {
      if (request.url.startsWith(WEIGHTS.href) && !named.has(request.url)) await cache.delete(request);
    }
  } catch {
    // There is no storage, so there is nothing to remove.
  }
}

/**
 * What this browser keeps of the server's weights.
 * @param {Row[]} rows
 * @returns {Promise<{ row: Row, bytes: number }[]>} those of which there is something; bytes: of the shards that are there. Rejects where there is no storage
 */
export async function storedWeights(rows) {
  const there = new Set((await within(FINDS_IN, (await storage()).keys())).map(({ url }) => url));
  return rows
    .filter(({ here }) => !here)
    .map((row) => ({ row, bytes: row.shards.reduce((sum, shard) => sum + (there.has(cacheKey(shard).href) ? shard.bytes : 0), 0) }))
    .filter(({ bytes }) => bytes > 0);
}

/**
 * Deletes the server's weights of a network from this browser. They are downloaded again when they are wanted again.
 * @param {Row} row
 */
export async function deleteStored(row) {
  const cache = await storage();
  for (const shard of row.shards) await cache.delete(cacheKey(shard));
}
