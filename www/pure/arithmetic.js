// @ts-check
import { mayUseCpu } from "./place.js";

/**
 * The choice between 32-bit and 8-bit arithmetic, which concerns ConvScope's kernels on the CPU alone.
 *
 * @typedef {Pick<import("../state.js").State, "device" | "engine" | "arithmetic" | "dot8" | "deviceInfo">} Chosen
 */

/** Whether ConvScope's kernels compute on the CPU, or will as far as is known. @param {Chosen} chosen */
export const isOnCpu = ({ device, engine, deviceInfo }) => mayUseCpu({ device, engine }) && (device === "cpu" || deviceInfo?.kind !== "webgpu" || deviceInfo.engine !== engine);

/**
 * Why the choice cannot be made, or what is to be known about it.
 * @param {Chosen} chosen
 * @returns {string} empty where there is nothing to say
 */
export function arithmeticNote(chosen) {
  const { engine, arithmetic, dot8 } = chosen;
  if (engine === "burn") return "burn computes with 32 bits: 8-bit arithmetic is ConvScope's, on the CPU.";
  if (!isOnCpu(chosen)) return "WebGPU computes with 32 bits: 8-bit arithmetic is for the CPU.";
  if (dot8 === false) return "This browser or machine has no fast 8-bit arithmetic, so that 8 bits gain nothing here, but they can still be tried.";
  return arithmetic === "int8" ? "Most layers multiply whole numbers of 8 bits. That is quicker, and rounds: now and then a network gives another answer." : "";
}
