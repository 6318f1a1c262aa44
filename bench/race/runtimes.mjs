// @ts-check
import os from "node:os";

/**
 * What a runtime computes with: single precision, whole numbers of 8 bits throughout, or 8-bit weights with inputs that are
 * quantised as they come.
 * @typedef {"f32" | "int8" | "dyn8"} Arithmetic
 */

/**
 * Who races. `file`, in bench/page/peers, and its `args` are what bench/page/worker.js starts; `library` is the npm package
 * that the file loads from node_modules, whose version is part of the results. `model` is how the name of a file that the
 * user brings ends, where the runtime cannot read what the project exports (bench/MODELS.md).
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} name with its arithmetic and threads, where they are not single precision and one
 * @property {"webgpu" | "cpu"} device
 * @property {Arithmetic} arithmetic
 * @property {number} threads
 * @property {string} file
 * @property {unknown[]} args
 * @property {string} [library]
 * @property {string} [model]
 */

/** Threads of those who race with more than one: the same for all, and as many as a small machine has, too. */
export const THREADS = Math.min(2, os.availableParallelism());

/** @type {Record<Arithmetic, string>} */
const ARITHMETICS = { f32: "", int8: ", 8 bits", dyn8: ", 8-bit weights" };

/**
 * @param {string} id
 * @param {string} name
 * @param {Pick<Contender, "device" | "file" | "args" | "library">} start
 * @returns {Contender}
 */
function contender(id, name, start) {
  return { id, name, arithmetic: "f32", threads: 1, ...start };
}

/**
 * The same runtime on the CPU in one arithmetic, with one thread and with more: `<id>` and `<id>-threads`.
 * @param {string} id
 * @param {string} name
 * @param {{ arithmetic?: Arithmetic, file: string, args: (threads: number) => unknown[], library?: string, model?: string }} options
 * @param {number} most threads
 * @returns {Contender[]}
 */
function threaded(id, name, { arithmetic = "f32", args, ...start }, most) {
  const all = most > 1 ? [1, most] : [1];
  return all.map((threads) => ({
    id: threads === 1 ? id : `${id}-threads`,
    name: `${name}${ARITHMETICS[arithmetic]}${threads === 1 ? "" : `, ${threads} threads`}`,
    device: "cpu",
    arithmetic,
    threads,
    args: args(threads),
    ...start,
  }));
}

/**
 * All who can race on a machine.
 * @param {number} [most] threads
 * @returns {Contender[]}
 */
export function runtimes(most = THREADS) {
  const own = "convscope.js";
  const [ort, tf, litert] = ["onnxruntime-web", "@tensorflow/tfjs-core", "@litertjs/core"];
  return [
    ...threaded("convscope-cpu", "ConvScope CPU", { file: own, args: (threads) => ["cpu", "/pkg", { threads, arithmetic: "f32" }] }, most),
    ...threaded("convscope-int8", "ConvScope CPU", { arithmetic: "int8", file: own, args: (threads) => ["cpu", "/pkg", { threads, arithmetic: "int8" }] }, most),
    contender("convscope-plain", "ConvScope CPU, plain SIMD", { device: "cpu", file: own, args: ["cpu", "/pkg", { threads: 1, arithmetic: "f32" }, "plain"] }),
    contender("convscope-webgpu", "ConvScope WebGPU", { device: "webgpu", file: own, args: ["webgpu", "/pkg"] }),
    contender("burn-webgpu", "burn WebGPU", { device: "webgpu", file: own, args: ["webgpu", "/pkg/burn"] }),
    contender("burn-cpu", "burn CPU", { device: "cpu", file: own, args: ["cpu", "/pkg/burn"] }),
    contender("ort-webgpu", "onnxruntime-web WebGPU", { device: "webgpu", file: "onnxruntime.js", args: ["webgpu", 1], library: ort }),
    ...threaded("ort-wasm", "onnxruntime-web wasm", { file: "onnxruntime.js", args: (threads) => ["wasm", threads], library: ort }, most),
    ...threaded("ort-int8", "onnxruntime-web wasm", { arithmetic: "int8", file: "onnxruntime.js", args: (threads) => ["wasm", threads, "int8.onnx"], library: ort, model: "int8.onnx" }, most),
    contender("tf-webgpu", "TensorFlow.js WebGPU", { device: "webgpu", file: "tensorflow.js", args: ["webgpu"], library: tf }),
    contender("tf-wasm", "TensorFlow.js wasm", { device: "cpu", file: "tensorflow.js", args: ["wasm"], library: tf }),
    .../** @type {const} */ (["f32", "dyn8", "int8"]).flatMap((arithmetic) => {
      const model = `${arithmetic}.tflite`;
      return threaded(`litert-${arithmetic}`, "LiteRT.js", { arithmetic, file: "litert.js", args: (threads) => [model, threads], library: litert, model }, most);
    }),
  ];
}

/** What all others' logits are compared with. */
export const REFERENCE = "convscope-cpu";

/**
 * What ConvScope races with against a contender: the same device and threads, and 8 bits against either kind of them.
 * @param {Pick<Contender, "device" | "arithmetic" | "threads">} other
 */
export function equal({ device, arithmetic, threads }) {
  if (device === "webgpu") return "convscope-webgpu";
  return `convscope-${arithmetic === "f32" ? "cpu" : "int8"}${threads === 1 ? "" : "-threads"}`;
}
