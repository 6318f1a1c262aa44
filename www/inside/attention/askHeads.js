// @ts-check
import { entryOf } from "../../pure/entries.js";
import { isLive } from "../../pure/source.js";
import { cardOf, subscribe } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { currentAnswer, isSeen } from "./pure/subject.js";

/**
 * Has a network with auxiliary heads look once more at a picture that it answered before its heads were asked.
 * @param {Pick<import("../../source.js").PictureSource, "again">} source
 * @returns {() => void} ends it
 */
export function followHeads(source) {
  /** Keys of the networks that are asked once more since the tab was shown. @type {Set<string>} */
  const asked = new Set();
  return subscribe((state) => {
    if (!isSeen(state)) return asked.clear();
    for (const key of keysOf(state.inside)) {
      const answer = currentAnswer(state, key);
      const lacksHeads = answer?.predictions.length && !answer.heads.length && cardOf(entryOf(key).network)?.heads.length;
      if (!lacksHeads || asked.has(key) || isLive(state)) continue;
      asked.add(key);
      source.again();
    }
  });
}
