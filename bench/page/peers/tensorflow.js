// @ts-check
// TensorFlow.js reads no ONNX: its operations are called layer by layer, as a converted graph model would call them.
import { network } from "./tensorflow_network.js";

/** @typedef {import("../description.js").Description} Description */

const PACKAGES = "/node_modules/@tensorflow";

/** @param {"webgpu" | "wasm"} device */
export async function start(device) {
  /** @type {any} */ (globalThis).importScripts(
    `${PACKAGES}/tfjs-core/dist/tf-core.es2017.min.js`,
    `${PACKAGES}/tfjs-backend-${device}/dist/tf-backend-${device}.es2017.min.js`,
  );
  const { tf } = /** @type {any} */ (globalThis);
  if (device === "wasm") {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.wasm.setWasmPaths(`${PACKAGES}/tfjs-backend-wasm/dist/`);
  }
  if (!(await tf.setBackend(device))) throw new Error(`TensorFlow.js does not start its backend ${device}`);
  await tf.ready();

  /** @type {(input: any) => any} */
  let run;
  return {
    files: (/** @type {Description} */ { id }) => [`/export/${id}.bin`],
    prepare: (/** @type {Description} */ description, /** @type {ArrayBuffer[]} */ [numbers]) => network(description, numbers),

    /** @param {Description} _ @param {ReturnType<typeof network>} prepared */
    async load(_, prepared) {
      run = prepared(tf);
    },

    /** Channels last. @param {Float32Array} values @param {Description} description */
    input(values, { input: { channels, height, width } }) {
      const places = height * width;
      return Float32Array.from(values, (_, index) => values[(index % channels) * places + Math.floor(index / channels)]);
    },

    /** @param {Description} description @param {Float32Array} input */
    async logits({ input: { channels, height, width } }, input) {
      const output = tf.tidy(() => run(tf.tensor4d(input, [1, height, width, channels])));
      const logits = await output.data();
      output.dispose();
      return logits;
    },
  };
}
