// Address, keyboard, cache, and switching faster than the page can follow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, becomes, closeVisit, coffee, launch, predictions, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("an address brings its state back", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu&source=sample:chelsea");
  await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  assert.equal(await page.getByLabel("Network").inputValue(), "lenet5");
  assert.ok(await page.getByRole("radio", { name: "CPU" }).isChecked());
  assert.match(page.url(), /\?network=lenet5&device=cpu&source=sample:chelsea$/);
  await closeVisit(page);
});

test("choices change the address, and defaults are left out", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "");
  await predictions(page);
  assert.equal(new URL(page.url()).search, "");
  await page.getByRole("radio", { name: "CPU" }).check();
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.waitForURL(/\?device=cpu&source=sample:chelsea$/);
  await page.getByLabel("Network").selectOption("lenet5");
  await page.waitForURL(/\?network=lenet5&device=cpu$/);
  await page.getByRole("img", { name: /^Drawing pad/ }).waitFor();
  await page.getByLabel("Network").selectOption("efficientnet_lite0");
  await page.waitForURL(/\?device=cpu$/);
  assert.match((await predictions(page, "espresso"))[0].text, /espresso/);
  await closeVisit(page);
});

test("going back and forth in the history brings the state back", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await page.evaluate(() => {
    history.pushState(null, "", "?device=cpu&source=sample:chelsea");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.goBack();
  await page.getByText(/^A cup of espresso\. /).waitFor();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("of two quick steps in the history the last one counts", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  const compared = page.waitForResponse(/compare\/view\.js/);
  await page.evaluate(() => {
    for (const address of ["?networks=lenet5,efficientnet_lite0&device=cpu", "?device=cpu&source=sample:chelsea"]) {
      history.pushState(null, "", address);
      dispatchEvent(new PopStateEvent("popstate"));
    }
  });
  await compared;
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.waitForTimeout(1000);
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.waitForURL(/\?device=cpu&source=sample:chelsea$/);
  await closeVisit(page);
});

test("a picture that the visitor opened stays, whatever network and view is chosen", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea");
  await predictions(page);
  await page.locator("#file").setInputFiles({ name: "mine.png", mimeType: "image/png", buffer: await coffee() });
  const stays = async () => {
    await page.locator("#caption").getByText("mine.png", { exact: true }).waitFor();
    await page.locator('#still:not([hidden])[aria-label="mine.png"]').waitFor();
  };
  await stays();
  await predictions(page, "espresso");

  const network = page.getByLabel("Network");
  for (const [id, name] of [["efficientnet_lite1", "EfficientNet-Lite1"], ["lenet5", "LeNet-5"], ["efficientnet_lite0", "EfficientNet-Lite0"]]) {
    await network.selectOption(id);
    await page.locator("#status").getByText(name, { exact: true }).waitFor();
    if (id === "lenet5") await predictions(page); // digits: what it says of coffee does not matter
    else await predictions(page, "espresso");
    await stays();
  }

  await page.getByRole("link", { name: "Compare" }).click();
  const compared = page.getByRole("list", { name: "Predictions of EfficientNet-Lite0", exact: true });
  await compared.getByText("espresso", { exact: true }).waitFor();
  await stays();
  await page.goBack();
  await page.locator("#results-heading").waitFor();
  await stays();
  await predictions(page, "espresso");
  await page.goForward();
  await compared.getByText("espresso", { exact: true }).waitFor();
  await stays();
  await closeVisit(page);
});

/** Counts the calls to the engine's worker and the frames that are taken from the camera. @param {import("playwright-core").Page} page */
const countCalls = (page) => page.addInitScript(() => {
  globalThis.calls = { frames: 0 };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (request, ...rest) {
    globalThis.calls[request.call] = (globalThis.calls[request.call] ?? 0) + 1;
    return post.call(this, request, ...rest);
  };
  const Real = VideoFrame;
  globalThis.VideoFrame = class extends Real {
    constructor(...args) {
      super(...args);
      globalThis.calls.frames++;
    }
  };
});

test("what is known before the page's controls have come is shown when they come", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&network=nonesuch", {
    before: (page) => page.route("**/sharedViews.js", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await route.continue();
    }),
  });
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.getByRole("alert").getByText(/no network “nonesuch”/).waitFor();
  assert.match((await predictions(page))[0].label, /cat|tabby/i);
  await closeVisit(page);
});

