// @ts-check

/** The readers ask for no relaxed SIMD: one binary serves every browser. */
export const relaxed = false;

/** The binary of the reader's build. */
export const binary = new URL("convscope_bg.wasm", import.meta.url);

/** How large that file is, unpacked; the build writes it. */
export const bytes = 0 /* bytes of convscope_bg.wasm */;
