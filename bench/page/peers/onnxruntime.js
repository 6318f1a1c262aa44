// @ts-check
/** @typedef {import("../description.js").Description} Description */

const DIST = "/node_modules/onnxruntime-web/dist/";

/**
 * @param {"webgpu" | "wasm"} device
 * @param {number} threads
 * @param {string} [model] how the names of the user's files end (bench/MODELS.md); the project's export otherwise
 */
export async function start(device, threads, model) {
  // The builds that the package's documentation names for these two: "onnxruntime-web/webgpu" and "onnxruntime-web/wasm".
  const ort = await import(/** @type {any} */ (`${DIST}ort.${device}.bundle.min.mjs`));
  ort.env.wasm.numThreads = threads;
  /** @type {any} */
  let session;
  return {
    files: (/** @type {Description} */ { id }) => (model ? [`/models/${id}.${model}`] : [`/export/${id}.onnx`, `/export/${id}.bin`]),
    prepare: (/** @type {Description} */ _, /** @type {ArrayBuffer[]} */ files) => files.map((file) => new Uint8Array(file)),

    /** @param {Description} description @param {Uint8Array[]} files */
    async load({ id }, [network, data]) {
      const externalData = data ? [{ path: `${id}.bin`, data }] : [];
      session = await ort.InferenceSession.create(network, { executionProviders: [device], externalData });
      // It takes one thread by itself where it cannot have more.
      if (ort.env.wasm.numThreads !== threads) throw new Error(`onnxruntime-web computes with ${ort.env.wasm.numThreads} threads instead of ${threads}`);
    },
    input: (/** @type {Float32Array} */ values) => values,

    /** @param {Description} description @param {Float32Array} input */
    async logits({ input: { channels, height, width } }, input) {
      const tensor = new ort.Tensor("float32", input, [1, channels, height, width]);
      const output = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]];
      return output.data;
    },
  };
}
