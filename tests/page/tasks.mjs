// How long the page's own thread is busy at a stretch, and how soon it answers.

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
 * The tasks of 50 ms and more in a while from now.
 * @param {import("playwright-core").Page} page
 * @param {number} span milliseconds
 * @returns {Promise<number[]>} their milliseconds
 */
export function longTasks(page, span) {
  return page.evaluate(async (span) => {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, span));
    return globalThis.longTasks.filter(({ startTime }) => startTime >= start).map(({ duration }) => Math.round(duration));
  }, span);
}

/**
 * From a click until the page has shown what it did.
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Locator} button
 * @returns {Promise<number>} milliseconds, 16 where it was quicker than is told
 */
export async function inputDelay(page, button) {
  await page.evaluate(() => void globalThis.events.splice(0));
  await button.click();
  await page.waitForTimeout(400);
  return page.evaluate(() => Math.max(16, ...globalThis.events.filter(({ name }) => name === "click").map(({ duration }) => duration)));
}
