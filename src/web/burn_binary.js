// @ts-check

/** burn's operations ask for no relaxed SIMD: one binary serves every browser. */
export const relaxed = false;

/** The binary of the build with burn. */
export const binary = new URL("convscope_bg.wasm", import.meta.url);

/** How large that file is, unpacked; the build writes it. */
export const bytes = 0 /* bytes of convscope_bg.wasm */;
