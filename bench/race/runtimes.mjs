// @ts-check
/**
 * Who races. `file` and `args` say what bench/page/worker.js starts.
 * @typedef {{ id: string, name: string, device: "webgpu" | "cpu", file: string, args: string[] }} Contender
 */

/** @type {Contender[]} */
export const RUNTIMES = [
  { id: "convscope-cpu", name: "ConvScope CPU", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg"] },
  { id: "convscope-plain", name: "ConvScope CPU, plain SIMD", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg", "plain"] },
  { id: "convscope-webgpu", name: "ConvScope WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "/pkg"] },
  { id: "burn-webgpu", name: "burn WebGPU", device: "webgpu", file: "convscope.js", args: ["webgpu", "/pkg/burn"] },
  { id: "burn-cpu", name: "burn CPU", device: "cpu", file: "convscope.js", args: ["cpu", "/pkg/burn"] },
  { id: "ort-webgpu", name: "onnxruntime-web WebGPU", device: "webgpu", file: "onnxruntime.js", args: ["webgpu"] },
  { id: "ort-wasm", name: "onnxruntime-web wasm", device: "cpu", file: "onnxruntime.js", args: ["wasm"] },
  { id: "tf-webgpu", name: "TensorFlow.js WebGPU", device: "webgpu", file: "tensorflow.js", args: ["webgpu"] },
  { id: "tf-wasm", name: "TensorFlow.js wasm", device: "cpu", file: "tensorflow.js", args: ["wasm"] },
];

/** What all others' logits are compared with. */
export const REFERENCE = "convscope-cpu";
