// @ts-check
import { defaultSource, sourceText } from "./source.js";
import { MOST_THREADS } from "./threads.js";

/**
 * The parts of an address that all views have: the device, the engine, how the CPU computes, and the source.
 *
 * @typedef {import("../state.js").State} State
 */

/**
 * @param {URLSearchParams} query
 * @returns {import("../state.js").Place}
 */
export function readPlace(query) {
  const device = query.get("device");
  const threads = query.get("threads") ?? "";
  return {
    device: device === "webgpu" || device === "cpu" ? device : "auto",
    engine: query.get("engine") === "burn" ? "burn" : "convscope",
    arithmetic: query.get("arithmetic") === "int8" ? "int8" : "f32",
    threads: /^\d{1,2}$/.test(threads) && Number(threads) >= 1 && Number(threads) <= MOST_THREADS ? Number(threads) : null,
  };
}

/**
 * @param {URLSearchParams} query
 * @param {State} state
 */
export function writePlace(query, { device, engine, arithmetic, threads }) {
  if (device !== "auto") query.set("device", device);
  if (engine !== "convscope") query.set("engine", engine);
  if (arithmetic !== "f32") query.set("arithmetic", arithmetic);
  if (threads !== null) query.set("threads", String(threads));
}

/**
 * Writes the source, unless it is the default. A file of the visitor's has no name in an address.
 * @param {URLSearchParams} query
 * @param {State} state
 * @param {import("./entries.js").Card | undefined} card of the network that sees it
 */
export function writeSource(query, { source, samples }, card) {
  const text = sourceText(source);
  if (source?.kind !== "file" && text !== sourceText(defaultSource(card, samples))) query.set("source", text);
}
