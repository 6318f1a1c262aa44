// @ts-check
/** @typedef {import("./runtimes.mjs").Contender} Contender */

/** A page of its own for one runtime, so that another one's crash does not end it. */
export class Runtime {
  #page;
  /** @type {Promise<never>} */
  #crash;
  #patience;

  /**
   * @param {import("playwright-core").Page} page
   * @param {number} patience milliseconds for each call
   */
  constructor(page, patience) {
    this.#page = page;
    this.#patience = patience;
    this.#crash = new Promise((_, reject) => {
      page.on("crash", () => reject(new Error("its page crashed; most often memory ran out")));
      page.on("close", () => reject(new Error("its page was closed")));
    });
    this.#crash.catch(() => {});
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {number} patience milliseconds for each call
   */
  static async open(browser, url, patience) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    return new Runtime(page, patience);
  }

  /**
   * Starts a contender in the page's worker.
   * @param {Contender} contender
   * @returns {Promise<number>} milliseconds
   */
  start({ file, args, threads }) {
    return this.ask("start", file, args, threads);
  }

  /**
   * Calls a function of bench/page/worker.js.
   * @param {string} call
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  ask(call, ...args) {
    return this.evaluate("ask", call, args);
  }

  /**
   * Calls a global function of the page.
   * @param {string} name
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  async evaluate(name, ...args) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      const sentence = `no answer within ${Math.round(this.#patience / 1000)} s`;
      timer = setTimeout(() => reject(new Error(sentence)), this.#patience);
    });
    const answer = this.#page.evaluate(([name, args]) => /** @type {any} */ (globalThis)[name](...args), /** @type {const} */ ([name, args]));
    try {
      return await Promise.race([answer, this.#crash, late]);
    } catch (error) {
      throw new Error(plain(error));
    } finally {
      clearTimeout(timer);
      answer.catch(() => {});
    }
  }

  async close() {
    await this.#page.context().close().catch(() => {});
  }
}

/** The runtime's own words, without playwright's around them. @param {any} error */
export function plain(error) {
  const text = String(error?.message ?? error).replace(/^page\.evaluate: (Error: )?/, "");
  return text.split(/\n\s+at /)[0].trim().slice(0, 600);
}