test("the engine and the network stay from one view to the other", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: countCalls });
  await predictions(page, "espresso");
  await page.getByRole("link", { name: "Compare" }).click();
  const compared = page.getByRole("list", { name: /^Predictions of EfficientNet-Lite/ });
  for (const i of [0, 1]) await compared.nth(i).getByText("espresso", { exact: true }).waitFor();
  const { load } = await page.evaluate(() => globalThis.calls);
  await page.getByRole("link", { name: "One network" }).click();
  await predictions(page, "espresso");
  const calls = await page.evaluate(() => globalThis.calls);
  assert.equal(calls.create, 1, "another engine was opened");
  assert.equal(calls.load, load, "the network was loaded again");
  assert.ok(calls.unload >= 1, "the others keep their memory");
  await closeVisit(page);
});

test("a frame is taken from the camera only when an engine waits for one", { timeout: PATIENCE }, async () => {
  const withCamera = await launch({ flags: FAKE_CAMERA });
  try {
    const page = await visit(withCamera, "?network=efficientnet_lite2&device=cpu&source=camera", { before: countCalls });
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    await page.waitForTimeout(1500);
    const { frames, classify } = await page.evaluate(() => globalThis.calls);
    assert.ok(classify > 5, `only ${classify} frames were classified`);
    assert.ok(frames - classify <= 1, `${frames} frames were taken for ${classify} classifications`);
    await page.getByLabel("Network").selectOption("lenet5"); // quicker than the camera: no picture is looked at twice
    await page.locator("#status").getByText("LeNet-5", { exact: true }).waitFor();
    await page.waitForTimeout(500);
    const before = await page.evaluate(() => globalThis.calls.frames);
    await page.waitForTimeout(1000);
    const perSecond = (await page.evaluate(() => globalThis.calls.frames)) - before;
    assert.ok(perSecond <= 35, `${perSecond} frames a second of a camera that films 20 or 30`);
  } finally {
    await withCamera.close();
  }
});

test("with the keyboard alone", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  for (let presses = 0; (await focused()) !== "Chelsea the cat"; presses++) {
    assert.ok(presses < 40, "Tab does not reach the second sample");
    await page.keyboard.press("Tab");
  }
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "focus is not visible");
  await page.keyboard.press("Enter");
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  assert.match((await predictions(page))[0].label, /cat|tabby/i);
  await closeVisit(page);
});

test("the second visit takes the weights from the cache", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await becomes(page, async () => (await (await caches.open("convscope-weights")).keys()).length > 0);
  let asked = 0;
  page.on("request", (request) => { if (request.url().endsWith(".safetensors")) asked++; });
  await page.reload();
  await predictions(page, "espresso");
  assert.equal(asked, 0);
  await closeVisit(page);
});

test("the last of several quick choices wins", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  const network = page.getByLabel("Network");
  for (const id of ["lenet5", "efficientnet_lite0", "lenet5", "efficientnet_lite0", "lenet5"]) await network.selectOption(id);
  await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
  await page.waitForTimeout(1000);
  assert.equal(await network.inputValue(), "lenet5");
  assert.equal(await page.locator("#status").textContent(), "LeNet-5");
  await closeVisit(page);
});

test("the camera rests while the page is hidden", { timeout: PATIENCE }, async () => {
  const withCamera = await launch({ flags: FAKE_CAMERA });
  try {
    const page = await visit(withCamera, "?device=cpu&source=camera");
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await predictions(page);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    assert.equal(await page.locator("#video").evaluate((video) => video.srcObject), null);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForFunction(() => document.querySelector("#video").srcObject?.active);
  } finally {
    await withCamera.close();
  }
});
