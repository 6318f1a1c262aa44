// @ts-check
// What the browsers of the README's table lack, and what older ones do. Each is taken away, in the page and in its workers.

/** @typedef {[chrome: number, firefox: number, safari: number]} Since the first versions that have a feature; Edge counts as Chrome does */

/**
 * @typedef {object} Absent
 * @property {string} feature
 * @property {() => void} [remove] runs before everything else, in the page and in each of its workers
 * @property {[RegExp, string][]} [styles] what is replaced in style sheets, so that the browser does not know it
 * @property {RegExp} [says] what the page says; without it, it classifies
 * @property {string} [query] a view that needs the feature
 * @property {string} [asks] the file that is asked for then
 * @property {() => boolean} [holds] what is true on the page then
 */

/** The oldest versions that the README names. @type {Record<string, number>} */
export const OLDEST = { Chrome: 103, Firefox: 114, Safari: 16.4 };

const TOO_OLD = /This browser is too old for the page, which may stop or stay empty\. Chrome and Edge can show it from version 103, Firefox from version 114, Safari from version 16\.4: open it in a newer browser\. If this is one, load the page again\.$/;
const NO_SIMD = /This browser runs no WebAssembly with SIMD, with which the page computes\. Safari's Lockdown Mode .* load the page again\.$/;
const NO_WORKERS = /This browser cannot run the page's workers\. Chrome and Edge can from version 103, Firefox from version 114, Safari from version 16\.4: a newer browser is needed\./;

/** What is said before any module of the page runs. */
export const EARLY = [TOO_OLD, NO_SIMD];

/** What the oldest of those have, and the page says that it needs. @type {(Absent & { since: Since })[]} */
export const NEEDED = [
  { feature: "AbortSignal.throwIfAborted", since: [100, 97, 15.4], says: TOO_OLD, remove: () => { delete /** @type {any} */ (AbortSignal.prototype).throwIfAborted; } },
  { feature: "AbortSignal.timeout", since: [103, 100, 16], says: TOO_OLD, remove: () => { delete /** @type {any} */ (AbortSignal).timeout; } },
  { feature: "CompressionStream", since: [80, 113, 16.4], says: TOO_OLD, remove: () => { delete /** @type {any} */ (globalThis).CompressionStream; } },
  { feature: "Object.hasOwn", since: [93, 92, 15.4], says: TOO_OLD, remove: () => { delete /** @type {any} */ (Object).hasOwn; } },
  { feature: "Array.at", since: [92, 90, 15.4], says: TOO_OLD, remove: () => { delete /** @type {any} */ (Array.prototype).at; } },
  { feature: "modules", since: [61, 60, 11], says: TOO_OLD, remove: () => { delete /** @type {any} */ (globalThis.HTMLScriptElement?.prototype)?.noModule; } },
  {
    feature: "modules in workers, whose type is not asked for", since: [80, 114, 15], says: NO_WORKERS,
    remove: () => {
      const Real = Worker;
      globalThis.Worker = class extends Real { constructor(/** @type {string | URL} */ url) { super(url); } };
    },
  },
  {
    feature: "modules in workers, which are refused", since: [80, 114, 15], says: NO_WORKERS,
    remove: () => {
      const Real = Worker;
      globalThis.Worker = class extends Real {
        /** @param {string | URL} url @param {WorkerOptions} [options] */
        constructor(url, options) {
          if (options?.type === "module") throw new SyntaxError("modules in workers are not known");
          super(url, options);
        }
      };
    },
  },
  { feature: "WebAssembly, as in Safari's Lockdown Mode", since: [57, 52, 11], says: NO_SIMD, remove: () => { delete /** @type {any} */ (globalThis).WebAssembly; } },
  { feature: "WebAssembly SIMD", since: [91, 89, 16.4], says: NO_SIMD, remove: () => { WebAssembly.validate = () => false; } },
];

