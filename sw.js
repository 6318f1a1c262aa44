// @ts-check
/**
 * The page's service worker: with it the page opens without a network, and threads work where the host sends no headers for them.
 *
 * - It lies beside index.html, and what it keeps is named after its own folder: several copies of the page on one origin do not
 *   disturb each other.
 * - `www/shell.js` lists the page's files with their hashes (`xtask/src/shell.rs`). What is kept is kept under its hash, so that a
 *   page is made of the files of one version, and a new version fetches only what differs.
 * - A new version waits until the page is told to take it: `www/offline.js` offers it.
 * - Where the list is live, as that of `cargo xtask serve`, the server is asked first, and what is kept is for when it does not answer.
 *
 * @typedef {object} Shell
 * @property {string} version the list's hash
 * @property {boolean} live the files change at any time, so that none has a hash
 * @property {Record<string, string>} shell what the page needs to open and to classify: SHA-256 by path
 * @property {Record<string, string>} later what is kept after its first use
 */

const worker = /** @type {ServiceWorkerGlobalScope & { SHELL: Shell }} */ (/** @type {unknown} */ (self));
importScripts("www/shell.js");
const { SHELL } = worker;

const SCOPE = new URL("./", location.href).href;
const CACHE = `convscope-shell ${new URL(SCOPE).pathname}`;
const INDEX = "index.html";

/** The list of the networks' weights: it changes without the page, so that it is asked for each time. */
const MANIFEST = "www/weights/manifest.json";

/** How long the server may take to answer for a file of which there is a kept copy that may be older, in milliseconds. */
const PATIENCE = 4000;

/** Cross-origin isolation, without which there are no threads. A worker's script needs them too. */
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin" };

worker.addEventListener("install", (event) => {
  event.waitUntil(install());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

worker.addEventListener("message", (event) => {
  const port = event.ports[0];
  if (event.data.ask === "keep") event.waitUntil(keep(event.data.loaded).then(() => port.postMessage(true), () => port.postMessage(false)));
  if (event.data.ask === "tabs") event.waitUntil(worker.clients.matchAll({ type: "window" }).then(({ length }) => port.postMessage(length)));
  if (event.data.ask === "take over") event.waitUntil(worker.skipWaiting());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(SCOPE) || request.headers.has("Range")) return;
  const path = pathOf(request.url);
  if (/\.safetensors$/.test(path)) return; // shards of weights, which the page keeps by itself
  event.respondWith(answer(event, path).then(isolated));
  if (SHELL.live && request.mode === "navigate") event.waitUntil(leaveToOthers().catch(() => {}));
});

/**
 * The first version keeps nothing yet: the page that has just been opened needs the network for itself, and says later what is to
 * be kept. A further version is whole before it waits to be taken.
 */
async function install() {
  if (SHELL.live) await worker.skipWaiting(); // nothing that it keeps can differ from what the server has
  else if (worker.registration.active) await keep([]);
}

async function activate() {
  const cache = await caches.open(CACHE);
  const listed = new Set([...Object.entries({ ...SHELL.shell, ...SHELL.later }), [MANIFEST, ""]].map(([path, hash]) => keyOf(path, hash)));
  for (const { url } of await cache.keys()) if (!listed.has(url)) await cache.delete(url);
  await worker.clients.claim(); // the page that brought it, so that what is fetched in it from now on is kept
}

/** Servers in development share a few addresses: where another project answers at this one, the worker goes. */
async function leaveToOthers() {
  const { status } = await fetch(new URL("sw.js", SCOPE), { method: "HEAD", cache: "no-store" });
  if (status !== 404) return;
  await caches.delete(CACHE);
  await worker.registration.unregister();
}

/** @param {string} url @returns {string} from the page's folder, without query */
function pathOf(url) {
  const path = decodeURI(new URL(url).pathname).slice(decodeURI(new URL(SCOPE).pathname).length);
  return path || INDEX;
}

/** @param {string} path @returns {string | undefined} empty where the list is live */
const hashOf = (path) => SHELL.shell[path] ?? SHELL.later[path];

/**
 * @param {string} path
 * @param {string} hash
 */
const keyOf = (path, hash) => `${SCOPE}${path}?${hash ? `sha256=${hash}` : "kept"}`;

/**
 * @param {FetchEvent} event
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function answer(event, path) {
  const hash = path === MANIFEST ? "" : hashOf(path);
  if (hash === undefined) return fetch(event.request); // not one of the page's files
  const key = keyOf(path, hash);
  if (!hash) return newestOf(event, key);
  const kept = event.request.cache === "reload" ? undefined : await keptAs(key);
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.ok) event.waitUntil(put(key, response.clone(), hash).catch(() => bring(path)).catch(() => worker.registration.update()).catch(() => {}));
  return response;
}

/**
 * What the server has now; where it does not answer, what it had before.
 * @param {FetchEvent} event
 * @param {string} key
 * @returns {Promise<Response>}
 */
async function newestOf(event, key) {
  const kept = keptAs(key);
  const asked = fetch(event.request).then((response) => {
    if (response.ok) event.waitUntil(put(key, response.clone(), "").catch(() => {}));
    return response;
  });
  asked.catch(() => {}); // it may fail after the kept one was taken
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => kept).then((found) => found ?? asked);
  return Promise.race([asked, late]).catch(async (error) => {
    const found = await kept;
    if (found) return found;
    throw error;
  });
}

