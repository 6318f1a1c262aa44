// @ts-check
import { binary } from "../pkg/binary.js";
import * as convscope from "../pkg/convscope.js";

/**
 * @typedef {typeof convscope} Build both have one API
 * @typedef {{ id: number, call: keyof typeof calls, args: any[], lent?: import("../pkg/convscope.js").Frame }} Request lent: one of the arguments, wanted back
 * @typedef {{ id: number, value: unknown, lent?: ArrayBufferLike } | { id: number, error: { code: string, message: string } }} Reply
 * @typedef {{ id: number, compiled: number, shaders: number }} Progress of a load, before its reply
 */

/** Which computes. @type {Build} */
let build = convscope;
/** @type {convscope.Engine | undefined} */
let created;

function engine() {
  if (!created) throw new Error("The engine was asked before it was created.");
  return created;
}

const TICKS = 20;

/** The shortest of some steps of the clock that the engine reads; browsers make it coarse on purpose. */
function clockStep() {
  let shortest = Infinity;
  let last = performance.now();
  for (let ticks = 0; ticks < TICKS; ) {
    const now = performance.now();
    if (now === last) continue;
    shortest = Math.min(shortest, now - last);
    last = now;
    ticks++;
  }
  return shortest;
}

/** @returns {Promise<Build>} whose code is not asked for before this */
const bringBurn = () => import(new URL("../pkg/burn/convscope.js", import.meta.url).href);

const calls = {
  /**
   * @param {import("./state.js").EngineName} name
   * @param {WebAssembly.Module | undefined} module
   */
  async start(name, module) {
    if (name === "burn") build = await bringBurn();
    await build.default({ module_or_path: module ?? binary });
    return build.Engine.cards();
  },
  /**
   * @param {"auto" | "webgpu" | "cpu"} device
   * @param {{ f16?: boolean }} options
   */
  async create(device, options) {
    created = await build.Engine.create(device, options);
    return created.device;
  },
  /**
   * @param {string} id
   * @param {Uint8Array[]} shards
   * @param {string} key
   */
  load: (id, shards, key) => engine().load(id, shards, key, tell()),
  /**
   * @param {string} id
   * @param {number} seed
   * @param {string} key
   */
  loadRandom: (id, seed, key) => engine().loadRandom(id, seed, key, tell()),
  /**
   * @param {string} id
   * @param {import("../pkg/convscope.js").Frame} frame
   * @param {number} k
   * @param {boolean} heads
   */
  classify: (id, frame, k, heads) => engine().classify(id, frame, k, heads),
  /**
   * @param {string} id
   * @param {import("../pkg/convscope.js").Frame} frame
   * @param {number} runs
   */
  time: (id, frame, runs) => engine().time(id, frame, runs),
  clockStep,
  rejectedShaders: () => engine().rejectedShaders(),
  /** @param {string} id */
  unload: (id) => engine().unload(id),
};

/** The request that is being answered. */
let current = 0;

/** Tells how far the compilation of the current request is. */
function tell() {
  const id = current;
  return (/** @type {number} */ compiled, /** @type {number} */ shaders) => postMessage(/** @type {Progress} */ ({ id, compiled, shaders }));
}

/** @type {Promise<void>} */
let queue = Promise.resolve();

addEventListener("message", (/** @type {MessageEvent<Request>} */ { data }) => {
  queue = queue.then(() => answer(data));
});

// A panic inside a future rejects nobody's promise: this makes it the worker's error, which the page sees.
addEventListener("unhandledrejection", ({ reason }) => reportError(reason));

/** @param {Request} request */
async function answer({ id, call, args, lent }) {
  /** @type {(...args: any[]) => unknown} */
  const run = calls[call];
  current = id;
  try {
    const value = await run(...args);
    if (lent) send({ id, value, lent: lent.data.buffer }, [lent.data.buffer]);
    else send({ id, value });
  } catch (error) {
    send({ id, error: describe(error) });
  }
}

/**
 * @param {Reply} reply
 * @param {Transferable[]} [transfer]
 */
function send(reply, transfer = []) {
  postMessage(reply, { transfer });
}

/** @param {any} error */
function describe(error) {
  // A trap leaves the wasm memory in an unknown state: only a new worker helps.
  if (error instanceof WebAssembly.RuntimeError) {
    return { code: "crashed", message: `The engine stopped unexpectedly (${error.message}).` };
  }
  if (error instanceof WebAssembly.LinkError) {
    return { code: "rebuilt", message: "This page was built anew on the server since it was opened. Reload it." };
  }
  return { code: String(error?.code ?? "internal"), message: String(error?.message ?? error) };
}
