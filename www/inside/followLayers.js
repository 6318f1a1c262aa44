// @ts-check
import { bringLayers } from "../bringLayers.js";
import { entryOf } from "../pure/entries.js";
import { subscribe } from "../state.js";

/**
 * Has the layers of the networks that are looked into be known.
 * @param {import("../bringLayers.js").Running} lineUp
 * @returns {() => void} ends it
 */
export function followLayers(lineUp) {
  return subscribe(({ view, inside: { key, other } }) => {
    if (view === "inside") bringLayers([key, ...(other ? [other] : [])].map((key) => entryOf(key).network), lineUp);
  });
}
