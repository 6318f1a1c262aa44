// @ts-check
// A thread of an engine: an instance of its module in the same memory, which computes shares until the engine is freed.
import { initSync, serveThread } from "./convscope.js";

/** @param {MessageEvent} event */
function serve({ data: { module, memory, stack, shared, lost, thread } }) {
  try {
    const wasm = initSync({ module, memory, thread_stack_size: stack });
    postMessage("ready");
    serveThread(shared, thread);
    // Gives back the stack.
    /** @type {any} */ (wasm).__wbindgen_thread_destroy();
  } catch (error) {
    // Whoever waits for this thread must not wait for ever.
    Atomics.add(new Int32Array(memory.buffer), lost / 4, 1);
    postMessage(String(error));
    console.error(error);
  }
  close();
}

addEventListener("message", serve, { once: true });
