// Weights at rest: what is fetched again, by which tab, and the dialog that shows and deletes what this browser keeps.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { PATIENCE, becomes, closeVisit, launch, manifest, predictions, site, visit } from "./browser.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

const SHARDS = 3;
const BYTES = 50_000;

/** A network in several shards, which the test serves by itself: what they hold does not matter to a download. */
function madeRow() {
  const shards = Array.from({ length: SHARDS }, (_, i) => {
    const body = Buffer.alloc(BYTES, i + 1);
    return { body, file: `made/${i}.safetensors`, bytes: BYTES, sha256: createHash("sha256").update(body).digest("hex") };
  });
  return { bodies: shards.map(({ body }) => body), row: { id: "made", variant: "q8", bytes: SHARDS * BYTES, shards: shards.map(({ file, bytes, sha256 }) => ({ file, bytes, sha256 })) } };
}

/**
 * @param {import("playwright-core").BrowserContext} context
 * @param {Buffer[]} bodies
 * @param {{ fails?: (shard: number) => boolean, latency?: number }} [trouble]
 * @returns {Promise<number[]>} the shards that were asked for, as they are
 */
async function serveShards(context, bodies, { fails = () => false, latency = 0 } = {}) {
  /** @type {number[]} */
  const asked = [];
  await context.route("**/made/*.safetensors", async (route) => {
    const shard = Number(/(\d)\.safetensors/.exec(route.request().url())?.[1]);
    asked.push(shard);
    await new Promise((resolve) => setTimeout(resolve, latency));
    return fails(shard) ? route.abort() : route.fulfill({ body: bodies[shard], contentType: "application/octet-stream" });
  });
  return asked;
}

/**
 * Fetches weights with the page's own code.
 * @param {import("playwright-core").Page} page
 * @param {object} row
 */
const fetchRow = (page, row) => page.evaluate(async (row) => {
  const { fetchWeights } = await import(new URL("www/download.js", location.href).href);
  const shards = await fetchWeights(row, new AbortController().signal, () => {}, () => {}).catch((error) => error.message);
  return typeof shards === "string" ? shards : shards.map((shard) => [shard.length, shard[0]]);
}, row);

/** Waits until a number of shards is stored. @param {import("playwright-core").Page} page @param {number} count */
const waitForStored = (page, count) => becomes(page, async (count) => (await (await caches.open("convscope-weights")).keys()).length === count, count);

const WHOLE = Array.from({ length: SHARDS }, (_, i) => [BYTES, i + 1]);

test("after a broken connection only the missing shards are fetched again, and of a changed network only what differs", async () => {
  const { bodies, row } = madeRow();
  const page = await visit(browser, "www/samples.json");
  await page.goto(`${site()}?lab=vanishing`);
  const connection = { isBroken: true };
  const asked = await serveShards(page.context(), bodies, { fails: (shard) => connection.isBroken && shard === 1 });
  assert.match(String(await fetchRow(page, row)), /^1\.safetensors could not be downloaded/);
  await waitForStored(page, 2);
  connection.isBroken = false;
  asked.length = 0;
  assert.deepEqual(await fetchRow(page, row), WHOLE);
  assert.deepEqual(asked, [1]);

  await waitForStored(page, 3);
  bodies[2] = Buffer.alloc(BYTES, 9);
  const changed = { ...row, shards: row.shards.map((shard, i) => (i === 2 ? { ...shard, sha256: createHash("sha256").update(bodies[2]).digest("hex") } : shard)) };
  asked.length = 0;
  assert.deepEqual(await fetchRow(page, changed), [...WHOLE.slice(0, 2), [BYTES, 9]]);
  assert.deepEqual(asked, [2]);
  await closeVisit(page);
});

for (const [how, before, times] of /** @type {[string, () => void, number]} */ ([
  ["two tabs download weights once", () => {}, 1],
  ["without Web Locks each tab downloads for itself", () => { delete Object.getPrototypeOf(navigator).locks; }, 2],
  ["where Web Locks are refused each tab downloads for itself", () => { LockManager.prototype.request = () => Promise.reject(new DOMException("", "SecurityError")); }, 2],
])) {
  test(how, async () => {
    const { bodies, row } = madeRow();
    const first = await visit(browser, "?lab=vanishing", { before: (page) => page.addInitScript(before) });
    const second = await first.context().newPage();
    await second.addInitScript(before);
    await second.goto(`${site()}?lab=vanishing`);
    const asked = await serveShards(first.context(), bodies, { latency: 500 });
    assert.deepEqual(await Promise.all([fetchRow(first, row), fetchRow(second, row)]), [WHOLE, WHOLE]);
    assert.equal(asked.length, SHARDS * times);
    await closeVisit(first);
  });
}

