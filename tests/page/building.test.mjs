// A server that still builds while it serves: the page says so, waits for what it needs, and takes what has come.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, manifest, predictions, visit } from "./browser.mjs";

const BURN = { name: "burn", text: "being built, 3 min of about 9 min" };

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * A server that has not all yet.
 * @param {{ building: { name: string, text: string }[], without?: string[] }} state of it, which may be changed
 */
const builds = (state) => async (page) => {
  const rows = await manifest();
  await page.route("**/weights/manifest.json", (route) => {
    const networks = rows.filter(({ id }) => !state.without?.includes(id));
    const building = state.building.length ? { building: state.building } : {};
    return route.fulfill({ json: { version: 1, networks, ...building } });
  });
  page.on("request", (request) => { if (request.url().endsWith("manifest.json")) state.asked = (state.asked ?? 0) + 1; });
};

/** @param {import("playwright-core").Page} page */
const line = (page) => page.getByText(/^This server is still preparing what cannot be used yet: /);

/** @param {import("playwright-core").Page} page @param {string} steps */
const says = (page, steps) => page.getByText(`This server is still preparing what cannot be used yet: ${steps}.`, { exact: true }).waitFor();

test("burn can be chosen once it is built", { timeout: PATIENCE }, async () => {
  const reader = { name: "reader", text: "being built, 3 min, longer than the usual 1 min" };
  const state = { building: [reader, BURN, { name: "weights of lenet5", text: "waiting" }], asked: 0 };
  const page = await visit(browser, "?device=cpu", { before: builds(state) });
  await predictions(page, "espresso");
  const burnIs = (/** @type {string} */ text) => `burn, the second engine, which also trains in the gradient lab (${text})`;
  await says(page, `opening weights of your own (being built, 3 min, longer than the usual 1 min); ${burnIs(BURN.text)}; weights of LeNet-5 (waiting)`);
  const burn = page.getByRole("radio", { name: "burn" });
  assert.ok(await burn.isDisabled());
  assert.ok(await page.getByText("being built", { exact: true }).isVisible());

  state.building = [{ ...BURN, text: "being built, 4 min of about 9 min" }];
  await says(page, burnIs("being built, 4 min of about 9 min"));
  state.building = [{ name: "digits", text: "being built" }, { name: "further networks", text: "waiting" }];
  await says(page, "the gradient lab's digits (being built); weights of further networks (waiting)");
  state.building = [];
  await line(page).waitFor({ state: "hidden" });
  assert.ok(await burn.isEnabled());
  assert.ok(await page.getByText("being built", { exact: true }).isHidden());
  const { asked } = state;
  await page.waitForTimeout(3500);
  assert.equal(state.asked, asked, "the server is asked although it builds nothing");
  await closeVisit(page);
});

for (const query of ["?device=cpu&engine=burn", "?networks=efficientnet_lite0&device=cpu&engine=burn"]) {
  test(`an address that asks for burn waits for it: ${query}`, { timeout: PATIENCE }, async () => {
    const state = { building: [BURN] };
    const page = await visit(browser, query, { before: builds(state) });
    await page.getByText("burn is not built yet: being built, 3 min of about 9 min", { exact: true }).filter({ visible: true }).waitFor();
    await page.getByText(/^EfficientNet-Lite0/).first().waitFor({ state: "attached" });
    assert.match(page.url(), /engine=burn/);
    state.building = [];
    await page.getByRole("list", { name: /^Predictions/ }).getByText("espresso", { exact: true }).first().waitFor();
    assert.ok(await page.getByRole("radio", { name: "burn" }).isChecked());
    await closeVisit(page);
  });
}

test("who does not want to wait for burn need not", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&engine=burn", { before: builds({ building: [BURN] }) });
  await page.getByText(/^burn is not built yet/).first().waitFor();
  await page.getByRole("radio", { name: "ConvScope" }).check();
  await predictions(page, "espresso");
  await page.waitForURL(/\?device=cpu$/);
  await closeVisit(page);
});

test("weights that have come are taken", { timeout: PATIENCE }, async () => {
  const state = { building: [{ name: "weights of efficientnet_lite0", text: "being converted" }], without: ["efficientnet_lite0"] };
  const page = await visit(browser, "?device=cpu", { before: builds(state) });
  await page.getByText("random weights: speed only", { exact: true }).waitFor();
  await page.getByText(/^This server is still preparing the official weights/).waitFor();
  assert.ok(await page.getByText("cargo xtask weights efficientnet_lite0", { exact: true }).isHidden());
  state.without = [];
  state.building = [];
  await predictions(page, "espresso");
  await page.getByText("random weights: speed only", { exact: true }).waitFor({ state: "hidden" });
  await closeVisit(page);
});

test("weights that have come are taken by compared networks", { timeout: PATIENCE }, async () => {
  const state = { building: [{ name: "weights of efficientnet_lite0", text: "being converted" }], without: ["efficientnet_lite0"] };
  const page = await visit(browser, "?networks=efficientnet_lite0&device=cpu", { before: builds(state) });
  await page.getByText(/^No answer: with random weights/).waitFor();
  assert.match(await page.locator("#entries label", { hasText: "EfficientNet-Lite0" }).textContent(), /2020, speed only$/);
  state.without = [];
  state.building = [];
  await page.getByRole("list", { name: "Predictions of EfficientNet-Lite0", exact: true }).getByText("espresso", { exact: true }).waitFor();
  assert.match(await page.locator("#entries label", { hasText: "EfficientNet-Lite0" }).textContent(), /2020, recognises pictures, 5\.7\sMB$/);
  await closeVisit(page);
});

test("a benchmark on a machine that builds is marked", { timeout: PATIENCE }, async () => {
  const state = { building: [BURN] };
  const page = await visit(browser, "?networks=lenet5&device=cpu&tab=benchmark", { before: builds(state), context: { acceptDownloads: true } });
  await page.getByText(/^The server of this page is still building on this machine/).waitFor();
  assert.ok(await page.getByLabel("CPU, burn").isDisabled());
  await page.getByLabel("Time for a row, at most").selectOption("3");
  await page.getByRole("button", { name: "Start the benchmark" }).click();
  await page.getByText(/^The server of the page was still building on this machine during the benchmark/).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save JSON" }).click()]);
  assert.equal(JSON.parse(await readFile(await download.path(), "utf8")).busy, true);
  state.building = [];
  await page.getByText(/^The server of this page is still building on this machine/).waitFor({ state: "hidden" });
  await closeVisit(page);
});

test("a server that answers no more is not asked again, and burn is no longer waited for", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: builds({ building: [BURN] }) });
  await predictions(page, "espresso");
  await line(page).waitFor();
  let failures = 0;
  await page.route("**/weights/manifest.json", (route) => {
    failures += 1;
    return route.abort();
  });
  await line(page).waitFor({ state: "hidden" });
  assert.ok(failures >= 3, `the page gave up after ${failures} failures`);
  assert.ok(await page.getByRole("radio", { name: "burn" }).isEnabled());
  await predictions(page, "espresso");
  await closeVisit(page);
});
