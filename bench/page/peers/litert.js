// @ts-check
// LiteRT.js: TensorFlow Lite's runtime as WebAssembly. It reads .tflite files, which the user brings (bench/MODELS.md).
/** @typedef {import("../description.js").Description} Description */

const PACKAGES = "/node_modules/@litertjs";

/**
 * @param {string} model how the names of its files end
 * @param {number} threads
 */
export async function start(model, threads) {
  const scope = /** @type {any} */ (globalThis);
  const litert = await modules();
  // Its own script, which runs in its threads as well, and where the binary lies.
  const script = `${PACKAGES}/core/wasm/litert_wasm${threads > 1 ? "_threaded" : ""}_internal.js`;
  scope.Module = { locateFile: (/** @type {string} */ file) => `${PACKAGES}/core/wasm/${file}`, mainScriptUrlOrBlob: new URL(script, location.origin).href };
  await litert.loadLiteRt(`${PACKAGES}/core/wasm/`, { threads: threads > 1, jspi: false });
  /** @type {any} */
  let network;
  /** @type {number[]} */
  let shape;
  return {
    files: (/** @type {Description} */ { id }) => [`/models/${id}.${model}`],
    prepare: (/** @type {Description} */ _, /** @type {ArrayBuffer[]} */ [file]) => new Uint8Array(file),

    /** @param {Description} _ @param {Uint8Array} file */
    async load(_, file) {
      network = await litert.loadAndCompile(file, { accelerator: "wasm", cpuOptions: { numThreads: threads } });
      shape = [...network.getInputDetails()[0].shape];
      const { accelerator, cpuOptions } = network.options;
      if (accelerator !== "wasm" || cpuOptions.numThreads !== threads) {
        throw new Error(`LiteRT.js computes on ${accelerator} with ${cpuOptions?.numThreads} threads instead of ${threads}`);
      }
    },

    /** Channels last, as TensorFlow Lite's operations want them. @param {Float32Array} values @param {Description} description */
    input(values, { input: { channels, height, width } }) {
      const places = height * width;
      return Float32Array.from(values, (_, index) => values[(index % channels) * places + Math.floor(index / channels)]);
    },

    /** @param {Description} _ @param {Float32Array} input */
    async logits(_, input) {
      const tensor = new litert.Tensor(input, shape);
      /** @type {any[]} */
      const outputs = await network.run([tensor]);
      // A copy: what `data` gives may lie in the runtime's memory.
      const logits = (await outputs[0].data()).slice();
      for (const output of outputs) if (!output.deleted) output.delete();
      tensor.delete();
      return logits;
    },
  };
}

/** Its module names another package in a way that only pages can resolve, by an import map; workers have none. */
async function modules() {
  const text = await (await fetch(`${PACKAGES}/core/dist/index.js`)).text();
  const resolved = text.replaceAll('"@litertjs/wasm-utils"', JSON.stringify(new URL(`${PACKAGES}/wasm-utils/dist/index.js`, location.origin).href));
  const url = URL.createObjectURL(new Blob([resolved], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
