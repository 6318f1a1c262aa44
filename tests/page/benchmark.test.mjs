// The benchmark: it completes, agrees with the bare engine, can be ended, and its results can be taken along.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { openBare } from "./bare.mjs";
import { PATIENCE, closeVisit, errorSays, launch, manifest, site, visit } from "./browser.mjs";
import { serveRows } from "./made.mjs";
import { SENT, fragmentOf } from "./sender.mjs";
import { inputDelay, longTasksDuring, watchTasks } from "./tasks.mjs";

// The larger ones keep the benchmark going while the page is watched.
const SIX = "lenet5,mobilenet_v2,efficientnet_lite0,efficientnet_lite2,resnet18,resnet50";
const RANDOM = ["squeezenet1_1", "mobilenet_v2", "resnet18", "resnet50"];

const schema = JSON.parse(await readFile(new URL("../../www/results.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {import("playwright-core").Page} page */
const withRandom = async (page) => serveRows(page, (await manifest()).filter(({ id }) => !RANDOM.includes(id)));

/**
 * @param {import("playwright-core").Page} page
 * @param {string} seconds
 */
async function start(page, seconds) {
  await page.getByLabel("Time for a row, at most").selectOption(seconds);
  await page.getByRole("button", { name: "Start the benchmark" }).click();
}

/** @param {import("playwright-core").Page} page */
const ended = (page) => page.getByText("The benchmark has ended.", { exact: true }).waitFor({ timeout: PATIENCE, state: "attached" });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} button
 * @returns {Promise<string>} what was saved
 */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFile(await download.path(), "utf8");
}

/** @param {import("playwright-core").Page} page */
async function resultOf(page) {
  const result = JSON.parse(await saved(page, "Save JSON"));
  assert.ok(validate(result), JSON.stringify(validate.errors));
  return result;
}

test("six networks on the CPU, with a page that stays quick; the result is saved, copied and sent", { timeout: PATIENCE }, async (t) => {
  const context = { permissions: ["clipboard-read", "clipboard-write"], acceptDownloads: true };
  const page = await visit(browser, `?networks=${SIX}&device=cpu&tab=benchmark`, { context, before: async (page) => {
    await withRandom(page);
    await watchTasks(page);
  } });
  const delays = [];
  const tasks = await longTasksDuring(page, async () => {
    await page.evaluate(() => { document.querySelector("#bench-announcement").textContent = ""; });
    await start(page, "3");
    await page.getByText(/^Measuring: about \d+\s(s|min) left, \d of 6 rows done$/).waitFor({ timeout: PATIENCE });
    const back = () => page.getByRole("button", { name: "Benchmark", exact: true }).click();
    delays.push(await inputDelay(page, page.getByRole("button", { name: "Many pictures" }), back));
    await back();
    assert.ok(await page.locator("#bench-run").isVisible(), "the benchmark ended before the page was watched");
    await ended(page);
  });
  t.diagnostic(`long tasks: ${tasks.join(", ") || "none"}; the other view was shown after ${delays.join(", ")} ms`);
  // The charts are drawn in one task, which takes about 40 ms here and a little more on a slower machine.
  assert.ok(tasks.length <= 4 && tasks.every((time) => time < 100), `tasks of ${tasks.join(", ")} ms`);
  assert.ok(Math.min(...delays) < 100, `${delays} ms`);

  const result = await resultOf(page);
  assert.deepEqual(result.rows.map(({ network }) => network), SIX.split(","));
  for (const { network, variant, runs, batch, median, low, high, p90, min, times, first, preprocess, settled, ended, framesPerSecond, gmacPerSecond, macs } of result.rows) {
    assert.equal(variant === "random", RANDOM.includes(network), network);
    const timings = runs / batch;
    assert.equal(times.length, timings, network);
    assert.ok(min <= low && low <= median && median <= high && median <= (p90 ?? Infinity), network);
    assert.equal(p90 === null, timings < 50, `${network}: p90 of ${timings} timings`);
    assert.equal(batch > 1, median < 100 * result.clockStep, `${network}: ${median} ms in batches of ${batch}, with a clock that steps by ${result.clockStep} ms`);
    const spent = runs * (median + preprocess);
    assert.equal(ended, settled ? "settled within 3 %" : "time used up", network);
    assert.ok(Math.abs(framesPerSecond * (median + preprocess) - 1000) < 1, `${network}: ${framesPerSecond} frames a second of ${preprocess} and ${median} ms`);
    assert.ok(timings >= 100 || spent > 700, `${network} ended after ${timings} timings and about ${spent} ms`);
    assert.ok(first > 0 && macs > 0 && Math.abs(gmacPerSecond * median * 1e6 - macs) < 0.001 * macs, `${network}: ${first} ms first, ${macs} in ${median} ms are ${gmacPerSecond} a second`);
    t.diagnostic(`${network}: ${median} ms (${low} to ${high}), ${timings} × ${batch} runs, ${ended}`);
  }
  const heads = await page.locator("#bench-table thead th").allTextContents();
  const cells = (/** @type {RegExp} */ name) => page.locator(`#bench-table tbody tr td:nth-of-type(${heads.findIndex((head) => name.test(head))})`).allTextContents(); // the names' column has no td
  const shares = result.rows.map(({ median, preprocess }) => preprocess / (median + preprocess));
  assert.deepEqual(await cells(/^Ended/), result.rows.map(({ ended }, i) => (ended === "time used up" && shares[i] > 0.5 ? `${ended}; ${(100 * shares[i]).toFixed(0)}\u00a0% of its time was preprocessing` : ended)));
  for (const [name, field] of [[/^Inference median, ms/, "median"], [/^Preprocess median, ms/, "preprocess"], [/^Frames/, "framesPerSecond"]]) {
    const shown = (await cells(name)).map(Number);
    assert.ok(shown.every((value, i) => Math.abs(value / result.rows[i][field] - 1) < 0.006), `${name}: ${shown}`);
  }
  const tops = await page.locator("#bench-table thead th .term").evaluateAll((terms) => terms.map((term) => term.getBoundingClientRect().top));
  assert.ok(tops.length > 8 && Math.max(...tops) - Math.min(...tops) < 1, `the heads stand at ${tops}`);
  assert.equal(await page.locator("#bench-table tbody .badge").count(), SIX.split(",").filter((id) => RANDOM.includes(id)).length);

  const csv = (await saved(page, "Save CSV")).trimEnd().split("\n");
  assert.equal(csv.length, 7);
  assert.ok(csv.every((line) => line.split(",").length >= csv[0].split(",").length));
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await page.getByText("The table is copied.").waitFor();
  assert.match(await clipboard(), /^\| network \|.*\n\| --- .*\n\| LeNet-5 \|/);
  await page.getByRole("button", { name: "Copy a link with the result" }).click();
  await page.getByText(/^The link is copied/).waitFor();
  const link = await clipboard();
  await closeVisit(page);

  const other = await visit(browser, link.slice(site().length), { before: withRandom });
  await other.getByText(/^Beside it, from the link: Chrome \d+ on \w+, ConvScope/).waitFor();
  assert.equal(await other.locator("#bench-table tbody tr").count(), 6);
  assert.match(await other.getByRole("row", { name: /^LeNet-5/ }).locator("td.theirs").first().textContent(), /^\d[\d.]*$/);
  await other.getByRole("button", { name: "Leave it out" }).click();
  await other.locator("#bench-results").waitFor({ state: "hidden" });
  assert.doesNotMatch(other.url(), /#/);
  await closeVisit(other);
});

/**
 * @param {number[]} times of runs
 * @param {number} batch runs that make one timing
 */
function quickestOf(times, batch) {
  const timings = Array.from({ length: Math.floor(times.length / batch) }, (_, i) => times.slice(i * batch, (i + 1) * batch).reduce((sum, time) => sum + time, 0) / batch);
  return Math.min(...timings);
}

test("its times are those of a bare engine in the same minute", { timeout: PATIENCE }, async (t) => {
  const ids = ["lenet5", "squeezenet1_1", "efficientnet_lite0"];
  const page = await visit(browser, `?networks=${ids}&device=cpu&threads=1&tab=benchmark`, { context: { acceptDownloads: true }, before: withRandom });
  await page.getByRole("button", { name: "Start the benchmark" }).and(page.locator(":enabled")).waitFor();
  const bare = await openBare(browser, ids, RANDOM, undefined, 1); // one may time two threads as the quickest, and the other one
  // Other programs slow runs down, some for seconds, and quicken none: of all turns together, each side's quickest timing tells
  // what it is capable of. What the page itself did during a run, a message or a drawing, would be in every one. Where the page is
  // the quicker one, the bare engine has had no quiet moment, unless it is so much quicker that it must have left something out.
  /** @type {Record<string, { page: number, bare: number }>} */
  const quickest = Object.fromEntries(ids.map((id) => [id, { page: Infinity, bare: Infinity }]));
  let off = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    const bareTimes = await bare.times(4);
    await page.evaluate(() => { document.querySelector("#bench-announcement").textContent = ""; });
    await start(page, "3");
    await page.getByText("The benchmark is running.").waitFor({ state: "attached" });
    await ended(page);
    const { rows } = await resultOf(page);
    off = rows.flatMap(({ network, min, batch }) => {
      const least = quickest[network];
      least.page = Math.min(least.page, min);
      least.bare = Math.min(least.bare, quickestOf(bareTimes[network], batch));
      t.diagnostic(`${network}: quickest ${least.page.toFixed(3)}, bare ${least.bare.toFixed(3)} ms`);
      return least.page < 1.25 * least.bare && least.page > 0.5 * least.bare ? [] : [`${network}: ${least.page} ms, and ${least.bare} ms of a bare engine`];
    });
    if (!off.length) break;
  }
  await bare.close();
  assert.deepEqual(off, []);
  await closeVisit(page);
});

test("cancelled on the way, what was measured stays; a second one beside the sender's", { timeout: PATIENCE }, async () => {
  // ResNet-50 needs seconds for the fewest runs of a row: the benchmark cannot end by itself before it is cancelled.
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0,resnet50&device=cpu&tab=benchmark", { context: { acceptDownloads: true }, before: withRandom });
  await start(page, "120");
  // LeNet-5 may begin anew after its first turn, with larger batches: until it has timings again there is nothing of it to stay.
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll("#bench-table tbody tr")];
    const runs = rows.map((row) => Number.parseInt(row.children[[...document.querySelectorAll("#bench-table thead th")].findIndex((head) => head.textContent.startsWith("Runs"))].textContent));
    return rows.length === 3 && runs.every((count) => count >= 3);
  });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText(/^It was cancelled/).waitFor({ timeout: 5000 });
  const { cancelled, rows } = await resultOf(page);
  assert.ok(cancelled);
  // LeNet-5 may begin anew with larger batches at this very moment, and then has nothing that could stay.
  assert.ok(rows.length >= 2, `${rows.length} rows`);
  assert.equal(rows.find(({ network }) => network === "resnet50").ended, "cancelled");
  await page.getByRole("button", { name: "One picture" }).click();
  await page.getByRole("list", { name: "Predictions of EfficientNet-Lite0", exact: true }).getByText("espresso", { exact: true }).waitFor();
  await closeVisit(page);
});

