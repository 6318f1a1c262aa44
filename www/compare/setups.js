// @ts-check
import { mayUseCpu } from "../pure/place.js";
import { state, stepOf, updateCompare } from "../state.js";
import { within } from "../within.js";
import { SETUPS } from "./pure/setups.js";

/**
 * Chooses where the benchmark measures.
 *
 * @typedef {import("./pure/setups.js").Setup} Setup
 * @typedef {import("./pure/setups.js").SetupName} SetupName
 */

const ANSWERS_IN = 10_000; // milliseconds in which a graphics process that works has started and answered

/**
 * Chooses where to measure: the chosen device and engine, 8-bit arithmetic beside single precision where it is chosen, and WebGPU if
 * it turns out to be hardware.
 */
export async function chooseSetups() {
  const { device, engine, arithmetic } = state;
  /** @type {[SetupName, SetupName]} */
  const [cpu, gpu] = engine === "burn" ? ["burnCpu", "burnWebgpu"] : ["cpu", "webgpu"];
  /** @type {SetupName[]} */
  const onCpu = mayUseCpu(state) && arithmetic === "int8" ? [cpu, "int8"] : [cpu];
  updateCompare({ setups: device === "webgpu" ? [gpu] : onCpu });
  const adapter = navigator.gpu ? await within(ANSWERS_IN, navigator.gpu.requestAdapter({ powerPreference: "high-performance" })).catch(() => null) : null;
  const isSoftware = adapter?.info.isFallbackAdapter ?? false;
  const note = !adapter ? "This browser has no WebGPU." : isSoftware ? "WebGPU runs in software here: its times say nothing of a GPU." : "";
  updateCompare({ webgpu: { hasAdapter: Boolean(adapter), hasF16: adapter?.features.has("shader-f16") ?? false, note } });
  const { setups } = state.compare;
  if (!adapter) setSetup(gpu, false);
  else if (!isSoftware && device !== "cpu" && !setups.includes(gpu)) setSetup(gpu, true);
}

/**
 * @param {SetupName} name
 * @param {boolean} isWanted
 */
export function setSetup(name, isWanted) {
  const { setups } = state.compare;
  updateCompare({ setups: isWanted ? [...setups, name] : setups.filter((other) => other !== name) });
}

/** @returns {Setup[]} those that are chosen and can be had, in the order of the page */
export function chosenSetups() {
  const { setups, webgpu } = state.compare;
  const isBuilt = stepOf("burn") === undefined;
  return /** @type {SetupName[]} */ (Object.keys(SETUPS))
    .filter((name) => setups.includes(name))
    .map((name) => SETUPS[name])
    .filter(({ device, f16, engine }) => (device === "cpu" || webgpu.hasAdapter) && (!f16 || webgpu.hasF16) && (engine !== "burn" || isBuilt));
}
