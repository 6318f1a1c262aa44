// @ts-check
import { defaultSource, sourceText } from "./source.js";

/**
 * What all views write into an address.
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
 * A file cannot be named, and the default need not be.
 * @param {URLSearchParams} query
 * @param {State} state
 * @param {import("./entries.js").Card | undefined} card of the network that sees it
 */
export function writeSource(query, { source, samples }, card) {
  const text = sourceText(source);
  if (source?.kind !== "file" && text !== sourceText(defaultSource(card, samples))) query.set("source", text);
}
