// @ts-check
/** @typedef {import("../description.js").Description} Description */

/**
 * @param {"webgpu" | "cpu"} device
 * @param {"/pkg" | "/pkg/burn"} build with this project's kernels, or with burn's operations
 * @param {{ threads: number, arithmetic: "f32" | "int8" }} [options] of the CPU; the build's own choice where there are none
 * @param {"plain"} [simd] the binary for browsers without relaxed SIMD, whatever this one has
 */
export async function start(device, build, options, simd) {
  const { default: init, Engine } = await import(/** @type {any} */ (`${build}/convscope.js`));
  const { binary } = await import(/** @type {any} */ (`${build}/binary.js`));
  await init({ module_or_path: simd === "plain" ? `${build}/convscope_bg.wasm` : binary });
  const engine = await (options ? Engine.create(device, options) : Engine.create(device));
  if (options) refuseOthers(engine.device, options);
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

/**
 * A row of the results must not bear a name that is not true of it.
 * @param {{ threads?: number, arithmetic?: string }} device
 * @param {{ threads: number, arithmetic: string }} options
 */
export function refuseOthers({ threads = 1, arithmetic = "f32" }, options) {
  if (threads !== options.threads) throw new Error(`ConvScope computes with ${threads === 1 ? "one thread" : `${threads} threads`} instead of ${options.threads}`);
  if (arithmetic !== options.arithmetic) throw new Error(`ConvScope computes in ${arithmetic} instead of ${options.arithmetic}`);
}
