// Two copies of the page on one origin, as /a/ and /b/: browsers keep one storage for both, and neither removes what is the other's.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, becomes, closeVisit, coffee, launch, manifest, predictions, site, visit } from "./browser.mjs";
import { SENT } from "./sender.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Serves the site a second and a third time; the copy at /b/ has LeNet-5 only. @param {import("playwright-core").Page} page */
async function twice(page) {
  await page.route(/^[^?]*\/[ab]\//, (route) => {
    const url = new URL(route.request().url());
    return route.continue({ url: site() + url.pathname.replace(/^.*?\/[ab]\//, "") + url.search });
  });
  const networks = (await manifest()).filter(({ id }) => id === "lenet5");
  await page.route("**/b/www/weights/manifest.json", (route) => route.fulfill({ json: { version: 1, networks } }));
}

/** Addresses in the cache of weights, without what they begin with. @param {import("playwright-core").Page} page */
const cached = (page) => page.evaluate(async () => (await (await caches.open("convscope-weights")).keys()).map(({ url }) => new URL(url).pathname.match(/[ab]\/.*?(?=[^/]*$)/)?.[0]));

/** What the page had removed is removed soon after it is ready. @param {import("playwright-core").Page} page @param {string[]} wanted */
async function waitForCached(page, wanted) {
  for (let i = 0; i < 100 && (await cached(page)).sort().join() !== wanted.join(); i++) await page.waitForTimeout(100);
  assert.deepEqual((await cached(page)).sort(), wanted);
}

test("weights of another copy stay, own ones that are not named any more go", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "a/?device=cpu", { before: twice });
  await predictions(page, "espresso");
  await waitForCached(page, ["a/www/weights/"]);
  const gone = `${site()}b/www/weights/sha256-gone`;
  await page.evaluate(async (gone) => (await caches.open("convscope-weights")).put(gone, new Response("old")), gone);
  await page.goto(`${site()}b/?network=lenet5&device=cpu`);
  await page.locator("#status").filter({ hasText: /^LeNet-5$/ }).waitFor();
  await becomes(page, async (gone) => !(await (await caches.open("convscope-weights")).match(gone)), gone);
  await waitForCached(page, ["a/www/weights/", "b/www/weights/"]);
  let asked = 0;
  page.on("request", (request) => { if (request.url().endsWith(".safetensors")) asked++; });
  await page.goto(`${site()}a/?device=cpu`);
  await predictions(page, "espresso");
  assert.equal(asked, 0, "the first copy's weights are still there");
  await closeVisit(page);
});

test("each copy keeps its own results; those of before are the first one's that asks, and are gone from where they were", { timeout: PATIENCE }, async () => {
  const result = { ...SENT, rows: SENT.rows.filter(({ network, device }) => network === "lenet5" && device === "cpu") };
  const QUERY = "?networks=lenet5&device=cpu&tab=benchmark";
  const page = await visit(browser, "www/samples.json");
  await twice(page);
  await page.evaluate((kept) => localStorage.setItem("convscope-results", kept), JSON.stringify([{ id: 1, result: { ...result, date: "2026-01-05T10:00Z" } }]));
  const kept = page.locator("#bench-kept-list li");
  await page.goto(`${site()}a/${QUERY}`);
  await kept.filter({ hasText: "2026-01-05" }).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).map((name) => name.replace(/ .*(?=\/a\/)/, " "))), ["convscope-results /a/"]);
  await page.goto(`${site()}b/${QUERY}`);
  await page.getByRole("button", { name: "Start the benchmark" }).and(page.locator(":enabled")).waitFor();
  assert.equal(await kept.count(), 0);
  await page.goto(`${site()}a/${QUERY}`);
  await kept.filter({ hasText: "2026-01-05" }).waitFor();
  await closeVisit(page);
});

test("a picture that was lost in one copy is not told of in the other", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "a/?device=cpu", { before: twice });
  await page.locator("#file").setInputFiles({ name: "mine.png", mimeType: "image/png", buffer: await coffee() });
  await page.getByText("mine.png", { exact: true }).waitFor();
  await page.goto(`${site()}b/?network=lenet5&device=cpu`);
  await page.locator("#status").filter({ hasText: /^LeNet-5$/ }).waitFor();
  assert.equal(await page.getByText("“mine.png” is not shown any more").count(), 0);
  await page.goto(`${site()}a/?device=cpu`);
  await page.getByText("“mine.png” is not shown any more").waitFor();
  await closeVisit(page);
});
