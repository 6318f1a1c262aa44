// @ts-check
import { fetchWeights } from "./download.js";
import { Engine } from "./engine.js";
import { codeOf, sentenceOf } from "./failure.js";
import { notice, update } from "./state.js";

/**
 * @typedef {import("./state.js").DeviceChoice} DeviceChoice
 * @typedef {{ engine: Engine, device: DeviceChoice }} Opened
 */

const NEEDS_CPU = new Set(["no-webgpu", "wrong-results", "device-lost", "out-of-memory", "crashed"]);

/**
 * Opens an engine; where WebGPU cannot be used, the CPU's, and says so.
 * @param {DeviceChoice} device
 * @param {AbortSignal} signal ends the attempt
 * @param {AbortSignal} [closing] closes the engine, before or after it is created
 * @returns {Promise<Opened>}
 */
export async function openEngine(device, signal, closing = signal) {
  try {
    return { engine: await Engine.open(device, closing, (cards) => update({ cards })), device };
  } catch (error) {
    if (signal.aborted || device === "cpu" || !NEEDS_CPU.has(codeOf(error))) throw error;
    notice(`WebGPU cannot be used here, so the CPU computes. ${sentenceOf(error)}`);
    return openEngine("cpu", signal, closing);
  }
}

/**
 * @param {import("./download.js").Row} row
 * @param {AbortSignal} signal
 * @param {(received: number) => void} onProgress bytes so far
 */
export function download(row, signal, onProgress) {
  return fetchWeights(row, signal, (received) => signal.aborted || onProgress(received), notice);
}
