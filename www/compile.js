// @ts-check
import { binary } from "../pkg/binary.js";

/** @type {Promise<WebAssembly.Module | undefined> | undefined} */
let compiled;

/** The engine's code, downloaded and compiled once for all workers; nothing where it cannot be, and a worker says why. */
export function compile() {
  compiled ??= WebAssembly.compileStreaming(fetch(binary)).catch(() => (compiled = undefined));
  return compiled;
}

// The page asks for this file before all others, so that the largest download begins first.
compile();
