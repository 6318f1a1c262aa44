// @ts-check
import { Engine } from "./engine.js";
import { bringManifest } from "./manifest.js";
import { KnownMemory } from "./memory.js";
import { allEntries } from "./pure/entries.js";
import { codeOf, sentenceOf } from "./pure/failure.js";
import { notice, once, state, stepOf, update } from "./state.js";

/**
 * @typedef {import("./compile.js").OnFetched} OnFetched
 * @typedef {import("./state.js").EngineName} EngineName
 * @typedef {import("./state.js").Place} Place
 */

const NEEDS_CPU = new Set(["no-webgpu", "wrong-results", "device-lost", "out-of-memory", "crashed"]);

/**
 * Opens an engine. If WebGPU cannot be used, it opens one on the CPU and says so.
 * @param {Place} place
 * @param {AbortSignal} signal closes the engine, before or after it is created
 * @param {OnFetched} onFetched told of the download of burn
 * @returns {Promise<{ engine: Engine, place: Place }>} the place where it really is
 */
export async function openEngine(place, signal, onFetched) {
  await waitForBuild(place.engine, signal);
  try {
    const { device, ...how } = place;
    return { engine: await Engine.open(device, signal, (cards) => update({ cards }), { ...how, onFetched }), place };
  } catch (error) {
    if (signal.aborted || place.device === "cpu" || !NEEDS_CPU.has(codeOf(error))) throw error;
    notice(`WebGPU cannot be used here, so the CPU computes. ${sentenceOf(error)}`);
    return openEngine({ ...place, device: "cpu" }, signal, onFetched);
  }
}

/** Whether the server is still building this engine. @param {EngineName} engine */
export const isBeingBuilt = (engine) => engine === "burn" && stepOf("burn") !== undefined;

/**
 * @param {EngineName} engine
 * @param {AbortSignal} signal
 */
async function waitForBuild(engine, signal) {
  if (engine !== "burn") return;
  await bringManifest();
  if (isBeingBuilt(engine)) await bringMemories().catch(() => {}); // another network can be chosen meanwhile
  await once(() => !isBeingBuilt(engine), signal);
}

/** Brings what the networks take in the CPU's memory, and their cards, unless an engine has told already what they take. */
export async function bringMemories() {
  if (Object.keys(state.memories).length) return;
  const closing = new AbortController();
  try {
    const engine = await Engine.open("cpu", closing.signal, (cards) => update({ cards }), { threads: 1 }); // which computes nothing
    const memory = new KnownMemory();
    await memory.learn(engine, allEntries(state.cards, state.rows ?? []));
    if (!Object.keys(state.memories).length) update({ memories: memory.known });
  } finally {
    closing.abort();
  }
}
