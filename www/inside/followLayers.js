// @ts-check
import { bringLayers } from "../bringLayers.js";
import { entryOf } from "../pure/entries.js";
import { subscribe } from "../state.js";
import { keysOf } from "./pure/keys.js";

/**
 * Has the layers of the networks that are looked into be known.
 * @param {import("../bringLayers.js").Running} lineUp
 * @returns {() => void} ends it
 */
export function followLayers(lineUp) {
  return subscribe(({ view, inside }) => {
    if (view === "inside") bringLayers(keysOf(inside).map(entryOf), lineUp);
  });
}
