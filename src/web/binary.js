// @ts-check

import { shares } from "./memory.js";

/** `(func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0)))` */
const FUSED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, //
  10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11,
]);

/** Whether this browser has WebAssembly's relaxed SIMD. */
export const relaxed = WebAssembly.validate(FUSED);

// All in full, so that bundlers see them.
const RELAXED = new URL("convscope_relaxed_bg.wasm", import.meta.url);
const PLAIN = new URL("convscope_bg.wasm", import.meta.url);
// For browsers that make no memory for threads.
const SINGLE = new URL("convscope_single_bg.wasm", import.meta.url);

/** The binary for this browser. */
export const binary = shares ? (relaxed ? RELAXED : PLAIN) : SINGLE;

// The build writes the sizes.
const RELAXED_BYTES = 0 /* bytes of convscope_relaxed_bg.wasm */;
const PLAIN_BYTES = 0 /* bytes of convscope_bg.wasm */;
const SINGLE_BYTES = 0 /* bytes of convscope_single_bg.wasm */;

/** How large that file is, unpacked. */
export const bytes = shares ? (relaxed ? RELAXED_BYTES : PLAIN_BYTES) : SINGLE_BYTES;
