// @ts-check

/**
 * Where a benchmark can measure.
 *
 * @typedef {import("../../pure/text.js").MeasuredPlace} Setup
 * @typedef {"cpu" | "webgpu" | "f16" | "burnCpu" | "burnWebgpu"} SetupName
 */

/** @type {Record<SetupName, Setup>} */
export const SETUPS = {
  cpu: { device: "cpu", f16: false, engine: "convscope" },
  webgpu: { device: "webgpu", f16: false, engine: "convscope" },
  f16: { device: "webgpu", f16: true, engine: "convscope" },
  burnCpu: { device: "cpu", f16: false, engine: "burn" },
  burnWebgpu: { device: "webgpu", f16: false, engine: "burn" },
};
