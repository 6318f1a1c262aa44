// The choice of the CPU's arithmetic and threads as visitors see it; with an engine that tells what it was asked for, and with the real one.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/**
 * Has engines on the CPU say that they compute as they were asked to, as an engine does on a machine with eight cores.
 * @param {{ dot8?: boolean, quickest?: number, isIsolated?: boolean }} [machine] quickest: the number of threads that it times as such
 * @returns {(page: import("playwright-core").Page) => Promise<unknown>}
 */
const machineWith = ({ dot8 = true, quickest = 4, isIsolated = true } = {}) => (page) => page.addInitScript(({ dot8, quickest, isIsolated }) => {
  Object.defineProperty(navigator, "hardwareConcurrency", { get: () => 8 });
  Object.defineProperty(globalThis, "crossOriginIsolated", { get: () => isIsolated });
  globalThis.created = [];
  const Real = Worker;
  globalThis.Worker = class extends Real {
    #asked = new Map();
    postMessage(request, transfer) {
      if (request.call === "create") {
        this.#asked.set(request.id, request.args[1]);
        globalThis.created.push(request.args[1]);
      }
      super.postMessage(request, transfer);
    }
    addEventListener(type, listener, options) {
      if (type !== "message") return super.addEventListener(type, listener, options);
      super.addEventListener(type, ({ data }) => {
        const asked = this.#asked.get(data.id);
        const isOwn = asked && data.value?.kind === "cpu" && data.value.engine === "convscope";
        if (isOwn) Object.assign(data.value, { dot8, arithmetic: asked.arithmetic ?? "f32", threads: isIsolated ? (asked.threads ?? quickest) : 1 });
        listener({ data });
      }, options);
    }
  };
}, { dot8, quickest, isIsolated });

const choice = (page, name) => page.getByRole("group", { name: "Arithmetic" }).getByRole("radio", { name });
const badge = (page, text) => page.locator("#answered-by").getByText(text, { exact: true }).waitFor();
const created = (page) => page.evaluate(() => globalThis.created);

test("8-bit arithmetic is chosen: the network is opened again, with the picture kept, and the address, the badge and the line below the times say so", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea", { before: machineWith() });
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await predictions(page);
  assert.equal(await page.locator("#adapter").textContent().then((text) => text?.replace(/.*, /, "")), "4 threads");
  await choice(page, "8-bit").check();
  await badge(page, "CPU, 8-bit");
  assert.match((await predictions(page))[0].label, /cat|tabby/i);
  assert.match(page.url(), /\?device=cpu&arithmetic=int8&source=sample:chelsea$/);
  assert.match(await page.locator("#adapter").textContent() ?? "", /^Computed by ConvScope on the CPU: .*, 4 threads, 8-bit arithmetic$/);
  assert.ok(await page.getByText(/^Most layers multiply whole numbers of 8 bits\./).isVisible());
  assert.deepEqual((await created(page)).map(({ arithmetic, threads }) => [arithmetic, threads]), [["f32", undefined], ["int8", 4]], "the number that was timed is handed on");

  await page.reload();
  await badge(page, "CPU, 8-bit");
  assert.ok(await choice(page, "8-bit").isChecked());
  await closeVisit(page);
});

test("where 8 bits gain nothing, the page says so, and they can still be tried", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: machineWith({ dot8: false }) });
  await page.getByText("This browser or machine has no fast 8-bit arithmetic, so that 8 bits gain nothing here, but they can still be tried.").waitFor();
  await choice(page, "8-bit").check();
  await badge(page, "CPU, 8-bit");
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await page.getByRole("checkbox", { name: "CPU, 8-bit: no fast 8-bit arithmetic here" }).waitFor();
  await closeVisit(page);
});

