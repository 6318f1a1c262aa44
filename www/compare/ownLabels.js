// @ts-check
import { bringLabels } from "../bringLabels.js";
import { entryOf, isOwnVariant } from "../pure/entries.js";
import { subscribe } from "../state.js";

/**
 * Has the classes of weights of one's own be known, and those of the network's official weights: they vote together only where
 * they are the same.
 * @param {Pick<import("../lineup.js").LineUp, "engine">} lineUp
 * @returns {() => void} ends it
 */
export function followOwnLabels(lineUp) {
  return subscribe(({ view, running }) => {
    if (view !== "compare" || !lineUp.engine) return;
    for (const { key, network, weights } of running) {
      if (!isOwnVariant(weights)) continue;
      // It fails only together with the engine. Then the one that is started after it is asked.
      for (const entry of [entryOf(key), entryOf(network)]) bringLabels(entry, lineUp.engine).catch(() => {});
    }
  });
}
