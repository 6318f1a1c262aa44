// @ts-check

/** The binary of the build with burn, for every browser. */
export const binary = new URL("convscope_bg.wasm", import.meta.url);

/** How large that file is, unpacked; the build writes it. */
export const bytes = 0 /* bytes of convscope_bg.wasm */;
