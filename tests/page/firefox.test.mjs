// The page in Firefox, which has no WebGPU without a graphics card: every view on the CPU, threads, 8-bit arithmetic, and the service worker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE } from "./browser.mjs";
import { VIEWS } from "./everyView.mjs";
import { missing, predictionsIn, startFirefox, until, visitIn } from "./firefox.mjs";
import { hostedSite } from "./hostedSite.mjs";

const OPTIONS = { timeout: PATIENCE, skip: missing };
const SINGLE = "?network=squeezenet1_1&device=cpu&source=sample:coffee";

/** @type {import("puppeteer-core").Browser} */
let browser;
before(async () => { if (!missing) browser = await startFirefox(); });
after(() => browser?.close());

/** Clicks once the element can be clicked and stays where it is. @param {import("puppeteer-core").Page} page @param {string} selector */
const press = (page, selector) => page.locator(selector).click();

/** @type {(page: import("puppeteer-core").Page) => Promise<string>} what computed the last prediction */
const computedBy = (page) => page.evaluate(() => document.querySelector("#adapter")?.textContent ?? "");

test("it names the espresso, and the cat once that is chosen", OPTIONS, async (t) => {
  const { page, faults, leave } = await visitIn(browser, SINGLE);
  const [first] = await predictionsIn(page, "espresso");
  assert.ok(first.probability > 0.8, `espresso: ${first.probability}`); // 0.96 in Chromium
  const { isolated, cores } = await page.evaluate(() => ({ isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency }));
  assert.ok(isolated, "the site isolates its pages");
  const { threads, text } = await until(page, "the number of threads", async () => {
    const { threads } = (await import("/www/state.js")).state.deviceInfo ?? {};
    return threads && { threads, text: document.querySelector("#threads-summary")?.textContent };
  });
  assert.ok(threads >= 1 && threads <= cores, `${threads} threads, ${cores} cores`);
  assert.equal(text, `Threads: ${threads}`);
  assert.match(await computedBy(page), new RegExp(`^Computed by ConvScope on the CPU: WebAssembly SIMD.*, ${threads} threads?$`));
  const milliseconds = await page.evaluate(() => performance.getEntriesByName("first-prediction")[0].startTime);
  t.diagnostic(`the first prediction came after ${Math.round(milliseconds)} ms`);

  await press(page, '#samples button:nth-child(2)');
  await predictionsIn(page, "tabby", "Egyptian cat", "tiger cat");
  assert.match(page.url(), /source=sample:chelsea$/);
  assert.deepEqual(faults, []);
  await leave();
});

test("a chosen number of threads and 8-bit arithmetic compute, and the page says so", OPTIONS, async () => {
  const { page, faults, leave } = await visitIn(browser, `${SINGLE}&threads=2`);
  const whole = await predictionsIn(page, "espresso");
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  const threads = cores > 1 ? "2 threads" : "1 thread";
  assert.ok((await computedBy(page)).endsWith(`, ${threads}`), await computedBy(page));
  await press(page, '#arithmetic input[value="int8"] + span');
  await until(page, "8-bit arithmetic below the times", (end) => document.querySelector("#adapter")?.textContent?.endsWith(end), `, ${threads}, 8-bit arithmetic`);
  const rounded = await predictionsIn(page, "espresso");
  assert.ok(Math.abs(rounded[0].probability - whole[0].probability) < 0.1, `${rounded[0].probability}, and ${whole[0].probability} with 32 bits`);
  assert.notEqual(rounded[0].probability, whole[0].probability);
  assert.deepEqual(faults, []);
  await leave();
});

test("two networks are compared", OPTIONS, async () => {
  const { page, faults, leave } = await visitIn(browser, "?networks=squeezenet1_1,efficientnet_lite0&device=cpu&source=sample:coffee");
  const answers = await until(page, "both networks' answers", () => {
    const first = [...document.querySelectorAll("#answers .entry")].map((entry) => entry.querySelector(".label")?.textContent ?? "");
    return first.length === 2 && first.every(Boolean) && first;
  });
  assert.deepEqual(answers, ["espresso", "espresso"]);
  assert.deepEqual(faults, []);
  await leave();
});

