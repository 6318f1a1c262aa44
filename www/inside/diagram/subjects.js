// @ts-check
import { entryOf, layersKey, nameOf } from "../../pure/entries.js";
import { state } from "../../state.js";
import { keysOf } from "../pure/keys.js";
import { rowsOf } from "./pure/blocks.js";
import { timesOf } from "./pure/measures.js";

/**
 * The networks that are drawn.
 *
 * @typedef {import("../state.js").Layer} Layer
 * @typedef {import("./pure/blocks.js").Row} Row
 * @typedef {{ key: string, network: string, name: string, layers: Layer[], rows: Row[], times: import("./pure/measures.js").Times }} Subject
 */

/** @type {WeakMap<Layer[], Row[]>} */
const known = new WeakMap();

/** The entries that are looked into. */
export const chosenEntries = () => keysOf(state.inside).map(entryOf);

/** Those whose layers are known. @returns {Subject[]} */
export function subjectsOf() {
  const { layers, profiles } = state.inside;
  return chosenEntries().flatMap((entry) => {
    const found = layers[layersKey(entry)];
    if (!found) return [];
    const rows = known.get(found) ?? rowsOf(found);
    known.set(found, rows);
    return [{ key: entry.key, network: entry.network, name: nameOf(entry, state.cards, state.rows), layers: found, rows, times: timesOf(profiles[entry.key]) }];
  });
}
