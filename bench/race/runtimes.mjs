// @ts-check
/**
 * Who races. `file` and `args` say what bench/page/worker.js starts; `package` tells the version.
 * @typedef {{ id: string, name: string, device: "webgpu" | "wasm", file: string, args: string[], package: string }} Contender
 */

/** @type {Contender[]} */
export const RUNTIMES = [
  { id: "convscope-cpu", name: "ConvScope CPU", device: "wasm", file: "convscope.js", args: ["cpu", "create"], package: "convscope" },
  { id: "convscope-webgpu", name: "ConvScope WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "create"], package: "convscope" },
  { id: "burn-webgpu", name: "stock burn WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "createStock"], package: "burn" },
  { id: "burn-cpu", name: "stock burn CPU", device: "wasm", file: "convscope.js", args: ["cpu", "createStock"], package: "burn" },
  { id: "ort-webgpu", name: "onnxruntime-web WebGPU", device: "webgpu", file: "onnxruntime.js", args: ["webgpu"], package: "onnxruntime-web" },
  { id: "ort-wasm", name: "onnxruntime-web wasm", device: "wasm", file: "onnxruntime.js", args: ["wasm"], package: "onnxruntime-web" },
  { id: "tf-webgpu", name: "TensorFlow.js WebGPU", device: "webgpu", file: "tensorflow.js", args: ["webgpu"], package: "@tensorflow/tfjs-core" },
  { id: "tf-wasm", name: "TensorFlow.js wasm", device: "wasm", file: "tensorflow.js", args: ["wasm"], package: "@tensorflow/tfjs-core" },
];

/** What all others' logits are compared with. */
export const REFERENCE = "convscope-cpu";
