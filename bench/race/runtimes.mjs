// @ts-check
/**
 * Who races. `file`, in bench/page/peers, and its `args` are what bench/page/worker.js starts; `library` is the npm package
 * that the file loads from node_modules, whose version is part of the results.
 * @typedef {{ id: string, name: string, device: "webgpu" | "cpu", file: string, args: string[], library?: string }} Contender
 */

/** @type {Contender[]} */
export const RUNTIMES = [
  { id: "convscope-cpu", name: "ConvScope CPU", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg"] },
  { id: "convscope-plain", name: "ConvScope CPU, plain SIMD", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg", "plain"] },
  { id: "convscope-webgpu", name: "ConvScope WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "/pkg"] },
  { id: "burn-webgpu", name: "burn WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "/pkg/burn"] },
  { id: "burn-cpu", name: "burn CPU", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg/burn"] },
  { id: "ort-webgpu", name: "onnxruntime-web WebGPU", device: "webgpu", file: "onnxruntime.js", args: ["webgpu"], library: "onnxruntime-web" },
  { id: "ort-wasm", name: "onnxruntime-web wasm", device: "cpu", file: "onnxruntime.js", args: ["wasm"], library: "onnxruntime-web" },
  { id: "tf-webgpu", name: "TensorFlow.js WebGPU", device: "webgpu", file: "tensorflow.js", args: ["webgpu"], library: "@tensorflow/tfjs-core" },
  { id: "tf-wasm", name: "TensorFlow.js wasm", device: "cpu", file: "tensorflow.js", args: ["wasm"], library: "@tensorflow/tfjs-core" },
];

/** What all others' logits are compared with. */
export const REFERENCE = "convscope-cpu";
