// What the browser knows of WebGPU and wgpu does not tell.

/** Milliseconds in which a graphics process that works has started and answered. One that hangs never answers, and is taken for none. */
const ADAPTER_IN = 10_000;

/** Milliseconds between the submissions that have Firefox look whether the device is done. */
const LOOK_EVERY = 1;
/** What an adapter is where the browser does not tell it: Chrome has a property for it from version 127, and another way before. */
const NAMELESS = { vendor: "", architecture: "", device: "", description: "" };

/** Shader modules that the browser refused. */
let rejected = 0;
/** Compiled ahead, by a device and a shader's text: handed out instead of being compiled again. @type {WeakMap<object, Map<string, object>>} */
const compiled = new WeakMap();
/** The text of each shader module. @type {WeakMap<object, string>} */
const texts = new WeakMap();
/** Compilations whose verdict is not in yet. */
const pending = new Set();
/** The first thing that went wrong on the device: a code of the API and the browser's words. */
let trouble;

/** Counts refused shaders and notices a lost device or exhausted memory, from now on. Calling it again changes nothing. */
export function watch() {
  const device = globalThis.GPUDevice?.prototype;
  const adapter = globalThis.GPUAdapter?.prototype;
  if (!device || !adapter || device.createShaderModule.watched) return;
  if (!("info" in adapter)) adapter.info = NAMELESS; // wgpu would read the fields of nothing

  const createShaderModule = device.createShaderModule;
  device.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, descriptor);
    const verdict = module.getCompilationInfo().then((info) => {
      if (info.messages.some((message) => message.type === "error")) rejected += 1;
      pending.delete(verdict);
    });
    pending.add(verdict);
    texts.set(module, descriptor.code);
    return module;
  };
  const createComputePipeline = device.createComputePipeline;
  device.createComputePipeline = function (descriptor) {
    const ready = descriptor.layout === "auto" && compiled.get(this)?.get(texts.get(descriptor.compute.module));
    return ready || createComputePipeline.call(this, descriptor);
  };
  device.createShaderModule.watched = true;

  const requestDevice = adapter.requestDevice;
  adapter.requestDevice = async function (descriptor) {
    // wgpu does not know the feature.
    const requiredFeatures = [...(descriptor?.requiredFeatures ?? []), ...(hasQuads(this) ? ["subgroups"] : [])];
    // Browsers refuse limits that they do not know, and wgpu asks for all that it knows.
    const requiredLimits = Object.fromEntries(Object.entries(descriptor?.requiredLimits ?? {}).filter(([name]) => name in this.limits));
    const device = await requestDevice.call(this, { ...descriptor, requiredFeatures, requiredLimits });
    if (!("adapterInfo" in device)) Object.defineProperty(device, "adapterInfo", { value: this.info }); // Chrome has it from version 132
    if (looksRarely()) hasten(device);
    device.lost.then((info) => (trouble = ["device-lost", info.message || info.reason])); // worse than anything reported before
    device.addEventListener("uncapturederror", ({ error }) => {
      const code = error instanceof GPUOutOfMemoryError ? "out-of-memory" : "internal";
      trouble ??= [code, error.message];
    });
    return device;
  };
}

/**
 * Compiles shaders side by side; one that fails is left to be reported when it is used.
 * @param {any} device @param {string[]} shaders @param {((compiled: number, shaders: number) => void) | undefined} progress
 */
export async function compileShaders(device, shaders, progress) {
  if (!compiled.has(device)) compiled.set(device, new Map());
  const pipelines = compiled.get(device);
  let done = 0;
  progress?.(done, shaders.length);
  await Promise.all(shaders.map(async (code) => {
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } }).catch(() => undefined);
    if (pipeline) pipelines.set(code, pipeline);
    progress?.((done += 1), shaders.length);
  }));
}

/** How many shaders were refused, once all verdicts are in. */
export async function rejectedShaders() {
  await Promise.all(pending);
  return rejected;
}

/** `[code, words]` of what went wrong on the device since the last call; a lost device stays lost. */
export function deviceTrouble() {
  const found = trouble;
  if (found?.[0] !== "device-lost") trouble = undefined;
  return found;
}

/** Puts back what deviceTrouble gave, for who asks next; a later report stays. @param {string[] | undefined} pending */
export function restoreTrouble(pending) {
  trouble ??= pending;
}

/** Firefox looks only every 100 ms whether the device is done, and at every submission. No other browser's name has this part. */
const looksRarely = () => navigator.userAgent.includes("Gecko/");

/** Submits nothing again and again while somebody waits for the device, so that the browser looks. @param {any} device */
function hasten(device) {
  const { queue } = device;
  /** @template T @param {Promise<T>} awaited */
  const looking = (awaited) => {
    const timer = setInterval(() => queue.submit([device.createCommandEncoder().finish()]), LOOK_EVERY);
    const stop = () => clearInterval(timer);
    awaited.then(stop, stop);
    return awaited;
  };
  const { onSubmittedWorkDone } = queue;
  queue.onSubmittedWorkDone = () => looking(onSubmittedWorkDone.call(queue));
  const { createBuffer } = device;
  device.createBuffer = (/** @type {any} */ descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    const { mapAsync } = buffer;
    buffer.mapAsync = (/** @type {any[]} */ ...how) => looking(mapAsync.apply(buffer, how));
    return buffer;
  };
}

/** @param {any} adapter */
const isSoftware = (adapter) => adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;

/** Whether it computes in software, in subgroups of exactly four threads that can hand each other values. @param {any} adapter */
const hasQuads = (adapter) =>
  isSoftware(adapter) && adapter.features.has("subgroups") && adapter.info?.subgroupMinSize === 4 && adapter.info.subgroupMaxSize === 4;

/** The adapter's own words; undefined where there is none, or none that answers. */
export async function describeAdapter() {
  const asked = globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" });
  const adapter = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, ADAPTER_IN))]);
  if (!adapter) return undefined;
  const known = adapter.info === NAMELESS ? undefined : adapter.info;
  const info = known ?? (await adapter.requestAdapterInfo?.().catch(() => undefined)) ?? NAMELESS;
  const { vendor, architecture, device, description } = info;
  return {
    adapter: description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed",
    software: isSoftware(adapter),
    quads: hasQuads(adapter),
    f16: adapter.features.has("shader-f16"),
    maxBindingBytes: adapter.limits.maxStorageBufferBindingSize,
  };
}
