// How long the page's own thread is busy at a stretch, and how soon it answers.

const ATTEMPTS = 4;
/** A delay, in milliseconds, that needs no second attempt. */
const QUICK = 50;

/** @param {import("playwright-core").Page} page before it is visited */
export function watchTasks(page) {
  return page.addInitScript(() => {
    globalThis.longTasks = [];
    globalThis.events = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries())).observe({ type: "longtask" });
    new PerformanceObserver((list) => globalThis.events.push(...list.getEntries())).observe({ type: "event", durationThreshold: 16 });
  });
}

/**
 * The tasks of 50 ms and more in a while from now. Where there are some, the page is watched again, a few times: a page
 * that is busy is busy each time, and a machine that other programs keep busy is not.
 * @param {import("playwright-core").Page} page
 * @param {number} span milliseconds
 * @returns {Promise<number[]>} their milliseconds
 */
export async function longTasks(page, span) {
  for (let attempt = 0; ; attempt++) {
    const found = await page.evaluate(async (span) => {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, span));
      return globalThis.longTasks.filter(({ startTime }) => startTime >= start).map(({ duration }) => Math.round(duration));
    }, span);
    if (!found.length || attempt === ATTEMPTS - 1) return found;
  }
}

/**
 * The same while something is done, which is done again where the page was found busy.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number[]>} their milliseconds
 */
export async function longTasksDuring(page, work) {
  for (let attempt = 0; ; attempt++) {
    await page.evaluate(() => void globalThis.longTasks.splice(0));
    await work();
    const found = await page.evaluate(() => globalThis.longTasks.map(({ duration }) => Math.round(duration)));
    if (!found.length || attempt === ATTEMPTS - 1) return found;
  }
}

/**
 * The processor's time that each task of the page's own thread takes while something is done. Unlike a task's duration it does not
 * depend on what else runs on the machine.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number[]>} milliseconds
 */
export async function processorTimes(browser, page, work) {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await work();
  /** @type {{ traceEvents: { name: string, pid: number, tid: number, tdur?: number, args: { name?: string } }[] }} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Set(traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  return traceEvents.filter(({ name, pid, tid, tdur }) => /RunTask$/.test(name) && tdur !== undefined && threads.has(`${pid} ${tid}`)).map(({ tdur = 0 }) => tdur / 1000);
}

/**
 * The same of tasks of 50 ms and more. Where there are some, it is done again, a few times: the first time compiles the page's code.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number[]>} milliseconds
 */
export async function busyTimes(browser, page, work) {
  for (let attempt = 0; ; attempt++) {
    const times = await processorTimes(browser, page, work);
    if (!times.length) throw new Error("the trace has no task of the page's thread");
    const long = times.filter((time) => time >= QUICK).map(Math.round);
    if (!long.length || attempt === ATTEMPTS - 1) return long;
  }
}

/**
 * From a click until the page has shown what it did, at best of a few times.
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Locator} button
 * @param {() => Promise<unknown>} back what undoes it
 * @returns {Promise<number>} milliseconds, 16 where it was quicker than is told
 */
export async function inputDelay(page, button, back) {
  const delays = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt) await back();
    await page.evaluate(() => void globalThis.events.splice(0));
    await button.click();
    await page.waitForTimeout(300);
    delays.push(await page.evaluate(() => Math.max(16, ...globalThis.events.filter(({ name }) => name === "click").map(({ duration }) => duration))));
    if (delays.at(-1) < QUICK) break;
  }
  return Math.min(...delays);
}
