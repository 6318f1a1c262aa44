// @ts-check
import { Engine } from "./engine.js";
import { bringManifest } from "./manifest.js";
import { layersKey, rowOfEntry } from "./pure/entries.js";
import { codeOf, sentenceOf } from "./pure/failure.js";
import { setProblem, state, update, updateInside } from "./state.js";

/**
 * @typedef {Pick<import("./lineup.js").LineUp, "engine">} Running
 * @typedef {import("./state.js").Entry} Entry
 */

/** Codes of an engine that is gone, whose place another one takes. */
const PASSING = new Set(["closed", "device-lost", "crashed"]);

/** What is being asked about, or is not known, by the names of layersKey. @type {Set<string>} */
const asked = new Set();

/** One engine is asked after the other, so that not more than one is opened. @type {{ last: Promise<unknown> }} */
const asking = { last: Promise.resolve() };

/**
 * Has the layers of entries be known, loaded or not. Each is asked about once. How many classes weights of one's own have is in
 * their row, so that they wait for it.
 * @param {Entry[]} entries
 * @param {Running} lineUp whose engine is asked, if one runs
 */
export function bringLayers(entries, lineUp) {
  const missing = entries.filter((entry) => {
    const name = layersKey(entry);
    return !state.inside.layers[name] && !asked.has(name) && (name === entry.network || rowOfEntry(entry, state.rows ?? []));
  });
  if (!missing.length) return;
  for (const entry of missing) asked.add(layersKey(entry));
  const answers = asking.last.then(() => withEngine(lineUp.engine, (engine) => Promise.all(missing.map((entry) => bring(entry, engine)))));
  asking.last = answers.catch((error) => {
    if (PASSING.has(codeOf(error))) {
      for (const entry of missing) asked.delete(layersKey(entry));
      return update({}); // whoever wants them asks again, another engine
    }
    const retry = () => {
      for (const entry of missing) asked.delete(layersKey(entry));
      bringLayers(missing, lineUp);
    };
    setProblem("network", { text: sentenceOf(error), retry });
  });
}

/**
 * @param {Entry} entry
 * @param {Engine} engine
 */
async function bring(entry, engine) {
  try {
    const found = await engine.layers(entry.network, rowOfEntry(entry, state.rows ?? [])?.own?.classes);
    updateInside({ layers: { ...state.inside.layers, [layersKey(entry)]: found } });
    asked.delete(layersKey(entry)); // weights of this name may be deleted, and others be opened
  } catch (error) {
    if (codeOf(error) !== "unknown-network") throw error; // the line-up says that one
  }
}

/**
 * @param {Engine | null} running
 * @param {(engine: Engine) => Promise<unknown>} ask an engine that is opened for this where none runs: none does as long as the visitor has not agreed to load a network
 */
async function withEngine(running, ask) {
  if (running) return ask(running);
  const closing = new AbortController();
  try {
    await bringManifest();
    const engine = await Engine.open("cpu", closing.signal, (cards) => {
      if (!state.cards.length) update({ cards });
    });
    return await ask(engine);
  } finally {
    closing.abort();
  }
}