/**
 * @param {string} key
 * @returns {Promise<Response | undefined>} none also where the browser lets nothing be stored
 */
async function keptAs(key) {
  try {
    return await (await caches.open(CACHE)).match(key);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} key
 * @param {Response} response
 * @param {string} hash that the file must have; empty where it may be any
 */
async function put(key, response, hash) {
  const bytes = await response.arrayBuffer();
  if (hash && (await sha256(bytes)) !== hash) throw new Error(`${key} is of another version`);
  // Not the response itself: it would also keep that it was compressed or redirected.
  const headers = { "Content-Type": response.headers.get("Content-Type") ?? "application/octet-stream" };
  await (await caches.open(CACHE)).put(key, new Response(bytes, { headers }));
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Keeps what the page needs to open and to classify, what it has loaded, and what an earlier version kept after its first use. Only
 * what is missing is fetched.
 * @param {string[]} loaded addresses that the page has loaded, perhaps before there was a worker
 */
async function keep(loaded) {
  const cache = await caches.open(CACHE);
  const keys = (await cache.keys()).map(({ url }) => url);
  const used = [...loaded.filter((url) => url.startsWith(SCOPE)), ...keys].map(pathOf).filter((path) => hashOf(path) !== undefined);
  const there = new Set(SHELL.live ? [] : keys);
  const missing = [...new Set([...Object.keys(SHELL.shell), ...used])].filter((path) => !there.has(keyOf(path, hashOf(path) ?? "")));
  await Promise.all([...missing.map(bring), bringManifest(there)]);
}

/**
 * Fetches a file to keep it. The browser's HTTP cache may have it already, or have one of an earlier version: then the server is asked.
 * @param {string} path
 */
async function bring(path) {
  const hash = hashOf(path) ?? "";
  if (!hash) return bringOnce(path, hash, "no-cache");
  return bringOnce(path, hash, "default").catch(() => bringOnce(path, hash, "no-cache"));
}

/**
 * @param {string} path
 * @param {string} hash
 * @param {RequestCache} cache
 */
async function bringOnce(path, hash, cache) {
  const url = new URL(path === INDEX ? SCOPE : path, SCOPE); // some hosts redirect index.html to its folder
  const response = await fetch(url, { cache });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await put(keyOf(path, hash), response, hash);
}

/** @param {Set<string>} there */
async function bringManifest(there) {
  const key = keyOf(MANIFEST, "");
  if (there.has(key)) return;
  const response = await fetch(new URL(MANIFEST, SCOPE), { cache: "no-cache" });
  if (response.ok) await put(key, response, "");
}

/**
 * The answer with the headers of cross-origin isolation, for hosts that send none.
 * @param {Response} response
 */
function isolated(response) {
  if (response.type === "error" || response.type === "opaque" || response.type === "opaqueredirect") return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(status === 204 || status === 304 ? null : response.body, { status, statusText, headers });
}
