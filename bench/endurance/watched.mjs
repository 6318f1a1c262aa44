// @ts-check
import { fileURLToPath } from "node:url";
import { Runtime } from "../race/runtime.mjs";

const WATCH = fileURLToPath(new URL("../page/watchPage.js", import.meta.url));
/** Workers that tell what they have taken. */
const TELLING = /\/bench\/page\/(watchedWorker|engines)\.js$/;
/** Garbage is collected twice: what ends with the first collection lets go of more. */
const COLLECTIONS = 2;
/** Looking at memory takes some itself, because the browser compiles what it is asked: after half as many times no more. */
const LOOKS = 40;
/** Milliseconds for one look, and how often it is tried: a worker that is just being ended never answers. */
const [LOOK, TRIES] = [20_000, 5];

/**
 * What is held after a garbage collection; bytes.
 * @typedef {object} Sample
 * @property {number} at how many times something was done before
 * @property {number} wasm memory of WebAssembly
 * @property {number} heap JavaScript's, in the page and in the engine's worker
 * @property {number} arrays buffers of JavaScript's arrays, in both
 * @property {number} buffers on the WebGPU device
 * @property {number} workers their number, with the threads
 *
 * @typedef {{ begun: number, settled: number, unhandled: number, failures: number, words: string | null }} Happened
 */

/** A page whose workers and promises are watched. */
export class Watched {
  #page;
  #runtime;
  #own;
  #all;

  /**
   * @param {import("playwright-core").Page} page
   * @param {number} patience
   * @param {import("playwright-core").CDPSession} own session with the page
   * @param {import("playwright-core").CDPSession} all session with the browser
   */
  constructor(page, patience, own, all) {
    this.#page = page;
    this.#runtime = new Runtime(page, patience);
    this.#own = own;
    this.#all = all;
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {number} patience milliseconds for each call
   */
  static async open(browser, url, patience) {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    await page.addInitScript({ path: WATCH });
    await page.goto(url);
    if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("The server sends no isolation headers, so that there are no threads.");
    return new Watched(page, patience, await context.newCDPSession(page), await browser.newBrowserCDPSession());
  }

  /**
   * Calls a global function of the page.
   * @param {string} name
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  call(name, ...args) {
    return this.#runtime.evaluate(name, ...args);
  }

  get page() {
    return this.#page;
  }

  /** @param {number} at @returns {Promise<Sample>} */
  async sample(at) {
    for (let tries = 1; ; tries += 1) {
      /** @type {NodeJS.Timeout | undefined} */
      let timer;
      const late = new Promise((/** @type {(value: null) => void} */ resolve) => (timer = setTimeout(() => resolve(null), LOOK)));
      const look = this.#look(at).catch((error) => (tries < TRIES ? null : Promise.reject(error)));
      const sample = await Promise.race([look, late]);
      clearTimeout(timer);
      look.catch(() => {});
      if (sample) return sample;
      if (tries >= TRIES) throw new Error("A worker does not tell what it holds.");
    }
  }

  /** @param {number} at @returns {Promise<Sample>} */
  async #look(at) {
    const taken = { wasm: 0, buffers: 0 };
    const sizes = [await heapOf((method) => this.#own.send(/** @type {any} */ (method)))];
    const { targetInfos } = await this.#all.send("Target.getTargets");
    for (const { targetId, url } of targetInfos) if (TELLING.test(url)) sizes.push(await this.#ofWorker(targetId));
    for (const worker of this.#page.workers()) {
      if (!TELLING.test(worker.url())) continue;
      const { wasm, buffersNow, trouble } = await worker.evaluate(() => /** @type {any} */ (globalThis).taken());
      if (trouble) throw new Error(`WebGPU: ${trouble}`);
      taken.wasm += wasm;
      taken.buffers += buffersNow;
    }
    const sum = (/** @type {"heap" | "arrays"} */ of) => sizes.reduce((sum, size) => sum + size[of], 0);
    return { at, ...taken, heap: sum("heap"), arrays: sum("arrays"), workers: this.#page.workers().length };
  }

  /** Looks until looking takes nothing more. */
  async settle() {
    for (let look = 0; look < LOOKS; look += 1) await this.sample(0);
  }

  /** @param {string} targetId */
  async #ofWorker(targetId) {
    const { sessionId } = await this.#all.send("Target.attachToTarget", { targetId, flatten: false });
    let last = 0;
    try {
      return await heapOf((method) => new Promise((resolve, reject) => {
        const id = ++last;
        const listen = (/** @type {{ sessionId: string, message: string }} */ event) => {
          const reply = JSON.parse(event.message);
          if (event.sessionId !== sessionId || reply.id !== id) return;
          this.#all.off("Target.receivedMessageFromTarget", listen);
          if (reply.error) reject(new Error(reply.error.message));
          else resolve(reply.result);
        };
        this.#all.on("Target.receivedMessageFromTarget", listen);
        this.#all.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) }).catch(reject);
      }));
    } finally {
      await this.#all.send("Target.detachFromTarget", { sessionId });
    }
  }

  /**
   * What became of the promises, once all have settled or none did for a while.
   * @param {number} patience milliseconds
   * @returns {Promise<Happened>}
   */
  async happened(patience) {
    const read = () => this.#page.evaluate(() => ({ .../** @type {any} */ (globalThis).happened }));
    for (const start = Date.now(); ; ) {
      /** @type {Happened} */
      const now = await read();
      if (now.begun === now.settled || Date.now() - start > patience) return now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async close() {
    await this.#all.detach().catch(() => {});
    await this.#runtime.close();
  }
}

/** @param {(method: string) => Promise<any>} ask */
async function heapOf(ask) {
  for (let turn = 0; turn < COLLECTIONS; turn += 1) await ask("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
  return { heap: usedSize + embedderHeapUsedSize, arrays: backingStorageSize };
}