test("a hidden page is told, and the runs of that time are left out", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu&tab=benchmark", { context: { acceptDownloads: true } });
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await page.getByRole("button", { name: "Start the benchmark" }).and(page.locator(":enabled")).waitFor();
  await hide(true);
  await start(page, "3");
  await page.getByText(/^Waiting until the page is seen again/).waitFor();
  await hide(false);
  await ended(page);
  assert.ok((await resultOf(page)).hidden);
  await page.getByText(/^The page was hidden for a while/).waitFor();
  await closeVisit(page);
});

test("WebGPU in software is marked, beside the CPU", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=webgpu&tab=benchmark", { context: { acceptDownloads: true } });
  await page.getByText(/WebGPU runs in software here/).waitFor();
  await page.getByLabel("CPU", { exact: true }).and(page.locator("#bench-cpu")).check();
  assert.ok(await page.getByLabel("WebGPU, 16-bit floats").isDisabled(), "SwiftShader has no 16-bit floats");
  await start(page, "3");
  await ended(page);
  const { rows } = await resultOf(page);
  assert.deepEqual(rows.map(({ device, software }) => [device, software]), [["cpu", false], ["webgpu", true]]);
  await page.getByText(/^WebGPU ran on a software adapter/).waitFor();
  await closeVisit(page);
});

