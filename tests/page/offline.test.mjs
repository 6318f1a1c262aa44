// The service worker: the page without a network, new versions, isolation on hosts without headers, and browsers that refuse it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, becomes, launch, predictions, site } from "./browser.mjs";
import { hostedSite } from "./hostedSite.mjs";

const DIGIT = "?network=lenet5&device=cpu";
const READY = /^Ready to work offline/;
const NEW = "A new version of this page is ready.";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(async () => {
  await browser?.close();
  await Promise.all(hosts.map(({ leave }) => leave()));
});

/** @type {Awaited<ReturnType<typeof hostedSite>>[]} */
const hosts = [];

/** @param {Parameters<typeof hostedSite>[0]} [options] */
async function newHost(options) {
  const host = await hostedSite(options);
  hosts.push(host);
  return host;
}

/** A visitor whose browser has service workers. */
async function visitor() {
  const context = await browser.newContext({ serviceWorkers: "allow" });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  page.on("pageerror", (error) => console.log(`# uncaught on the page: ${error.message}`));
  return { context, page };
}

/** @param {import("playwright-core").Page} page */
const lenetRuns = (page) => page.locator("#status").filter({ hasText: /^LeNet-5$/ }).waitFor();

/** @param {import("playwright-core").Page} page */
const told = (page, text) => page.locator("#notices").getByText(text);

/** @param {string} edition */
const edition = (edition) => (/** @type {string} */ html) => html.replace("<head>", `<head><meta name="edition" content="${edition}">`);

/** @param {import("playwright-core").Page} page */
const editionOf = (page) => page.evaluate(() => document.querySelector('meta[name="edition"]')?.getAttribute("content") ?? "first");

/** The browser asks for a new version whenever the page is looked at again. @param {import("playwright-core").Page} page */
const lookAgain = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

test("after one visit the page opens and classifies without a network, also a view that was used", { timeout: PATIENCE }, async () => {
  const host = await newHost();
  const { context, page } = await visitor();
  await page.goto(`${host.address}?device=cpu`);
  const online = await predictions(page, "espresso");
  await told(page, READY).waitFor();
  await page.getByRole("link", { name: "Look inside", exact: true }).first().click();
  await page.locator('#layer-table tbody[aria-busy="false"] tr').first().waitFor();
  await host.leave();

  const again = await context.newPage();
  await again.goto(`${host.address}?device=cpu`);
  assert.deepEqual(await predictions(again, "espresso"), online);
  assert.equal(await told(again, READY).count(), 0, "it is told once");
  await again.getByRole("link", { name: "Look inside", exact: true }).first().click();
  await again.locator('#layer-table tbody[aria-busy="false"] tr').first().waitFor();
  await again.getByRole("link", { name: "Gradient lab" }).click();
  await again.getByText(/could not be downloaded|part of the page/).first().waitFor(); // it was not used before
  await context.close();
});

test("a new version waits and is offered: Later keeps the old one, Reload takes the new one, and no other tab is swapped", { timeout: PATIENCE }, async () => {
  const host = await newHost();
  const { context, page } = await visitor();
  await page.goto(host.address + DIGIT);
  await told(page, READY).waitFor();
  host.change("", "index.html", edition("second"));
  host.asked.length = 0;
  await lookAgain(page);
  await told(page, NEW).waitFor();
  const fetched = host.asked.filter((path) => !["sw.js", "www/shell.js"].includes(path));
  assert.deepEqual(fetched, [""], "only what differs is fetched");
  await page.getByRole("button", { name: "Later" }).click();
  await told(page, NEW).waitFor({ state: "detached" });
  assert.equal(await editionOf(page), "first");
  await page.reload();
  await lenetRuns(page);
  assert.equal(await editionOf(page), "first");

  const other = await context.newPage();
  await other.goto(host.address + DIGIT);
  await lenetRuns(other);
  await told(page, NEW).waitFor();
  await page.getByRole("button", { name: "Reload", exact: true }).click();
  await told(page, /open in other tabs/).waitFor();
  assert.deepEqual([await editionOf(page), await editionOf(other)], ["first", "first"]);
  await other.close();
  await page.getByRole("button", { name: "Reload", exact: true }).click();
  await page.waitForFunction(() => document.querySelector('meta[name="edition"]'));
  await lenetRuns(page);
  assert.equal(await editionOf(page), "second");
  await context.close();
});

test("a part that is fetched from a newer version is not kept, and the newer version is offered", { timeout: PATIENCE }, async () => {
  const host = await newHost();
  const { context, page } = await visitor();
  await page.goto(host.address + DIGIT);
  await told(page, READY).waitFor();
  const kept = () => page.evaluate(async () => {
    const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("convscope-shell")) ?? "");
    return (await cache.keys()).filter(({ url }) => url.includes("about.css")).length;
  });
  host.change("", "www/about/about.css", (before) => `${before}\n/* newer */`);
  await page.getByRole("link", { name: "Glossary" }).click();
  await page.getByText("Receptive field", { exact: true }).waitFor();
  await told(page, NEW).waitFor({ state: "attached" });
  assert.equal(await kept(), 0);
  await context.close();
});

