/** Whether this browser has WebAssembly's relaxed SIMD, whose multiply-add makes the CPU device faster. */
export const relaxed: boolean;
/** The binary for this browser: `await init({ module_or_path: binary })`. */
export const binary: URL;
