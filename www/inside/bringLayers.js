// @ts-check
import { Engine } from "../engine.js";
import { bringManifest } from "../manifest.js";
import { entryOf } from "../pure/entries.js";
import { sentenceOf } from "../pure/failure.js";
import { setProblem, state, subscribe, update, updateInside } from "../state.js";

/**
 * Has the layers of the networks that are looked into be known, loaded or not.
 * @param {Pick<import("../lineup.js").LineUp, "engine">} lineUp
 * @returns {() => void} ends it
 */
export function followLayers(lineUp) {
  /** Networks that have been asked about. @type {Set<string>} */
  const asked = new Set();
  return subscribe(({ view, inside: { key, other, layers } }) => {
    if (view !== "inside") return;
    for (const { network } of [key, ...(other ? [other] : [])].map(entryOf)) {
      if (layers[network] || asked.has(network)) continue;
      asked.add(network);
      bring(network, lineUp.engine).catch((error) => {
        if (error.code === "unknown-network") return; // the line-up says it
        setProblem("network", { text: sentenceOf(error), retry: () => void (asked.delete(network), update({})) });
      });
    }
  });
}

/**
 * @param {string} network
 * @param {Engine | null} running
 */
async function bring(network, running) {
  const found = await (running ? running.layers(network) : askAnother(network));
  updateInside({ layers: { ...state.inside.layers, [network]: found } });
}

/** Asks an engine that is opened for this: none runs as long as the visitor has not agreed to load a network. @param {string} network */
async function askAnother(network) {
  const closing = new AbortController();
  try {
    await bringManifest();
    const engine = await Engine.open("cpu", closing.signal, (cards) => {
      if (!state.cards.length) update({ cards });
    });
    return await engine.layers(network);
  } finally {
    closing.abort();
  }
}
