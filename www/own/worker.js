// @ts-check
import { handOver, serve } from "../calls.js";

/**
 * The worker that reads files of weights. The reader, a build of the converter, is asked for when the worker is started. A tensor
 * at a time is in memory.
 *
 * @typedef {import("./pure/checkpoint.d.ts").Reader} Reader
 */

const MISSING = "The reader of weight files could not be downloaded. Check the connection and try again; if it stays so, `cargo xtask build` makes it where this site is served from.";

/** @returns {Promise<Reader>} */
async function bring() {
  try {
    const reader = await import(new URL("../../pkg/reader/convscope.js", import.meta.url).href);
    await reader.default();
    return reader;
  } catch {
    throw Object.assign(new Error(MISSING), { code: "download" });
  }
}

const coming = bring();
coming.catch(() => {}); // whoever asks hears it

/**
 * @template T
 * @param {File} file
 * @param {(checkpoint: InstanceType<Reader["Checkpoint"]>) => T} use
 */
async function withCheckpoint(file, use) {
  const { Checkpoint } = await coming;
  const checkpoint = new Checkpoint(file, file.name);
  try {
    return use(checkpoint);
  } finally {
    checkpoint.free();
  }
}

/** @satisfies {Record<string, import("../calls.js").Handler>} */
const handlers = {
  inspect: ([file]) => withCheckpoint(file, (checkpoint) => checkpoint.summary()),
  async convert([file, network, options], tell) {
    const made = await withCheckpoint(file, (checkpoint) => checkpoint.convert(network, options, tell));
    return handOver(made, made.shards.map(({ buffer }) => buffer));
  },
};

serve(handlers, (error) => {
  if (error instanceof WebAssembly.RuntimeError) return { code: "crashed", message: `The file could not be read: the reader stopped unexpectedly (${error.message}). Perhaps there is too little memory: close other tabs and try again.` };
  if (error instanceof DOMException) return { code: "bad-checkpoint", message: `The file could not be read (${error.message}). Perhaps it was moved or changed: open it again.` };
  return null;
});
