// @ts-check

const ORDINALS = ["", "1st", "2nd", "3rd", "4th", "5th"];

/** @param {number} place */
export const ordinal = (place) => ORDINALS[place] ?? `${place}th`;

/** @param {number | null | undefined} time milliseconds */
export function milliseconds(time) {
  if (time === undefined || time === null || !Number.isFinite(time)) return "–";
  if (time >= 1e4) return `${(time / 1000).toFixed(1)}\u00a0s`;
  return `${time.toFixed(time < 10 ? 2 : time < 100 ? 1 : 0)}\u00a0ms`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole}\u00a0s`;
  return `${Math.round(whole / 60)}\u00a0min`;
}

/** @typedef {{ device: "webgpu" | "cpu", f16: boolean, engine: import("../../state.js").EngineName }} Where of a measured row */

/** @param {Where} where */
export function deviceName({ device, f16, engine }) {
  return `${device === "cpu" ? "CPU" : "WebGPU"}${f16 ? ", f16" : ""}${engine === "burn" ? ", burn" : ""}`;
}

/** @param {Where} where in a sentence */
export function placeName({ device, f16, engine }) {
  const name = device === "cpu" ? "the CPU" : f16 ? "WebGPU in 16-bit floats" : "WebGPU";
  return engine === "burn" ? `${name} with burn` : name;
}
