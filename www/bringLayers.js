// @ts-check
import { Engine } from "./engine.js";
import { bringManifest } from "./manifest.js";
import { codeOf, sentenceOf } from "./pure/failure.js";
import { setProblem, state, update, updateInside } from "./state.js";

/** @typedef {Pick<import("./lineup.js").LineUp, "engine">} Running */

/** Codes of an engine that is gone, whose place another one takes. */
const PASSING = new Set(["closed", "device-lost", "crashed"]);

/** Networks that have been asked about. @type {Set<string>} */
const asked = new Set();

/** One engine is asked after the other, so that not more than one is opened. @type {{ last: Promise<unknown> }} */
const asking = { last: Promise.resolve() };

/**
 * Has the layers of networks be known, loaded or not. Each network is asked about once.
 * @param {string[]} networks
 * @param {Running} lineUp whose engine is asked, if one runs
 */
export function bringLayers(networks, lineUp) {
  const missing = networks.filter((network) => !state.inside.layers[network] && !asked.has(network));
  if (!missing.length) return;
  for (const network of missing) asked.add(network);
  const answers = asking.last.then(() => withEngine(lineUp.engine, (engine) => Promise.all(missing.map((network) => bring(network, engine)))));
  asking.last = answers.catch((error) => {
    if (PASSING.has(codeOf(error))) {
      for (const network of missing) asked.delete(network);
      return update({}); // whoever wants them asks again, another engine
    }
    const retry = () => {
      for (const network of missing) asked.delete(network);
      bringLayers(missing, lineUp);
    };
    setProblem("network", { text: sentenceOf(error), retry });
  });
}

/**
 * @param {string} network
 * @param {Engine} engine
 */
async function bring(network, engine) {
  try {
    const found = await engine.layers(network);
    updateInside({ layers: { ...state.inside.layers, [network]: found } });
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
