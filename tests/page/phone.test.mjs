// Every view on a phone: where the sources and the verdict are, how large what is tapped is, and how wide the page is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, visit } from "./browser.mjs";
import { VIEWS, openAll } from "./everyView.mjs";
import { look } from "./seen.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const FINGER = 44; // pixels
const NARROW = [390, 360, 320];

let browser;
before(async () => { browser = await launch({ webgpu: false, flags: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] }); });
after(() => browser?.close());

/** What is smaller than a finger needs. */
const small = (page) => page.evaluate((least) => globalThis.seen.controls().flatMap((control) => {
  const { width, height } = control.getBoundingClientRect();
  return Math.min(width, height) < least - 0.1 ? [`${globalThis.seen.name(control)}: ${width.toFixed(0)} × ${height.toFixed(0)}`] : [];
}), FINGER);

/** @returns {Promise<Record<string, { top: number, bottom: number }>>} where they are in the window */
const places = (page, selectors) => page.evaluate((selectors) => Object.fromEntries(selectors.map((selector) => [selector, document.querySelector(selector).getBoundingClientRect().toJSON()])), selectors);

/** Of tables that are wider than their place, once they are scrolled: what is wrong with their first column or their edge. */
const loose = (page) => page.evaluate(() => [...document.querySelectorAll(".scroll, .layer-scroll")].filter((scroll) => globalThis.seen.visible(scroll) && scroll.scrollWidth > scroll.clientWidth + 1).flatMap((scroll) => {
  scroll.scrollLeft = 60;
  const left = scroll.getBoundingClientRect().left + scroll.clientLeft;
  const heads = [...scroll.querySelectorAll("tbody tr")].slice(0, 3).map((row) => row.querySelector("[data-column=name]") ?? row.firstElementChild);
  return heads.filter((head) => {
    const { position, borderRightWidth, borderRightColor, backgroundColor } = getComputedStyle(head);
    const isOpaque = (colour) => !/^rgba\(|transparent|\/ 0/.test(colour);
    return Math.abs(head.getBoundingClientRect().left - left) > 1 || position !== "sticky" || parseFloat(borderRightWidth) < 1 || !isOpaque(borderRightColor) || !isOpaque(backgroundColor);
  }).map(globalThis.seen.name);
}));

for (const [name, view] of Object.entries(VIEWS)) {
  test(`${name}, on a phone: room for a finger, no wider than the screen, tables whose first column stays`, async () => {
    const page = await visit(browser, view.query, { context: PHONE });
    await openAll(page, view);
    await look(page);
    assert.deepEqual(await small(page), []);
    assert.deepEqual(await loose(page), []);
    assert.deepEqual(await page.evaluate(() => globalThis.seen.cut()), []);
    for (const width of NARROW) {
      await page.setViewportSize({ width, height: 844 });
      assert.equal(await page.evaluate(() => globalThis.seen.pageWidth()), width);
    }
    await closeVisit(page);
  });
}

test("the sources stand under the picture, and the verdict of a comparison between them, without scrolling", async () => {
  const page = await visit(browser, VIEWS["one network"].query, { context: PHONE });
  await page.locator(VIEWS["one network"].ready).first().waitFor();
  const single = await places(page, ["#stage", ".sources", "#predictions li"]);
  assert.ok(single[".sources"].top - single["#stage"].bottom < 90 && single[".sources"].top >= single["#stage"].bottom, JSON.stringify(single));
  assert.ok(single["#predictions li"].bottom < 844, JSON.stringify(single));
  await closeVisit(page);

  const compared = await visit(browser, VIEWS["compare, one picture"].query, { context: PHONE });
  await compared.locator(VIEWS["compare, one picture"].ready).first().waitFor();
  const places2 = await places(compared, ["#stage", "#verdict", ".sources", ".entry"]);
  assert.ok(places2["#verdict"].top >= places2["#stage"].bottom && places2["#verdict"].top - places2["#stage"].bottom < 40, JSON.stringify(places2));
  assert.ok(places2["#verdict"].bottom < 844 && places2[".sources"].top - places2["#verdict"].bottom < 110 && places2[".entry"].top > places2[".sources"].bottom, JSON.stringify(places2));
  await closeVisit(compared);
});

test("a source that is chosen brings the picture into sight, without a movement where none is wanted", async () => {
  const page = await visit(browser, VIEWS["one network"].query, { context: PHONE });
  await page.locator(VIEWS["one network"].ready).first().waitFor();
  /** Chooses a sample while the picture is out of sight; where the picture's upper edge is then. */
  const choose = (sample) => page.evaluate((sample) => {
    scrollTo({ top: document.querySelector("#stage").getBoundingClientRect().bottom + scrollY, behavior: "instant" });
    document.querySelectorAll("#samples button")[sample].click();
    return document.querySelector("#stage").getBoundingClientRect().top;
  }, sample);
  await page.emulateMedia({ reducedMotion: "reduce" });
  assert.ok((await choose(1)) >= 0, "at once");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.ok((await choose(2)) < 0, "it moves there");
  await page.waitForFunction(() => document.querySelector("#stage").getBoundingClientRect().top >= 0);
  await closeVisit(page);
});

test("what was tapped can be read", async () => {
  const page = await visit(browser, VIEWS["compare, one picture"].query, { context: PHONE });
  await page.locator(VIEWS["compare, one picture"].ready).first().waitFor();
  await look(page);
  const contrast = (selector) => page.locator(selector).evaluate((button) => globalThis.seen.contrast(button));
  await page.locator("#use-camera").tap();
  await page.locator('#use-camera[aria-pressed="true"]').waitFor();
  assert.ok((await contrast("#use-camera")) >= 4.5, "Stop");
  await page.locator("#presets button", { hasText: "phone" }).tap();
  await page.locator('#presets [aria-pressed="true"]').waitFor();
  assert.ok((await contrast('#presets [aria-pressed="true"]')) >= 4.5, "the preset");
  await closeVisit(page);
});
