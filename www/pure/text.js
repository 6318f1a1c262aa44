// @ts-check

/**
 * Numbers, and the places where a benchmark measures, as text.
 *
 * @typedef {{ device: "webgpu" | "cpu", f16: boolean, engine: "convscope" | "burn", arithmetic: "f32" | "int8" }} MeasuredPlace where a row of a benchmark ran
 */

const ORDINALS = ["", "1st", "2nd", "3rd", "4th", "5th"];

/** @param {number} place */
export const ordinal = (place) => ORDINALS[place] ?? `${place}th`;

/** @param {string} text that is to begin with a capital */
export const capitalised = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

const whole = new Intl.NumberFormat("en");

/**
 * @param {number} count
 * @param {string} one
 */
export const plural = (count, one) => `${count} ${count === 1 ? one : `${one}s`}`;

/** @param {number} count */
export const classesText = (count) => `${whole.format(count)} ${count === 1 ? "class" : "classes"}`;

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** @param {number} count in words where it is small */
export const inWords = (count) => WORDS[count] ?? whole.format(count);

/** @param {number} bytes */
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e5 ? 2 : bytes < 1e8 ? 1 : 0)}\u00a0MB`;

/**
 * @param {string} name of what is downloaded
 * @param {{ received: number, total: number, left?: number | null }} progress in bytes; left: seconds, where they can be told
 */
export function downloadText(name, { received, total, left = null }) {
  const come = `Downloading ${name}: ${(received / 1e6).toFixed(1)} of ${megabytes(total)}`;
  return left === null ? come : `${come}, about ${duration(left)} left`;
}

/**
 * @param {number} share 0 to 1
 * @param {number} [digits] behind the point
 */
export const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)}\u00a0%`;

const significant = new Intl.NumberFormat("en", { minimumSignificantDigits: 3, maximumSignificantDigits: 3, useGrouping: false });

/** @param {number | null | undefined} value with the three digits that are told of whatever is measured */
export const threeDigits = (value) => (value === undefined || value === null || !Number.isFinite(value) ? "–" : significant.format(value));

/** @param {number | null | undefined} time milliseconds */
export function milliseconds(time) {
  if (time === undefined || time === null || !Number.isFinite(time)) return "–";
  return time >= 1e4 ? `${threeDigits(time / 1000)}\u00a0s` : `${threeDigits(time)}\u00a0ms`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole}\u00a0s`;
  return `${Math.round(whole / 60)}\u00a0min`;
}

/** @param {MeasuredPlace} place */
export function deviceName({ device, f16, engine, arithmetic }) {
  return `${device === "cpu" ? "CPU" : "WebGPU"}${f16 ? ", f16" : ""}${arithmetic === "int8" ? ", 8-bit" : ""}${engine === "burn" ? ", burn" : ""}`;
}

/** @param {MeasuredPlace} place in a sentence */
export function placeName({ device, f16, engine, arithmetic }) {
  const name = device === "cpu" ? `the CPU${arithmetic === "int8" ? " in 8-bit arithmetic" : ""}` : f16 ? "WebGPU in 16-bit floats" : "WebGPU";
  return engine === "burn" ? `${name} with burn` : name;
}

/**
 * Which device answers, and that it was not the visitor who chose it.
 * @param {import("../state.js").DeviceChoice} choice
 * @param {import("../../pkg/convscope.js").DeviceInfo} info
 */
export function answeredBy(choice, { kind, engine, arithmetic }) {
  const name = deviceName({ device: kind, f16: false, engine, arithmetic });
  return choice === "auto" ? `Auto: ${name}` : name;
}

const DEVICES = { webgpu: "WebGPU", cpu: "the CPU" };
const ENGINES = { convscope: "ConvScope", burn: "burn" };

/**
 * @typedef {import("../../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {Pick<DeviceInfo, "kind" | "engine" | "adapter"> & Partial<Pick<DeviceInfo, "threads" | "arithmetic">>} Computer experiments that were saved before do not tell of threads and arithmetic
 */

/** @param {Computer} info */
export function computedBy(info) {
  const computed = `Computed by ${ENGINES[info.engine]} on ${DEVICES[info.kind]}`;
  const details = [adapterName(info), info.arithmetic === "int8" ? "8-bit arithmetic" : ""].filter(Boolean).join(", ");
  return details ? `${computed}: ${details}` : computed;
}

/**
 * The device's own name. On the CPU it ends in the number of threads.
 * @param {Computer} info
 */
export function adapterName({ kind, adapter, threads }) {
  return kind === "cpu" && threads !== undefined ? `${adapter.replace(/, \d+ threads?$/, "")}, ${plural(threads, "thread")}` : adapter;
}