test("a tab that gives up its download, or is closed, leaves it to the one that waits", async () => {
  const { bodies, row } = madeRow();
  const first = await visit(browser, "?lab=vanishing");
  const second = await first.context().newPage();
  await second.goto(`${site()}?lab=vanishing`);
  const server = { hangs: true };
  await first.context().route("**/made/*.safetensors", (route) => server.hangs ? undefined : route.fulfill({ body: bodies[Number(/(\d)\.safetensors/.exec(route.request().url())?.[1])] }));
  void fetchRow(first, row).catch(() => {});
  await first.waitForRequest(/made\/2\.safetensors/);
  const waiting = fetchRow(second, row);
  await becomes(second, async () => (await navigator.locks.query()).pending?.length === 3);
  server.hangs = false;
  await first.close();
  assert.deepEqual(await waiting, WHOLE);
  await second.context().close();
});

test("where the storage is full the network runs from memory, and the page says so", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: (page) => page.addInitScript(() => { Cache.prototype.put = () => Promise.reject(new DOMException("", "QuotaExceededError")); }) });
  await predictions(page, "espresso");
  await page.getByText("The weights could not be kept for the next visit: this browser's storage is full. They will be downloaded again.").waitFor();
  await page.getByRole("link", { name: "Stored weights" }).click();
  await page.getByRole("dialog", { name: "Stored weights" }).getByText("No weights are stored.").waitFor();
  await closeVisit(page);
});

/** Of weights that were made from a visitor's file. */
const OWN_BYTES = 7_000_000;

/** What the dialog lists. @param {import("playwright-core").Page} page */
const listed = (page) => page.locator("#stored-list li").evaluateAll((lines) => lines.map((line) => [...line.querySelectorAll("span")].map(({ textContent }) => textContent?.replace(/\u00a0/g, " ")).join(": ")));

/** Whose shards are stored. @param {import("playwright-core").Page} page */
async function storedNetworks(page) {
  const hashes = await page.evaluate(async () => (await (await caches.open("convscope-weights")).keys()).map(({ url }) => /sha256-(\w+)/.exec(url)?.[1]));
  return (await manifest()).filter(({ shards }) => shards.some(({ sha256 }) => hashes.includes(sha256))).map(({ id }) => id).sort();
}

test("the dialog lists what is stored with its sizes, and deletes one or all of it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=cpu");
  await page.locator("#answers-cards").getByText("espresso", { exact: true }).first().waitFor();
  await waitForStored(page, 2);
  const total = (await manifest()).filter(({ id }) => /^(lenet5|efficientnet_lite0)$/.test(id)).reduce((sum, { bytes }) => sum + bytes, OWN_BYTES);
  const sizes = Object.fromEntries((await manifest()).map(({ id, bytes }) => [id, `${(bytes / 1e6).toFixed(bytes < 1e5 ? 2 : 1)} MB`]));
  await page.evaluate((bytes) => localStorage.setItem("convscope-own-weights /", JSON.stringify([{ id: "lenet5", variant: "mine", bytes, shards: [], own: {}, here: "kept" }])), OWN_BYTES);
  await page.reload();
  await page.locator("#answers-cards").getByText("espresso", { exact: true }).first().waitFor();
  await page.getByRole("link", { name: "Stored weights" }).click();
  const dialog = page.getByRole("dialog", { name: "Stored weights" });
  await dialog.waitFor();
  assert.equal((await listed(page)).length, 3);
  assert.ok((await listed(page)).includes(`EfficientNet-Lite0: ${sizes.efficientnet_lite0}`), (await listed(page)).join("\n"));
  assert.match((await listed(page)).find((line) => /mine/.test(line)) ?? "", /from a file that you opened.*7\.0 MB/);
  await dialog.getByText(`3 sets of weights, ${(total / 1e6).toFixed(1)}\u00a0MB in all`, { exact: true }).waitFor();
  await dialog.getByText(/of the .* that this browser grants the site are taken/).waitFor();

  await dialog.getByRole("button", { name: "Delete the weights of EfficientNet-Lite0" }).click();
  await dialog.getByRole("status").getByText(/^EfficientNet-Lite0: deleted from this browser\./).waitFor();
  await page.waitForFunction(() => document.querySelectorAll("#stored-list li").length === 2);
  assert.deepEqual(await storedNetworks(page), ["lenet5"]);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "stored-heading", "the keyboard stays in the dialog");
  await dialog.getByRole("button", { name: "Delete all weights" }).click();
  await dialog.getByText("No weights are stored.").waitFor();
  assert.deepEqual(await storedNetworks(page), []);
  assert.equal(await page.evaluate(() => localStorage.getItem("convscope-own-weights /")), "[]");
  await dialog.getByRole("button", { name: "Close" }).click();
  assert.equal(await page.locator("#answers-cards").getByText("espresso", { exact: true }).count() > 0, true, "what runs goes on");
  await closeVisit(page);
});

