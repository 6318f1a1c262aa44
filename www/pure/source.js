// @ts-check

/**
 * What the networks look at, as the address names it.
 *
 * @typedef {import("./entries.js").Card} Card
 * @typedef {{ kind: "sample", id: string } | { kind: "camera" } | { kind: "drawing" } | { kind: "file", name: string }} Source
 * @typedef {{ id: string, file: string, title: string, credit: string, licence: string }} Sample
 */

/**
 * @param {string} text of an address
 * @returns {Source | null}
 */
export function readSource(text) {
  const [kind, id] = text.split(":", 2);
  if (kind === "camera" || kind === "drawing") return { kind };
  return kind === "sample" && id ? { kind, id } : null;
}

/** @param {Source | null} source */
export function sourceText(source) {
  return source?.kind === "sample" ? `sample:${source.id}` : (source?.kind ?? "");
}

/**
 * @param {Card | undefined} card of the network that is to see it
 * @param {Sample[]} samples
 * @returns {Source | null}
 */
export function defaultSource(card, samples) {
  if (card?.frame.kind === "digit") return { kind: "drawing" };
  return samples[0] ? { kind: "sample", id: samples[0].id } : null;
}

/**
 * Whether the picture is the visitor's own file. It stays when another network, view or address is chosen that names no source.
 * @param {Source | null} source
 */
export const isOwn = (source) => source?.kind === "file";

/** @param {import("../state.js").State} state its picture changes by itself */
export const isLive = ({ source, held }) => source?.kind === "camera" && !held;

/** @param {import("../state.js").State} state its picture changes all the time, by itself or under the pen */
export const isChanging = (state) => isLive(state) || state.source?.kind === "drawing";

/** @param {import("../state.js").State} state nothing has been drawn */
export const isBlank = ({ source, strokes }) => source?.kind === "drawing" && !strokes.length;
