// @ts-check
import { defaultSource, sourceText } from "./source.js";

/**
 * The parts of an address that all views have: the device, the engine and the source.
 *
 * @typedef {import("../state.js").State} State
 */

/**
 * @param {URLSearchParams} query
 * @returns {import("../state.js").Place}
 */
export function readPlace(query) {
  const device = query.get("device");
  return { device: device === "webgpu" || device === "cpu" ? device : "auto", engine: query.get("engine") === "burn" ? "burn" : "convscope" };
}

/**
 * @param {URLSearchParams} query
 * @param {State} state
 */
export function writePlace(query, { device, engine }) {
  if (device !== "auto") query.set("device", device);
  if (engine !== "convscope") query.set("engine", engine);
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
