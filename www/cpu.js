// @ts-check
import { bytes } from "../pkg/binary.js";
import { ownName } from "./deployment.js";
import { update } from "./state.js";

/**
 * What the page knows of the CPU: how many threads were timed as the quickest, which the browser remembers for this build of
 * the engine and this number of cores, and whether 8-bit arithmetic gains anything.
 *
 * @typedef {import("./state.js").DeviceInfo} DeviceInfo
 */

const NAME = ownName("convscope-threads");

/**
 * With how many threads to open an engine on the CPU.
 * @param {number | null} chosen null: automatically
 * @returns {number | undefined} nothing where the engine is to time which number is the quickest
 */
export function threadsFor(chosen) {
  return chosen === null ? timedThreads() : Math.min(chosen, globalThis.navigator?.hardwareConcurrency ?? chosen); // an address may have been made on a machine with more cores
}

/** The number that was timed here before, by this build of the engine. */
function timedThreads() {
  try {
    const { build, cores, threads } = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    const isOfHere = crossOriginIsolated && build === bytes && cores === navigator.hardwareConcurrency;
    return isOfHere && Number.isInteger(threads) && threads >= 1 && threads <= cores ? threads : undefined;
  } catch {
    return undefined; // nothing that can be read, or the browser lets no page store anything
  }
}

/** Has the next engine time the number of threads anew. */
export function forgetThreads() {
  try {
    localStorage.removeItem(NAME);
  } catch {
    // the browser lets no page store anything, so that nothing is remembered
  }
}

/**
 * Called when an engine has been created.
 * @param {DeviceInfo} info
 * @param {number | undefined} asked the number of threads that it was asked for; nothing where it has timed that
 */
export function learnCpu(info, asked) {
  if (info.kind !== "cpu" || info.engine !== "convscope") return;
  update({ dot8: info.dot8 });
  // That one thread was the quickest may only say that the machine was busy: it is timed again the next time.
  if (asked === undefined && info.threads > 1) rememberThreads(info.threads);
}

/** @param {number} threads */
function rememberThreads(threads) {
  try {
    if (!crossOriginIsolated) return; // it can only be one thread here, which says nothing of the machine
    localStorage.setItem(NAME, JSON.stringify({ build: bytes, cores: navigator.hardwareConcurrency, threads }));
  } catch {
    // the browser lets no page store anything: the next engine times it again
  }
}
