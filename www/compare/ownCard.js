// @ts-check
import { rowOfEntry } from "../pure/entries.js";
import { cardOf, state } from "../state.js";

/**
 * The facts of what runs: those of the network's card, with the sizes of as many classes as weights of one's own have.
 * @param {import("../state.js").Entry} entry
 * @param {Pick<import("../engine.js").Engine, "layers">} engine
 */
export async function cardOfEntry(entry, engine) {
  const card = cardOf(entry.network);
  const own = rowOfEntry(entry, state.rows ?? [])?.own;
  if (!card || !own || own.classes === card.classes) return card;
  const layers = (await engine.layers(entry.network, own.classes)).filter(({ auxiliary }) => !auxiliary);
  const sum = (/** @type {"parameters" | "macs"} */ what) => layers.reduce((sum, layer) => sum + layer[what], 0);
  return { ...card, parameters: sum("parameters"), macs: sum("macs") };
}
