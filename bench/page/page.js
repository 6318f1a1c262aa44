// @ts-check
// One runtime in one worker. `ask` is what bench/race/runtime.mjs calls from outside.

/** @typedef {{ id: number, value: unknown } | { id: number, error: string }} Reply */

// A classic worker: TensorFlow.js comes as scripts, and a classic worker can import modules as well.
const worker = new Worker(new URL("./worker.js", import.meta.url));
/** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
const calls = new Map();
let last = 0;

worker.addEventListener("message", (/** @type {MessageEvent<Reply>} */ { data }) => {
  const call = calls.get(data.id);
  calls.delete(data.id);
  if ("error" in data) call?.reject(new Error(data.error));
  else call?.resolve(data.value);
});
worker.addEventListener("error", ({ message }) => {
  for (const { reject } of calls.values()) reject(new Error(message || "The worker ended."));
  calls.clear();
});

/**
 * @param {string} call
 * @param {unknown[]} args
 */
function ask(call, args) {
  return new Promise((resolve, reject) => {
    calls.set(++last, { resolve, reject });
    worker.postMessage({ id: last, call, args });
  });
}

/** What WebGPU's adapter says of itself; null where there is none. */
async function adapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed";
  return { name, software: adapter.info.isFallbackAdapter ?? false, features: [...adapter.features].sort() };
}

Object.assign(globalThis, { ask, adapter });
