// A first visit over bad Wi-Fi: what comes in which order, and what is said meanwhile.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import { Pace } from "../../www/pace.js";
import { downloadText } from "../../www/pure/text.js";
import { PATIENCE, closeVisit, launch, manifest, predictions, site } from "./browser.mjs";
import { slowSite } from "./slowSite.mjs";

/** Milestones are kept with ease on a machine that is otherwise idle; the limits leave room for other work. */
const BAD_WIFI = { bytesPerSecond: 200e3, latency: 150 };

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Notes when each milestone is reached, in milliseconds after the page's markup has come. Runs in the page. */
function watch() {
  const reached = (globalThis.reached = /** @type {Record<string, number>} */ ({}));
  const said = (globalThis.said = /** @type {string[]} */ ([]));
  const find = (/** @type {string} */ selector) => document.querySelector(selector);
  const isSeen = (/** @type {string} */ selector) => find(selector)?.checkVisibility() ?? false;
  /** @type {Record<string, () => unknown>} */
  const milestones = {
    list: () => isSeen("#network") && document.querySelectorAll("#network option").length > 10,
    picture: () => isSeen("#still") || (isSeen(".first-photo") && /** @type {HTMLImageElement} */ (find(".first-photo")).naturalWidth),
    card: () => isSeen("#card-name") && find("#card-name")?.textContent,
    thumbnails: () => document.querySelectorAll("#samples img").length > 1 && [...document.querySelectorAll("#samples img")].every((image) => /** @type {HTMLImageElement} */ (image).naturalWidth),
    progress: () => / of .*MB/.test(find("#status")?.textContent ?? ""),
    answer: () => find("#predictions li"),
  };
  const look = () => {
    const markup = /** @type {PerformanceNavigationTiming} */ (performance.getEntriesByType("navigation")[0]).responseEnd;
    for (const [name, isReached] of Object.entries(milestones)) if (!(name in reached) && isReached()) reached[name] = performance.now() - markup;
    const status = find("#status")?.textContent ?? "";
    if (status !== said.at(-1)) said.push(status);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

test("at 200 KB a second the list comes at once, then the picture, then the time that is left, and the answer with the last byte", { timeout: PATIENCE }, async (t) => {
  const slow = await slowSite(BAD_WIFI);
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.addInitScript(watch);
    await page.goto(`${slow.address}?device=cpu`, { waitUntil: "commit" });
    await predictions(page, "espresso");
    const { reached, said } = await page.evaluate(() => ({ reached: globalThis.reached, said: globalThis.said }));
    const sent = slow.sent();
    t.diagnostic(`milliseconds after the markup: ${Object.entries(reached).map(([name, time]) => `${name} ${time.toFixed(0)}`).join(", ")}; ${sent} bytes`);
    assert.ok(reached.list < 1500, `the list of networks came after ${reached.list} ms`);
    assert.ok(reached.picture < 3000, `the picture came after ${reached.picture} ms`);
    const order = ["list", "picture", "card", "answer"];
    assert.deepEqual(order.toSorted((one, other) => reached[one] - reached[other]), order);
    assert.ok(reached.thumbnails < reached.answer / 4, `the thumbnails came after ${reached.thumbnails} ms`);
    assert.ok(reached.progress < reached.answer / 4, "the status tells early what is missing");
    const lefts = said.flatMap((text) => /^Downloading EfficientNet-Lite0: \d\.\d of 5\.7\sMB, about (\d+)\ss left$/.exec(text)?.[1] ?? []).map(Number);
    assert.ok(lefts.length > 10, `the time left is told ${lefts.length} times`);
    const weights = (await manifest()).find(({ id }) => id === "efficientnet_lite0")?.bytes ?? 0;
    assert.ok(lefts.includes(Math.round(weights / 2 / BAD_WIFI.bytesPerSecond)), "half-way it says what half of the weights takes");
    const atBest = (sent / BAD_WIFI.bytesPerSecond) * 1000;
    assert.ok(reached.answer < 1.15 * atBest + 1000, `the answer came after ${reached.answer} ms, and all bytes take ${atBest} ms`);
    await closeVisit(page);
  } finally {
    slow.close();
  }
});

test("the sample photos are small, and their thumbnails smaller", async () => {
  const samples = await (await fetch(`${site()}www/samples.json`)).json();
  assert.ok(samples.length);
  for (const { id } of samples) {
    const [photo, thumbnail] = [`${id}.jpg`, `${id}.thumbnail.jpg`].map((file) => statSync(`www/samples/page/${file}`).size);
    assert.ok(photo <= 60_000, `${id}.jpg has ${photo} bytes`);
    assert.ok(thumbnail <= 4000, `${id}.thumbnail.jpg has ${thumbnail} bytes`);
  }
});

test("the time left is that of the last seconds' pace, and is not told too early", () => {
  const pace = new Pace();
  const left = (/** @type {number} */ received, /** @type {number} */ now) => pace.left(received, 1000, now);
  assert.equal(left(0, 0), null);
  assert.equal(left(100, 500), null, "too early");
  assert.equal(left(200, 1000), 4);
  assert.equal(left(200, 1500), 6, "it stands still, and takes longer");
  assert.equal(left(600, 6400), 400 / (400 / 4.9), "what is long ago does not count");
  assert.equal(left(0, 6500), null, "it begins again");
  assert.equal(downloadText("it", { received: 2e5, total: 1e6 }), "Downloading it: 0.2 of 1.0\u00a0MB");
  assert.equal(downloadText("it", { received: 2e5, total: 1e6, left: 4 }), "Downloading it: 0.2 of 1.0\u00a0MB, about 4\u00a0s left");
});
