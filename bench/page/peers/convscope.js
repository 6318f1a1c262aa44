// @ts-check
/** @typedef {import("../description.js").Description} Description */

/**
 * @param {"webgpu" | "cpu"} device
 * @param {"/pkg" | "/pkg/burn"} build with this project's kernels, or with burn's operations
 * @param {"plain"} [simd] the binary for browsers without relaxed SIMD, whatever this one has
 */
export async function start(device, build, simd) {
  const { default: init, Engine } = await import(/** @type {any} */ (`${build}/convscope.js`));
  const { binary } = await import(/** @type {any} */ (`${build}/binary.js`));
  await init({ module_or_path: simd === "plain" ? `${build}/convscope_bg.wasm` : binary });
  const engine = await Engine.create(device);
  return {
    /** @param {Description} description */
    files: ({ seed, shards }) => shards.map((shard) => `${seed === null ? "/www/weights" : "/export"}/${shard}`),
    prepare: (/** @type {Description} */ _, /** @type {ArrayBuffer[]} */ files) => files.map((file) => new Uint8Array(file)),
    load: (/** @type {Description} */ { id }, /** @type {Uint8Array[]} */ shards) => engine.load(id, shards),
    input: (/** @type {Float32Array} */ values) => values,
    logits: (/** @type {Description} */ { id }, /** @type {Float32Array} */ input) => engine.logits(id, input),

    /** @param {Description} description @param {ImageData} frame */
    async classes({ id }, frame) {
      const { predictions } = await engine.classify(id, frame, 5);
      return predictions.map((/** @type {{ index: number }} */ { index }) => index);
    },

    // For the memory's table.
    unload: (/** @type {string} */ id) => engine.unload(id),
  };
}
