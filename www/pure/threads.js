// @ts-check

/** With how many threads the CPU can be asked to compute. */

/** More are not offered: their coordination costs more than they gain. */
export const MOST_THREADS = 16;

/**
 * @param {number} cores of the machine, as the browser tells
 * @param {number | null} chosen perhaps by an address that was made on a machine with more cores
 * @returns {number[]} powers of two and the number of cores
 */
export function threadCounts(cores, chosen) {
  const most = Math.min(cores, MOST_THREADS);
  const powers = [1, 2, 4, 8, 16].filter((count) => count <= most);
  return [...new Set([...powers, most, ...(chosen === null ? [] : [chosen])])].sort((a, b) => a - b);
}

/**
 * How many threads compute and why, in one sentence.
 * @param {{ isIsolated: boolean, cores: number, chosen: number | null }} page
 */
export function threadsNote({ isIsolated, cores, chosen }) {
  if (!isIsolated) return "One thread is used, because the site that serves this page does not isolate it from other pages, and browsers let threads share memory only in isolated pages.";
  if (cores === 1) return "One thread is used, because the browser tells of one core.";
  if (chosen !== null && chosen > cores) return `The browser tells of ${cores} cores, and no more threads than that are used.`;
  return `Automatic takes the number that was quickest on a small network. It was timed once in this browser, which tells of ${cores} cores; to time it anew, choose a number, and then automatic again.`;
}

/**
 * Why the number cannot be chosen where ConvScope's kernels do not compute on the CPU.
 * @param {import("../state.js").EngineName} engine
 */
export const threadsElsewhere = (engine) => (engine === "burn" ? "burn computes with one thread." : "WebGPU computes on the graphics card: threads are for the CPU.");
