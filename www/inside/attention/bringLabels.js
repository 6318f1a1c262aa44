// @ts-check
import { entryOf } from "../../pure/entries.js";
import { state, subscribe } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { isSeen } from "./pure/subject.js";
import { updateAttention } from "./update.js";

/**
 * Has the names of the classes be known of each network that is looked into.
 * @param {Pick<import("../../lineup.js").LineUp, "engine">} lineUp
 * @returns {() => void} ends it
 */
export function followLabels(lineUp) {
  /** Networks that are being asked about. @type {Set<string>} */
  const asked = new Set();
  return subscribe((state) => {
    if (!isSeen(state) || !lineUp.engine) return;
    for (const { network } of keysOf(state.inside).map(entryOf)) {
      if (state.inside.attention.labels[network] || asked.has(network) || !state.cards.some(({ id }) => id === network)) continue;
      asked.add(network);
      // It fails only together with the engine. Then the one that is started after it is asked.
      bring(network, lineUp.engine).catch(() => {}).finally(() => asked.delete(network));
    }
  });
}

/**
 * @param {string} network
 * @param {import("../../engine.js").Engine} engine
 */
async function bring(network, engine) {
  const labels = await engine.labels(network);
  updateAttention({ labels: { ...state.inside.attention.labels, [network]: labels } });
}
