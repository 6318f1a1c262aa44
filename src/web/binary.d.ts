/** Whether this browser has WebAssembly's relaxed SIMD, whose multiply-add makes the CPU device faster. */
export const relaxed: boolean;
/** The binary for this browser: `await init({ module_or_path: binary })`. */
export const binary: URL;
/** How large that file is in bytes, unpacked: to show a download's progress. */
export const bytes: number;