for (const [answer, sentence] of /** @type {[boolean, RegExp]} */ ([
  [true, /^The browser keeps them until you delete them/],
  [false, /^The browser did not agree/],
])) {
  test(`the browser is asked to keep the weights only when the visitor wants it, and answers ${answer}`, async () => {
    const page = await visit(browser, "?lab=vanishing#stored", {
      before: (page) => page.addInitScript((answer) => {
        const asked = { times: 0 };
        Object.assign(globalThis, { asked });
        StorageManager.prototype.persisted = async () => asked.times > 0 && answer;
        StorageManager.prototype.persist = async () => { asked.times += 1; return answer; };
      }, answer),
    });
    const dialog = page.getByRole("dialog", { name: "Stored weights" });
    await dialog.getByText("The browser may delete them where it runs short of room.").waitFor();
    assert.equal(await page.evaluate(() => globalThis.asked.times), 0);
    await dialog.getByRole("button", { name: "Ask the browser to keep these weights" }).click();
    await dialog.getByRole("status").getByText(sentence).waitFor();
    assert.equal(await page.evaluate(() => globalThis.asked.times), 1);
    assert.equal(await dialog.getByRole("button", { name: /^Ask the browser/ }).count(), answer ? 0 : 1);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.waitForFunction(() => location.hash === ""); // the dialog tells that it is closed after it is hidden
    await closeVisit(page);
  });
}

test("a browser that stores nothing, or does not tell how much, has its sentence in the dialog", async () => {
  const page = await visit(browser, "?lab=vanishing#stored", { before: (page) => page.addInitScript(() => {
    CacheStorage.prototype.open = () => Promise.reject(new DOMException("", "SecurityError"));
    delete Object.getPrototypeOf(navigator).storage;
  }) });
  const dialog = page.getByRole("dialog", { name: "Stored weights" });
  for (const sentence of [/^This browser lets the page store nothing/, /^This browser does not tell how much/, /^This browser decides by itself/]) await dialog.getByText(sentence).waitFor();
  assert.equal(await dialog.getByRole("button").count(), 1, "only to close it");
  await closeVisit(page);
});

test("axe finds nothing in the dialog, also on a phone and in the dark", async () => {
  const page = await visit(browser, "?lab=vanishing", { context: { bypassCSP: true } });
  const [row] = (await manifest()).filter(({ id }) => id === "lenet5");
  await page.evaluate(async ({ sha256 }) => (await caches.open("convscope-weights")).put(new URL(`www/weights/sha256-${sha256}`, location.href.split("?")[0]), new Response("x")), row.shards[0]);
  await page.getByRole("link", { name: "Stored weights" }).click();
  await page.locator("#stored-list li").waitFor();
  await page.evaluate(AXE);
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      const faults = await page.evaluate(async () => (await globalThis.axe.run("#stored")).violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`)));
      assert.deepEqual(faults, []);
      assert.equal(await page.evaluate(() => document.querySelector("#stored").scrollWidth <= document.querySelector("#stored").clientWidth), true, "nothing sticks out");
    }
  }
  await closeVisit(page);
});
