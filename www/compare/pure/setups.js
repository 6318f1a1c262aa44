// @ts-check

/**
 * Where a benchmark can measure.
 *
 * @typedef {import("../../pure/text.js").MeasuredPlace} Setup
 * @typedef {"cpu" | "int8" | "webgpu" | "f16" | "burnCpu" | "burnWebgpu"} SetupName
 */

/** @type {Record<SetupName, Setup>} */
export const SETUPS = {
  cpu: { device: "cpu", f16: false, engine: "convscope", arithmetic: "f32" },
  int8: { device: "cpu", f16: false, engine: "convscope", arithmetic: "int8" },
  webgpu: { device: "webgpu", f16: false, engine: "convscope", arithmetic: "f32" },
  f16: { device: "webgpu", f16: true, engine: "convscope", arithmetic: "f32" },
  burnCpu: { device: "cpu", f16: false, engine: "burn", arithmetic: "f32" },
  burnWebgpu: { device: "webgpu", f16: false, engine: "burn", arithmetic: "f32" },
};

/**
 * Whether two rows or setups are of one setup.
 * @param {Setup} one
 * @param {Setup} other
 */
export const isSameSetup = (one, other) => one.device === other.device && one.f16 === other.f16 && one.engine === other.engine && one.arithmetic === other.arithmetic;
