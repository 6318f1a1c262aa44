// @ts-check
// Starts the threads of an engine. Imported by convscope.js.

// Not where it is used: bundlers would take the thread for an entry of its own, and some cannot make one of it.
const SCRIPT = new URL("../../../../thread.js", import.meta.url);

/** How long a thread may take to start, in milliseconds. */
const PATIENCE = 10_000;

/** How many threads can compute here at the same time: 1 where threads cannot share memory, or where waiting is not allowed. */
export function mostThreads() {
  const isolated = globalThis.crossOriginIsolated === true && typeof Worker === "function" && typeof SharedArrayBuffer === "function";
  // A window may not wait for its threads; a worker may.
  const mayWait = typeof WorkerGlobalScope === "function" && globalThis instanceof WorkerGlobalScope;
  return isolated && mayWait ? Math.max(1, navigator.hardwareConcurrency || 1) : 1;
}

/**
 * Starts a thread, and waits until it is ready.
 *
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory
 * @param {number} stack bytes
 * @param {number} shared where what the threads share lies in the memory
 * @param {number} lost where it counts lost threads
 * @param {number} thread its number
 */
export async function startThread(module, memory, stack, shared, lost, thread) {
  const worker = new Worker(SCRIPT, { type: "module" });
  /** @type {Promise<void>} */
  const ready = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data === "ready" ? resolve() : reject(new Error(String(data))));
    // Also a thread that stops later is counted, where its own code cannot do that.
    worker.onerror = (event) => {
      Atomics.add(new Int32Array(memory.buffer), lost / 4, 1);
      reject(new Error(event.message || "its script cannot be loaded"));
    };
    setTimeout(() => reject(new Error("it did not start in time")), PATIENCE);
  });
  worker.postMessage({ module, memory, stack, shared, lost, thread });
  try {
    await ready;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
