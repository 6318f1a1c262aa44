// Results survive a reload: the last five are kept in the browser, opened again and deleted; those of another choice are marked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, site, visit } from "./browser.mjs";
import { SENT } from "./sender.mjs";

const QUERY = "?networks=lenet5&device=cpu&tab=benchmark";

/** Each copy of the page on an origin keeps its own. */
const NAME = `convscope-results ${new URL(site()).pathname}`;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {string} date */
const resultOf = (date, network = "lenet5") => ({ ...SENT, date, rows: SENT.rows.filter((row) => row.network === network && row.device === "cpu") });

/**
 * @param {unknown} stored what an earlier visit left
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} [before]
 */
const visitWith = (stored, before) => visit(browser, QUERY, { before: async (page) => {
  await page.addInitScript(([name, stored]) => { if (stored !== null && !(name in localStorage)) localStorage.setItem(name, stored); }, [NAME, stored === null ? null : JSON.stringify(stored)]);
  await before?.(page);
} });

/** @param {import("playwright-core").Page} page */
const kept = (page) => page.locator("#bench-kept-list li");

/** @param {import("playwright-core").Page} page */
async function measure(page) {
  await page.evaluate(() => { document.querySelector("#bench-announcement").textContent = ""; });
  await page.getByLabel("Time for a row, at most").selectOption("3");
  await page.getByRole("button", { name: "Start the benchmark" }).click();
  await page.getByText("The benchmark has ended.", { exact: true }).waitFor({ timeout: PATIENCE, state: "attached" });
}

test("a result is there after a reload, is deleted for good, and nothing is announced as ended that did not run", { timeout: PATIENCE }, async () => {
  const page = await visitWith(null);
  await measure(page);
  const cells = () => page.locator("#bench-table tbody td").allTextContents();
  const before = await cells();
  assert.equal(await kept(page).count(), 1);
  await page.reload();
  await page.locator("#bench-table tbody td").first().waitFor();
  assert.deepEqual(await cells(), before);
  assert.equal(await page.locator("#bench-announcement").textContent(), "");
  assert.ok(await page.locator(".badge.other").count() === 0, "it is of the present choice");
  await page.getByRole("button", { name: /^Delete the result of .*: LeNet-5, CPU$/ }).click();
  await page.locator("#bench-results").waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("button", { name: "Start the benchmark" }).and(page.locator(":enabled")).waitFor();
  assert.equal(await kept(page).count(), 0);
  await closeVisit(page);
});

test("the last five are kept, also of an earlier version; a sixth takes the place of the oldest", { timeout: PATIENCE }, async () => {
  const { batch: _batch, ended: _ended, ...earlier } = resultOf("2026-01-01T10:00Z").rows[0];
  const old = { ...SENT, version: 2, date: "2026-01-01T10:00Z", rows: [{ ...earlier, runs: 20 }] };
  const days = ["05", "04", "03", "02"].map((day) => resultOf(`2026-01-${day}T10:00Z`));
  const page = await visitWith([...days, old].map((result, i) => ({ id: 5 - i, result })));
  await kept(page).nth(4).waitFor();
  await page.locator("#bench-machine").getByText(/2026-01-05 10:00 UTC$/).waitFor();
  await page.getByRole("button", { name: /^Open the result of 2026-01-01/ }).click();
  await page.locator("#bench-machine").getByText(/2026-01-01 10:00 UTC$/).waitFor();
  const cells = await page.locator("#bench-table tbody td").allTextContents();
  assert.ok(cells.includes("too few") && cells.includes("not told"), cells.join(" | "));
  await measure(page);
  assert.equal(await kept(page).count(), 5);
  assert.equal(await kept(page).filter({ hasText: "2026-01-01" }).count(), 0);
  await page.reload();
  await kept(page).nth(4).waitFor();
  assert.equal(await kept(page).filter({ hasText: "2026-01-02" }).count(), 1);
  await closeVisit(page);
});

