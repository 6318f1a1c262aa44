// @ts-check
import { fetchManifest, fetchWeights } from "./download.js";
import { Engine } from "./engine.js";
import { codeOf, sentenceOf } from "./failure.js";
import { notice, once, state, stepOf, update } from "./state.js";

/**
 * @typedef {import("./state.js").DeviceChoice} DeviceChoice
 * @typedef {import("./state.js").EngineName} EngineName
 * @typedef {import("./compile.js").OnFetched} OnFetched
 * @typedef {{ device: DeviceChoice, engine: EngineName }} Place where networks run, and by whose operations
 * @typedef {{ engine: Engine, device: DeviceChoice }} Opened
 */

const NEEDS_CPU = new Set(["no-webgpu", "wrong-results", "device-lost", "out-of-memory", "crashed"]);

/**
 * Opens an engine; where WebGPU cannot be used, the CPU's, and says so.
 * @param {Place} place
 * @param {AbortSignal} signal ends the attempt
 * @param {OnFetched} onFetched told of the download of burn
 * @param {AbortSignal} [closing] closes the engine, before or after it is created
 * @returns {Promise<Opened>}
 */
export async function openEngine({ device, engine }, signal, onFetched, closing = signal) {
  await built(engine, signal);
  try {
    return { engine: await Engine.open(device, closing, (cards) => update({ cards }), { engine, onFetched }), device };
  } catch (error) {
    if (signal.aborted || device === "cpu" || !NEEDS_CPU.has(codeOf(error))) throw error;
    notice(`WebGPU cannot be used here, so the CPU computes. ${sentenceOf(error)}`);
    return openEngine({ device: "cpu", engine }, signal, onFetched, closing);
  }
}

/**
 * @param {Place | null} one
 * @param {Place} other
 */
export function samePlace(one, other) {
  return one?.device === other.device && one.engine === other.engine;
}

/** @param {EngineName} engine whose build the server is still making, or not */
export const awaits = (engine) => engine === "burn" && stepOf("burn", state.building) !== undefined;

/**
 * Waits while the server still makes the build that is asked for.
 * @param {EngineName} engine
 * @param {AbortSignal} signal
 */
export async function built(engine, signal) {
  if (engine !== "burn") return;
  await bringManifest();
  if (awaits(engine) && !state.cards.length) update({ cards: await Engine.cards().catch(() => []) }); // another network can be chosen meanwhile
  await once(() => !awaits(engine), signal);
}

/** What the server has, and what it still builds. @returns {Promise<import("./download.js").Row[]>} */
export async function bringManifest() {
  if (!state.rows) update(await fetchManifest());
  return state.rows ?? [];
}

/**
 * @param {import("./download.js").Row} row
 * @param {AbortSignal} signal
 * @param {(received: number) => void} onProgress bytes so far
 */
export function download(row, signal, onProgress) {
  return fetchWeights(row, signal, (received) => signal.aborted || onProgress(received), notice);
}
