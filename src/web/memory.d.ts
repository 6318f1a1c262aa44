/** Whether this browser makes memory that threads can share. */
export const shares: boolean;
/**
 * The memory of an engine, with the largest maximum that the browser grants.
 *
 * @param initial in pages of 64 KiB
 */
export function newMemory(initial: number): WebAssembly.Memory;
