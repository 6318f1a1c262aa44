// @ts-check

/**
 * Where weights are downloaded from: the folder beside the page, or the address in the markup's
 * `<meta name="convscope-weights" content="https://…/">`, which `cargo xtask dist --weights` writes. The list of the weights, with the
 * SHA-256 of each file, always lies beside the page, so that another host cannot change what is loaded.
 */
const elsewhere = globalThis.document?.querySelector?.('meta[name="convscope-weights"]')?.getAttribute("content");

/** The folder of the list, under whose address this browser keeps what was downloaded. */
export const WEIGHTS = new URL("./weights/", import.meta.url);

/** The folder of the files themselves. */
export const FILES = elsewhere ? new URL(elsewhere, WEIGHTS) : WEIGHTS;