test("it concerns neither burn nor WebGPU, and is back with the CPU", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&arithmetic=int8&threads=2", { before: async (page) => {
    await machineWith()(page);
    await page.route("**/pkg/burn/**", () => {}); // it never comes
  } });
  await badge(page, "CPU, 8-bit");
  await page.getByRole("radio", { name: "burn" }).check();
  await page.getByText("burn computes with 32 bits: 8-bit arithmetic is ConvScope's, on the CPU.").waitFor();
  assert.deepEqual([await choice(page, "8-bit").isDisabled(), await choice(page, "32-bit").isChecked(), await page.locator("#threads").isDisabled(), await page.locator("#threads-note").textContent()], [true, true, true, "burn computes with one thread."]);
  assert.match(page.url(), /arithmetic=int8&threads=2/, "the choice is kept");
  await page.getByRole("radio", { name: "ConvScope" }).check();
  assert.deepEqual([await choice(page, "8-bit").isDisabled(), await choice(page, "8-bit").isChecked(), await page.locator("#threads").inputValue()], [false, true, "2"]);
  assert.equal((await created(page)).length, 1, "the engine before goes on");
  await closeVisit(page);
});

test("the number of threads: automatic or chosen, in a fold of its own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: machineWith() });
  await predictions(page, "espresso");
  await page.getByText("Threads: 4", { exact: true }).click();
  const select = page.getByLabel("Threads on the CPU");
  assert.deepEqual(await select.locator("option").allTextContents(), ["automatic: 4", "1", "2", "4", "8"]);
  await select.selectOption("2");
  await page.getByText("Threads: 2", { exact: true }).waitFor();
  await predictions(page, "espresso");
  assert.match(page.url(), /\?device=cpu&threads=2$/);
  await select.selectOption({ label: "automatic" });
  await page.getByText("Threads: 4", { exact: true }).waitFor();
  assert.match(page.url(), /\?device=cpu$/);
  assert.deepEqual((await created(page)).map(({ threads }) => threads), [undefined, 2, undefined], "automatic has it timed anew");
  await closeVisit(page);
});

test("in a page that is not isolated there is one thread, and it says why", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&threads=4", { before: machineWith({ isIsolated: false }) });
  await predictions(page, "espresso");
  await page.getByText("Threads: 1", { exact: true }).click();
  await page.getByText(/^One thread is used, because the site that serves this page does not isolate it/).waitFor();
  assert.ok(await page.getByLabel("Threads on the CPU").isDisabled());
  await closeVisit(page);
});

test("the benchmark has 8-bit arithmetic as a setup of its own, with its threads in every row", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&tab=benchmark&device=cpu&threads=2", { before: machineWith({ dot8: false }) });
  await page.getByRole("checkbox", { name: /^CPU, 8-bit/ }).check();
  await page.getByLabel("Time for a row, at most").selectOption("3");
  await page.getByRole("button", { name: "Start the benchmark" }).click();
  await page.getByText("The benchmark has ended.", { exact: true }).waitFor({ timeout: PATIENCE, state: "attached" });
  assert.deepEqual(await page.locator("#bench-table tbody th small").allTextContents(), ["CPU", "CPU, 8-bit", "no fast 8-bit arithmetic"]);
  await page.getByText(/^One row ran in 8-bit arithmetic where the browser or the machine has no fast/).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save JSON" }).click()]);
  const { version, rows } = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(version, 4);
  assert.deepEqual(rows.map(({ arithmetic, threads, dot8 }) => [arithmetic, threads, dot8]), [["f32", 2, false], ["int8", 2, false]]);
  const measured = (await created(page)).slice(-2).map(({ arithmetic, threads }) => [arithmetic, threads]);
  assert.deepEqual(measured, [["f32", 2], ["int8", 2]]);
  await closeVisit(page);
});

test("the engine computes in 8 bits when the page asks for it, and tells how many threads it used", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&arithmetic=int8&threads=2");
  await predictions(page, "espresso");
  await badge(page, "CPU, 8-bit");
  const [isIsolated, cores] = await page.evaluate(() => [crossOriginIsolated, navigator.hardwareConcurrency]);
  const threads = isIsolated && cores > 1 ? "2 threads" : "1 thread";
  assert.match(await page.locator("#adapter").textContent() ?? "", new RegExp(`, ${threads}, 8-bit arithmetic$`));
  await closeVisit(page);
});