test("two copies on one origin keep their own files and versions", { timeout: PATIENCE }, async () => {
  const host = await newHost({ folders: ["a/", "b/"] });
  host.change("b/", "index.html", edition("other"));
  const { context, page } = await visitor();
  await page.addInitScript(() => {
    const { setInterval } = globalThis;
    globalThis.setInterval = (call, delay) => {
      if (delay === 3_600_000) globalThis.hourHasPassed = call;
      return setInterval(call, delay);
    };
  });
  for (const folder of ["a/", "b/"]) {
    await page.goto(host.address + folder + DIGIT);
    await told(page, READY).waitFor();
  }
  host.change("b/", "index.html", edition("newer"));
  await page.evaluate(() => globalThis.hourHasPassed());
  await told(page, NEW).waitFor();
  await page.getByRole("button", { name: "Reload", exact: true }).click();
  await page.waitForFunction(() => document.querySelector('meta[name="edition"]')?.getAttribute("content") === "newer");
  await host.leave();
  await page.goto(`${host.address}a/${DIGIT}`);
  await lenetRuns(page);
  assert.equal(await editionOf(page), "first");
  assert.equal(await told(page, NEW).count(), 0);
  await context.close();
});

test("on a host without headers the page loads itself again once and is isolated, its workers too", { timeout: PATIENCE }, async () => {
  const host = await newHost({ isolates: false });
  const { context, page } = await visitor();
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.goto(host.address + DIGIT);
  await page.waitForFunction(() => globalThis.crossOriginIsolated === true);
  await told(page, READY).waitFor();
  assert.equal(loads, 2);
  const inWorker = await page.evaluate(() => new Promise((resolve) => {
    const worker = new Worker("www/worker.js", { type: "module" });
    worker.onerror = () => resolve("refused");
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve("runs");
    worker.postMessage({ id: 1, call: "none" }, [port2]);
    worker.onmessage = () => resolve("runs");
  }));
  assert.equal(inWorker, "runs");
  await page.reload();
  await lenetRuns(page);
  assert.equal(loads, 3);
  await host.leave();
  await page.reload();
  await lenetRuns(page);
  assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), true);
  await context.close();
});

test("the page does not load itself again for isolation once the visitor has begun", { timeout: PATIENCE }, async () => {
  const host = await newHost({ isolates: false });
  const { context, page } = await visitor();
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((/** @type {(value: void) => void} */ resolve) => (release = resolve));
  await context.route("**/sw.js", async (route) => { await held; await route.continue(); });
  await page.goto(host.address + DIGIT);
  await lenetRuns(page);
  await page.locator("#pad").click();
  release();
  await told(page, READY).waitFor();
  assert.equal(await page.evaluate(() => performance.getEntriesByType("navigation")[0].type), "navigate");
  assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), false);
  await context.close();
});

for (const [how, refuse] of /** @type {[string, () => void][]} */ ([
  ["refused", () => { navigator.serviceWorker.register = () => Promise.reject(new DOMException("refused", "SecurityError")); }],
  ["missing", () => { delete Object.getPrototypeOf(navigator).serviceWorker; }],
])) {
  test(`where service workers are ${how}, the page works without isolation and does not load itself again`, { timeout: PATIENCE }, async () => {
    const host = await newHost({ isolates: false });
    const { context, page } = await visitor();
    await page.addInitScript(refuse);
    let loads = 0;
    page.on("load", () => (loads += 1));
    await page.goto(host.address + DIGIT);
    await lenetRuns(page);
    assert.deepEqual([await page.evaluate(() => globalThis.crossOriginIsolated), loads], [false, 1]);
    await context.close();
    });
}

test("a page in development is never older than its files, and opens when its server is stopped", { timeout: PATIENCE }, async () => {
  const host = await newHost({ live: true });
  const { context, page } = await visitor();
  await page.goto(host.address + DIGIT);
  await told(page, READY).waitFor();
  host.change("", "index.html", edition("edited"));
  await page.reload();
  assert.equal(await editionOf(page), "edited");
  await lenetRuns(page);
  assert.equal(await told(page, NEW).count(), 0);
  await host.leave();
  await page.reload();
  await lenetRuns(page);
  assert.equal(await editionOf(page), "edited");
  await context.close();
});

test("another project at the address of a page in development is left alone", async () => {
  const host = await newHost({ live: true });
  const { context, page } = await visitor();
  await page.goto(host.address + DIGIT);
  await told(page, READY).waitFor();
  host.change("", "index.html", () => "<!doctype html><title>Another</title>");
  host.change("", "sw.js", null);
  await page.reload();
  assert.equal(await page.title(), "Another");
  await becomes(page, async () => (await navigator.serviceWorker.getRegistrations()).length === 0);
  await context.close();
});

test("the page can be installed: its manifest and icons are there and allowed", async () => {
  const html = await (await fetch(site())).text();
  assert.match(html, /manifest-src 'self'/);
  const url = new URL(/<link rel="manifest" href="([^"]+)">/.exec(html)?.[1] ?? "", site());
  const manifest = await (await fetch(url)).json();
  assert.equal(new URL(manifest.start_url, url).href, site());
  assert.equal(new URL(manifest.scope, url).href, site());
  for (const { src, sizes, type } of manifest.icons) {
    const answer = await fetch(new URL(src, url));
    assert.equal(answer.status, 200, src);
    assert.equal(answer.headers.get("content-type"), type, src);
    if (type !== "image/png") continue;
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src); // width and height stand in the first chunk
  }
  assert.ok(manifest.icons.some((/** @type {{ purpose?: string }} */ { purpose }) => purpose === "maskable"));
});
