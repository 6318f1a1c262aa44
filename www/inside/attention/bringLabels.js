// @ts-check
import { bringLabels } from "../../bringLabels.js";
import { entryOf, isOwnVariant } from "../../pure/entries.js";
import { subscribe } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { isSeen, runningOf } from "./pure/subject.js";

/**
 * Has the names of the classes be known of each network that is looked into.
 * @param {Pick<import("../../lineup.js").LineUp, "engine">} lineUp
 * @returns {() => void} ends it
 */
export function followLabels(lineUp) {
  return subscribe((state) => {
    if (!isSeen(state) || !lineUp.engine) return;
    for (const entry of keysOf(state.inside).map(entryOf)) {
      const isKnown = isOwnVariant(entry.variant) ? runningOf(state, entry.key) : state.cards.some(({ id }) => id === entry.network);
      // It fails only together with the engine. Then the one that is started after it is asked.
      if (isKnown) bringLabels(entry, lineUp.engine).catch(() => {});
    }
  });
}
