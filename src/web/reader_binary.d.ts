/** The readers ask for no relaxed SIMD: one binary serves every browser. */
export const relaxed: false;
/** The binary of the reader's build: `await init({ module_or_path: binary })`. */
export const binary: URL;
/** How large that file is in bytes, unpacked: to show a download's progress. */
export const bytes: number;
