// What becomes of a page's promises and workers. It runs before everything else on the page, and is no module.
// @ts-check
"use strict";

{
  const RealWorker = Worker;
  const happened = { begun: 0, settled: 0, unhandled: 0, failures: 0, words: /** @type {string | null} the first trouble, in its own words */ (null) };
  const note = (/** @type {"unhandled" | "failures"} */ kind, /** @type {unknown} */ words) => {
    happened[kind] += 1;
    happened.words ??= String(words).slice(0, 300);
  };
  addEventListener("unhandledrejection", ({ reason }) => note("unhandled", reason?.message ?? reason));
  addEventListener("error", ({ message }) => note("failures", message));

  /** The engine's worker is the page's own, and tells besides what it has taken. */
  globalThis.Worker = class extends RealWorker {
    /** @param {string | URL} url @param {WorkerOptions} [options] */
    constructor(url, options) {
      const asked = new URL(url, location.href);
      super(asked.pathname === "/www/worker.js" ? new URL("/bench/page/watchedWorker.js", asked) : asked, options);
      this.addEventListener("error", ({ message }) => note("failures", message || "a worker ended"));
    }
  };

  /** @param {Promise<any>} promise that must settle */
  const follow = (promise) => {
    happened.begun += 1;
    const settle = () => (happened.settled += 1);
    // What is handed back is rejected as the promise itself would be, so that nobody's mistake is hidden.
    return promise.then((value) => (settle(), value), (error) => {
      settle();
      throw error;
    });
  };

  /** Follows all calls of engines from now on. */
  const followEngines = async () => {
    const { Engine } = await import(/** @type {any} */ (new URL("/www/engine.js", location.href).href));
    for (const name of Object.getOwnPropertyNames(Engine.prototype)) {
      if (["constructor", "close"].includes(name)) continue;
      const own = Engine.prototype[name];
      Engine.prototype[name] = function (/** @type {unknown[]} */ ...args) {
        return follow(own.apply(this, args));
      };
    }
    const open = Engine.open.bind(Engine);
    Engine.open = (/** @type {unknown[]} */ ...args) => follow(open(...args));
  };

  Object.assign(globalThis, { happened, follow, followEngines });
}