/** What some of those lack, or all. @type {(Absent & { since: Since })[]} */
export const LATER = [
  { feature: "URLSearchParams.size", since: [113, 112, 17], remove: () => { delete /** @type {any} */ (URLSearchParams.prototype).size; } },
  {
    feature: "properties of ARIA attributes", since: [103, 119, 16.4], query: "?networks=squeezenet1_1&device=cpu",
    holds: () => Boolean(document.querySelector('nav a[aria-current="page"]') && document.querySelector('[aria-label="Predictions of SqueezeNet 1.1"]')),
    remove: () => {
      const prototype = globalThis.Element?.prototype ?? {};
      for (const name of Object.getOwnPropertyNames(prototype)) if (/^aria[A-Z]|^role$/.test(name)) delete /** @type {any} */ (prototype)[name];
    },
  },
  { feature: "Element.checkVisibility", since: [105, 106, 17.4], remove: () => { delete /** @type {any} */ (globalThis.Element?.prototype)?.checkVisibility; } },
  { feature: "fetchPriority", since: [102, 132, 17.2], remove: () => { delete /** @type {any} */ (globalThis.HTMLImageElement?.prototype)?.fetchPriority; } },
  { feature: "PointerEvent.getCoalescedEvents", since: [58, 59, 18.2], remove: () => { delete /** @type {any} */ (globalThis.PointerEvent?.prototype)?.getCoalescedEvents; } },
  { feature: "requestVideoFrameCallback", since: [83, 132, 15.4], remove: () => { delete /** @type {any} */ (globalThis.HTMLVideoElement?.prototype)?.requestVideoFrameCallback; } },
  { feature: "VideoFrame", since: [94, 130, 16.4], remove: () => { delete /** @type {any} */ (globalThis).VideoFrame; } },
  { feature: "ImageDecoder", since: [94, 133, 27.3], remove: () => { delete /** @type {any} */ (globalThis).ImageDecoder; } },
  { feature: "StorageManager.estimate", since: [61, 57, 17], remove: () => { delete /** @type {any} */ (globalThis.StorageManager?.prototype)?.estimate; } },
  {
    feature: "relaxed SIMD", since: [114, 146, 27.3], asks: "convscope_bg.wasm",
    remove: () => {
      const { validate } = WebAssembly;
      WebAssembly.validate = (bytes) => !String(bytes).includes("253,133,2") && validate(bytes); // f32x4.relaxed_madd
    },
  },
  { feature: "Atomics.waitAsync", since: [90, 145, 16.4], remove: () => { delete /** @type {any} */ (Atomics).waitAsync; } },
  { feature: "ArrayBuffer.detached and transfer", since: [114, 122, 17.4], remove: () => { for (const name of ["detached", "transfer", "transferToFixedLength"]) delete /** @type {any} */ (ArrayBuffer.prototype)[name]; } },
  { feature: "CSS's :has()", since: [105, 121, 15.4], styles: [[/:has\(/g, ":has-not("]] },
  {
    feature: "CSS's color-mix()", since: [111, 113, 16.2],
    styles: [[/color-mix\(/g, "color-mix-not("]],
    holds: () => {
      const button = Object.assign(document.createElement("button"), { className: "primary" });
      document.body.append(button);
      button.style.background = "var(--hover)"; // under a pointer
      return getComputedStyle(button).backgroundColor === getComputedStyle(button).borderTopColor;
    },
  },
  { feature: "CSS's lh, subgrid and text-wrap", since: [117, 121, 17.5], styles: [[/\b1lh\b/g, "1lhx"], [/subgrid/g, "subgrid-not"], [/text-wrap/g, "text-wrap-not"]] },
  {
    feature: "JavaScript that came after the language of 2022, which the page is checked against", since: [134, 147, 26],
    remove: () => {
      const any = /** @type {any} */ (globalThis);
      const later = {
        Array: ["fromAsync"], Promise: ["withResolvers", "try"], Object: ["groupBy"], Map: ["groupBy"], URL: ["canParse", "parse"], Response: ["json"],
        "Array.prototype": ["toSorted", "toReversed", "toSpliced", "with"], "String.prototype": ["isWellFormed", "toWellFormed"],
        "Set.prototype": ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"],
        "Map.prototype": ["getOrInsert", "getOrInsertComputed"], "Blob.prototype": ["bytes"], "Response.prototype": ["bytes"], "Request.prototype": ["bytes"],
        "Uint8Array.prototype": ["toBase64", "toHex"], Uint8Array: ["fromBase64", "fromHex"], Math: ["f16round", "sumPrecise"], RegExp: ["escape"],
        AbortSignal: ["any"], "Iterator.prototype": ["map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find"],
      };
      for (const [path, names] of Object.entries(later)) {
        const holder = path.split(".").reduce((/** @type {any} */ at, name) => at?.[name], any);
        for (const name of names) if (holder) delete holder[name];
      }
      for (const name of ["Iterator", "scheduler", "Float16Array", "DisposableStack", "AsyncDisposableStack", "SuppressedError", "URLPattern", "Temporal"]) delete any[name];
    },
  },
];

/** What every browser has, but not everywhere. @type {Absent[]} */
export const ALONE = [
  { feature: "OffscreenCanvas", query: "?networks=squeezenet1_1&device=cpu", remove: () => { delete /** @type {any} */ (globalThis).OffscreenCanvas; } },
  {
    feature: "crypto.subtle, as where the address begins with http", says: /Weights are checked before they are used, and browsers allow that only over https or on localhost: open this page there\./,
    remove: () => { delete /** @type {any} */ (Crypto.prototype).subtle; },
  },
  {
    feature: "stores, locks and a service worker, as in some private windows",
    remove: () => {
      for (const name of ["caches", "CacheStorage", "indexedDB"]) delete /** @type {any} */ (globalThis)[name];
      for (const name of ["locks", "storage", "serviceWorker", "mediaDevices", "clipboard", "deviceMemory", "userAgentData"]) delete Object.getPrototypeOf(navigator)[name];
    },
  },
  { feature: "navigator.gpu", query: "?network=squeezenet1_1", remove: () => { delete Object.getPrototypeOf(navigator).gpu; } },
  {
    feature: "memory that threads share, as in some web views", asks: "convscope_single_bg.wasm",
    remove: () => {
      const Real = WebAssembly.Memory;
      /** @type {any} */ (WebAssembly).Memory = class extends Real {
        /** @param {WebAssembly.MemoryDescriptor} descriptor */
        constructor(descriptor) {
          if (descriptor.shared) throw new TypeError("shared memory is not known");
          super(descriptor);
        }
      };
      delete /** @type {any} */ (globalThis).SharedArrayBuffer;
    },
  },
];

/** What Chrome's first versions with WebGPU lack, or have in another way. @type {Absent} */
export const GRAPHICS = {
  feature: "GPUAdapter.info (Chrome 127), GPUDevice.adapterInfo (132) and the limit maxBindGroupsPlusVertexBuffers (120)", query: "?network=lenet5&device=webgpu&source=sample:coffee",
  remove: () => {
    const { GPUAdapter, GPUDevice, GPUSupportedLimits } = /** @type {any} */ (globalThis);
    const info = GPUAdapter && Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "info");
    if (!info) return;
    delete GPUAdapter.prototype.info;
    delete GPUDevice.prototype.adapterInfo;
    GPUAdapter.prototype.requestAdapterInfo = async function () { return info.get?.call(this); };
    const later = "maxBindGroupsPlusVertexBuffers";
    delete GPUSupportedLimits.prototype[later];
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = function (/** @type {any} */ descriptor) {
      if (later in (descriptor?.requiredLimits ?? {})) return Promise.reject(new DOMException(`The limit "${later}" is not recognized.`, "OperationError"));
      return requestDevice.call(this, descriptor);
    };
  },
};
