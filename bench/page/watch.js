// What any runtime in this worker takes from the browser: wasm memory, buffers on the device, shaders. Loaded before it.
// @ts-check
"use strict";

/** Memories of WebAssembly, which only grow. @type {Set<WebAssembly.Memory>} */
const memories = new Set();
/** Bytes of buffers on the device, now and at most. */
const buffers = { now: 0, peak: 0 };
const shaders = { refused: 0, /** @type {Set<Promise<void>>} */ pending: new Set() };
/** The first thing that went wrong on the device, in the browser's words. @type {string | undefined} */
let trouble;

watchMemory();
watchDevice();
// A module has no global names.
Object.assign(self, { taken });

/** What was taken so far. */
async function taken() {
  await Promise.all(shaders.pending);
  const wasm = [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { wasm, buffers: buffers.peak, buffersNow: buffers.now, refusedShaders: shaders.refused, trouble };
}

function watchMemory() {
  const { Memory, Instance, instantiate, instantiateStreaming } = WebAssembly;
  const note = (/** @type {WebAssembly.Instance} */ instance) => {
    for (const value of Object.values(instance.exports)) if (value instanceof Memory) memories.add(value);
  };
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, args) {
      const memory = Reflect.construct(target, args);
      memories.add(memory);
      return memory;
    },
  });
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
      const instance = Reflect.construct(target, args);
      note(instance);
      return instance;
    },
  });
  const watched = (/** @type {Function} */ start) => async (/** @type {unknown[]} */ ...args) => {
    const result = await start.apply(WebAssembly, args);
    note(result.instance ?? result);
    return result;
  };
  Object.assign(WebAssembly, { instantiate: watched(instantiate), instantiateStreaming: watched(instantiateStreaming) });
}

function watchDevice() {
  if (!("GPUDevice" in self)) return;
  const { createBuffer, createShaderModule } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const { requestDevice } = GPUAdapter.prototype;
  /** @type {WeakSet<GPUBuffer>} */
  const live = new WeakSet();
  // A buffer that is dropped without being destroyed is freed when it is collected.
  const collected = new FinalizationRegistry((/** @type {number} */ size) => (buffers.now -= size));

  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    live.add(buffer);
    collected.register(buffer, buffer.size, buffer);
    buffers.now += buffer.size;
    buffers.peak = Math.max(buffers.peak, buffers.now);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    if (live.delete(this)) {
      buffers.now -= this.size;
      collected.unregister(this);
    }
    return destroy.call(this);
  };
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, descriptor);
    const verdict = module.getCompilationInfo().then(({ messages }) => {
      if (messages.some(({ type }) => type === "error")) shaders.refused += 1;
      shaders.pending.delete(verdict);
    });
    shaders.pending.add(verdict);
    return module;
  };
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    device.lost.then(({ message, reason }) => {
      if (reason !== "destroyed") trouble ??= `the device was lost: ${message || reason}`;
    });
    device.addEventListener("uncapturederror", ({ error }) => (trouble ??= error.message));
    return device;
  };
}
