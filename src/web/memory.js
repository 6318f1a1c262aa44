// @ts-check

const PAGE = 65_536;

/** The maxima that are asked for, in bytes: some browsers refuse to share as much memory as WebAssembly can address. */
const MAXIMA = [2 ** 32, 2 ** 31 - PAGE, 2 ** 30];

/** Whether this browser makes memory that threads can share. It may do so also where a page may not hand it to a thread. */
export const shares = (() => {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.constructor.name === "SharedArrayBuffer";
  } catch {
    return false;
  }
})();

/**
 * The memory of an engine, with the largest maximum that the browser grants.
 *
 * @param {number} initial in pages of 64 KiB
 * @returns {WebAssembly.Memory}
 */
export function newMemory(initial) {
  for (const bytes of MAXIMA.slice(0, -1)) {
    try {
      return new WebAssembly.Memory({ initial, maximum: bytes / PAGE, shared: shares });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return new WebAssembly.Memory({ initial, maximum: MAXIMA[MAXIMA.length - 1] / PAGE, shared: shares });
}
