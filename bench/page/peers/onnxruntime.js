// @ts-check
/** @typedef {import("../description.js").Description} Description */

/** @param {"webgpu" | "wasm"} device */
export async function start(device) {
  // The builds that the package's documentation names for these two: "onnxruntime-web/webgpu" and "onnxruntime-web/wasm".
  const ort = await import(/** @type {any} */ (`/node_modules/onnxruntime-web/dist/ort.${device}.bundle.min.mjs`));
  ort.env.wasm.numThreads = 1;
  /** @type {any} */
  let session;
  return {
    files: (/** @type {Description} */ { id }) => [`/export/${id}.onnx`, `/export/${id}.bin`],
    prepare: (/** @type {Description} */ _, /** @type {ArrayBuffer[]} */ files) => files.map((file) => new Uint8Array(file)),

    /** @param {Description} description @param {Uint8Array[]} files */
    async load({ id }, [model, data]) {
      const externalData = [{ path: `${id}.bin`, data }];
      session = await ort.InferenceSession.create(model, { executionProviders: [device], externalData });
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