test("a link that chat programs would cut is told, a shorter one is not, and either shows what its sender saw", { timeout: PATIENCE }, async () => {
  const of = (/** @type {number} */ count) => ({ ...SENT, rows: Array.from({ length: count }, (_, i) => ({ ...SENT.rows[i % 6], network: `network_${i}`, median: 1 + Math.sin(i), first: 2 + Math.cos(i), load: 3 + Math.cos(7 * i), p90: 4 + Math.sin(3 * i), macs: 1e6 * i ** 2, activationBytes: 12_345 * i })) });
  const page = await visitWith([{ id: 2, result: of(64) }, { id: 1, result: { ...of(8), date: "2026-01-01T10:00Z" } }], (page) => page.addInitScript(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("denied")); }));
  const field = page.getByRole("textbox", { name: "To copy" });
  const copy = async () => {
    await page.getByRole("button", { name: "Copy a link with the result" }).click();
    await field.waitFor();
    return { link: await field.inputValue(), said: await page.locator("#share-said").textContent() };
  };
  const long = await copy();
  assert.ok(long.link.length > 2000);
  assert.equal(long.said, `This browser does not let the page copy: copy it from here. It has ${long.link.length.toLocaleString("en")} letters, and many chat programs cut a link after 2,000: send the JSON file there instead.`);
  await page.getByRole("button", { name: /^Open the result of 2026-01-01/ }).click();
  await page.locator("#bench-machine").getByText(/2026-01-01 10:00 UTC$/).waitFor();
  const short = await copy();
  assert.ok(short.link.length < 2000);
  assert.equal(short.said, "This browser does not let the page copy: copy it from here.");
  const own = await page.locator("#bench-table tbody td").allTextContents();
  await closeVisit(page);
  const other = await visit(browser, short.link.slice(site().length));
  await other.locator("#bench-table td.theirs").first().waitFor();
  const theirs = await other.locator("#bench-table td.theirs").allTextContents();
  assert.ok(theirs.length >= 8 && theirs.every((text) => own.includes(text)), `${theirs} of ${own}`);
  await closeVisit(other);
});

test("rows of another choice are marked, as long as it is another one", { timeout: PATIENCE }, async () => {
  const rows = SENT.rows.filter(({ network }) => ["lenet5", "vgg16"].includes(network));
  const page = await visitWith([{ id: 1, result: { ...SENT, rows } }]);
  await page.getByText(/^Marked rows were measured with another choice/).waitFor();
  const marks = () => page.locator("#bench-table tbody tr").evaluateAll((rows) => rows.map((row) => row.querySelector(".other")?.textContent ?? ""));
  assert.deepEqual(await marks(), ["", "network not chosen now", "device not chosen now", "network not chosen now"]);
  await page.locator("#choice-list").getByText("VGG-16").click();
  await page.locator("#bench-table tbody tr").nth(1).getByText("other weights now").waitFor(); // this server has none of VGG-16
  await closeVisit(page);
});

test("a storage that is full loses the single times first, and one that is blocked is told with what to do", { timeout: PATIENCE }, async () => {
  const full = await visitWith(null, (page) => page.addInitScript(() => {
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (name, value) {
      if (/"times"/.test(value)) throw new DOMException("full", "QuotaExceededError");
      set.call(this, name, value);
    };
  }));
  await measure(full);
  assert.equal(await full.locator("#bench-kept-trouble").textContent(), "");
  await full.reload();
  await full.locator("#bench-table tbody td").first().waitFor();
  await closeVisit(full);

  const blocked = await visitWith(null, (page) => page.addInitScript(() => Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } })));
  await blocked.getByRole("button", { name: "Start the benchmark" }).and(blocked.locator(":enabled")).waitFor();
  await measure(blocked);
  await blocked.getByText(/^This browser keeps no results for the page: its storage is blocked or full\. Save a result as a file/).waitFor();
  assert.equal(await blocked.locator("#bench-table tbody tr").count(), 1);
  await closeVisit(blocked);
});

test("what cannot be read is told and harms nothing", { timeout: PATIENCE }, async () => {
  const page = await visitWith([{ id: 3, result: { ...SENT, version: 9 } }, { id: 2, result: { format: "convscope-benchmark", version: 3 } }, { id: 1, result: resultOf("2026-01-05T10:00Z") }]);
  await page.getByText("One kept result could not be read and was deleted. One kept result cannot be read by this version of the page: a newer one made it.").waitFor();
  assert.equal(await kept(page).count(), 1);
  assert.deepEqual(await page.evaluate((name) => JSON.parse(localStorage.getItem(name)).map(({ id }) => id), NAME), [3, 1]);
  await page.getByRole("button", { name: /^Delete the result of/ }).press("Enter");
  await page.locator("#bench-start:focus").waitFor();
  await closeVisit(page);

  const without = await visitWith([{ id: 1, result: resultOf("2026-01-05T10:00Z") }], (page) => page.route("**/results.schema.json", (route) => route.abort()));
  await without.getByText("The results of earlier visits cannot be shown. A part of the page could not be downloaded. Check the connection and try again.").waitFor();
  assert.equal(await without.getByRole("alert").textContent(), "");
  await closeVisit(without);
});