test("burn's devices are rows of their own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu&engine=burn&tab=benchmark", { context: { acceptDownloads: true } });
  await page.getByText(/WebGPU runs in software here/).waitFor();
  const boxes = () => page.locator("#bench-devices input").evaluateAll((inputs) => inputs.filter(({ checked }) => checked).map(({ id }) => id));
  assert.deepEqual(await boxes(), ["bench-burn-cpu"]);
  await page.locator("#bench-cpu").check();
  await page.getByLabel("WebGPU, burn").check();
  await start(page, "3");
  await ended(page);
  const { rows, busy } = await resultOf(page);
  assert.equal(busy, false);
  assert.deepEqual(rows.map(({ device, engine }) => [device, engine]), [["cpu", "convscope"], ["cpu", "burn"], ["webgpu", "burn"]]);
  assert.deepEqual(await page.locator("#bench-table tbody th small").allTextContents(), ["CPU", "CPU, burn", "WebGPU, burn, software"]);
  assert.match(await saved(page, "Save CSV"), /\nlenet5,q8,cpu,burn,false,/);
  await closeVisit(page);
});

test("without WebGPU, burn has the CPU alone; a build that is missing is told by its rows", { timeout: PATIENCE }, async () => {
  const without = await launch({ webgpu: false });
  try {
    const page = await visit(without, "?networks=lenet5&device=cpu&tab=benchmark", { before: (page) => page.route("**/pkg/burn/**", (route) => route.fulfill({ status: 404 })) });
    await page.getByText(/This browser has no WebGPU/).waitFor();
    assert.ok(await page.getByLabel("WebGPU, burn").isDisabled());
    await page.getByLabel("CPU, burn").check();
    await start(page, "3");
    await ended(page);
    await page.locator("#bench-failures").getByText(/^LeNet-5 on the CPU with burn: burn's build is not on this server\. Run `cargo xtask build`/).waitFor();
    assert.equal(await page.locator("#bench-table tbody tr").count(), 1);
  } finally {
    await without.close();
  }
});

test("what comes by a link is shown as text, whatever it is", { timeout: PATIENCE }, async () => {
  const harmful = '<img src=x onerror="document.title = 1">';
  const page = await visit(browser, `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf({ ...SENT, browser: harmful, rows: [{ ...SENT.rows[0], adapter: harmful }] })}`);
  await page.getByText(`Beside it, from the link: ${harmful} on Windows`).waitFor();
  await page.getByRole("img", { name: "The challenge, year by year" }).waitFor();
  assert.equal(await page.locator("#benchmark img").count(), 0);
  assert.equal(await page.title(), "ConvScope");
  await closeVisit(page);
});

test("a device that does not start, and a link that is damaged, are told in a sentence", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu&tab=benchmark#result=AAAA", {
    before: (page) => page.route("**/*.safetensors", (route) => route.abort()),
  });
  await errorSays(page, /The result in this link cannot be shown: it is damaged or was cut/);
  await start(page, "3");
  await page.locator("#bench-failures").getByText(/^LeNet-5 on the CPU: .*could not be downloaded/).waitFor();
  await closeVisit(page);
});
