// What a screen reader hears of the answers: each picture's, also where it is the same class again, and no chatter of a camera.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FAKE_CAMERA } from "./chromium.mjs";
import { PATIENCE, closeVisit, coffee, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false, flags: FAKE_CAMERA }); });
after(() => browser?.close());

/** @param {string} id of a region that is read out */
const listen = (id) => (page) => page.addInitScript((id) => {
  globalThis.heard = [];
  addEventListener("DOMContentLoaded", () => {
    const region = document.getElementById(id);
    new MutationObserver(() => globalThis.heard.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
}, id);

const heard = (page) => page.evaluate(() => globalThis.heard);
const hears = (page, count) => page.waitForFunction((count) => globalThis.heard.length >= count, count);
const SETTLED = 2000; // more than the page waits

async function open(page, name) {
  await page.locator("#file").setInputFiles({ name, mimeType: "image/png", buffer: await coffee() });
  await page.getByText(name, { exact: true }).waitFor();
}

test("another picture of the same class is announced again, in both views", { timeout: PATIENCE }, async () => {
  for (const [query, id, text] of [["?device=cpu&source=sample:coffee", "announcement", "First: espresso"], ["?networks=efficientnet_lite0,efficientnet_lite1&device=cpu&source=sample:coffee", "verdict-announcement", "Both say “espresso”."]]) {
    const page = await visit(browser, query, { before: listen(id) });
    await hears(page, 1);
    await open(page, "one.png");
    await hears(page, 2);
    await page.waitForTimeout(SETTLED);
    await open(page, "two.png");
    await hears(page, 3);
    await page.waitForTimeout(SETTLED);
    assert.deepEqual(await heard(page), [text, text, text]);
    await closeVisit(page);
  }
});

test("nothing is repeated where nothing was asked, and a camera does not repeat its class", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:coffee", { before: listen("announcement") });
  await predictions(page, "espresso");
  await hears(page, 1);
  await page.getByText("Median of 5 runs.").waitFor();
  await page.waitForTimeout(SETTLED);
  assert.deepEqual(await heard(page), ["First: espresso"]);

  // The fake camera's picture moves: its class is held still, so that only a repetition could be heard.
  await page.evaluate(() => {
    const paint = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const context = paint.getContext("2d");
    const photo = document.getElementById("still");
    const draw = () => context.drawImage(photo, 0, 0, 320, 240);
    setInterval(draw, 40);
    navigator.mediaDevices.getUserMedia = async () => paint.captureStream(25);
  });
  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
  await page.waitForTimeout(2 * SETTLED);
  const classes = await heard(page);
  assert.ok(classes.length <= 2, `a camera chatters: ${classes.join(", ")}`);
  await closeVisit(page);
});