test("the layers are shown, and their times measured", OPTIONS, async () => {
  const { page, faults, leave } = await visitIn(browser, "?inside=squeezenet1_1&device=cpu&source=sample:coffee");
  await until(page, "the table of layers", () => document.querySelectorAll('#layer-table tbody[aria-busy="false"] tr').length === 38);
  await until(page, "the button that measures", () => document.querySelector("#measure:enabled") !== null);
  await press(page, "#measure");
  const [, layers, prediction] = await until(page, "the measured times", () => /All layers together take ([\d.]+)\sms; the last whole prediction took ([\d.]+)\sms/.exec(document.querySelector("#measure-notes")?.textContent ?? ""));
  assert.ok(Number(layers) > 1 && Number(prediction) > 1, `${layers} and ${prediction} ms`);
  const times = await page.evaluate(() => [...document.querySelectorAll('#layer-table tbody [data-column="time"]')].map((cell) => Number(cell.textContent)));
  const measured = times.filter(Number.isFinite); // a concatenation takes no time of its own, and its cell says so
  assert.ok(times.length === 38 && measured.length === 30 && measured.every((time) => time > 0), String(times));
  const sum = measured.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum / Number(layers) - 1) < 0.1, `the layers' times add up to ${sum}, not to ${layers}`);
  assert.deepEqual(faults, []);
  await leave();
});

test("the lab trains on the CPU, and shows that the gradient vanishes", OPTIONS, async (t) => {
  const { page, faults, leave } = await visitIn(browser, "?lab=vanishing&device=cpu");
  await until(page, "the lab's start", () => document.querySelector("#lab-start:enabled") !== null);
  await press(page, "#lab-start");
  const run = await until(page, "forty steps", async () => {
    const { state } = await import("/www/state.js");
    const { recentMeans } = await import("/www/lab/pure/layers.js");
    const [run] = state.lab.runs;
    return run?.record.steps >= 40 && { ...recentMeans(run), steps: run.record.steps };
  });
  t.diagnostic(`${run.steps} steps, the loss ${run.loss.toFixed(2)}`);
  assert.ok(run.ratio < -4, `the first layer's gradient is 10^${run.ratio.toFixed(1)} of the last one's`);
  assert.ok(run.loss > 2 && run.loss < 3, `a loss of ${run.loss}, where guessing has 2.3`);
  await page.evaluate(() => document.querySelector('[data-chart="loss"]')?.scrollIntoView()); // charts are drawn where they are seen
  await until(page, "the chart of the loss", () => document.querySelector('[data-chart="loss"] path.first') !== null);
  await until(page, "the heat map", () => document.querySelector(".lab-heat canvas") !== null);
  assert.deepEqual(faults, []);
  await leave();
});

/** Views that the tests above have opened. */
const OPENED = ["one network", "compare, one picture", "inside, layers", "gradient lab"];

test("every other view and tab opens without an error", OPTIONS, async () => {
  for (const [name, { query, ready }] of Object.entries(VIEWS).filter(([name]) => !OPENED.includes(name))) {
    const { page, faults, leave } = await visitIn(browser, query);
    await until(page, name, (ready) => document.querySelector(ready) !== null, ready);
    const told = await page.evaluate(() => document.querySelector("#errors")?.textContent);
    assert.deepEqual([name, told, ...faults], [name, ""]);
    await leave();
  }
});

test("on a host without headers the service worker isolates the page, and after that visit it works without the host", OPTIONS, async () => {
  const [host, other] = await Promise.all([hostedSite({ isolates: false }), startFirefox({ serviceWorkers: true })]);
  try {
    const { page, faults } = await visitIn(other, `${host.address}${SINGLE}`);
    await until(page, "the page, loaded again and isolated", () => crossOriginIsolated && document.querySelector('#predictions[aria-busy="false"] li') !== null);
    const online = await predictionsIn(page, "espresso");
    await until(page, "the sentence that it works offline", () => /Ready to work offline/.test(document.querySelector("#notices")?.textContent ?? ""));
    await host.leave();
    await page.reload({ waitUntil: "domcontentloaded" });
    assert.deepEqual(await predictionsIn(page, "espresso"), online);
    assert.ok(await page.evaluate(() => crossOriginIsolated));
    assert.deepEqual(faults.filter((fault) => fault.startsWith("uncaught")), []); // the console tells of the host that is gone
  } finally {
    await Promise.all([host.leave(), other.close()]);
  }
});
