// Computed by burn: its build comes when it is asked for, says the same, and is in nobody's way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, predictions, visit } from "./browser.mjs";

const MISSING = /burn's build is not on this server\. Run `cargo xtask build` where this page is served from, then try again\. All but the gradient lab works without it, with “Computed by: ConvScope”\./;

/** The reference's first five on coffee.png, the classes 967, 925, 968, 809 and 504. */
const SQUEEZENET_SEES = ["espresso", "consomme", "cup", "soup bowl", "coffee mug"];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * Notes what is asked for of burn's build.
 * @param {import("playwright-core").Page} page
 * @returns {string[]} files, in order
 */
function askedOf(page) {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => {
    const file = /\/pkg\/burn\/(.*)$/.exec(request.url())?.[1];
    if (file) asked.push(file);
  });
  return asked;
}

/** Notes all that an element says, since it may say it for a moment only. */
const listen = (id) => (page) => page.addInitScript((id) => {
  globalThis.said = [];
  const note = () => {
    const text = document.getElementById(id)?.textContent;
    if (text && text !== globalThis.said.at(-1)) globalThis.said.push(text);
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
}, id);

/** @param {import("playwright-core").Page} page */
const adapter = (page, words) => page.locator("#adapter").filter({ hasText: words }).waitFor();

/** @param {import("playwright-core").Page} page */
const choose = (page, name) => page.getByRole("radio", { name, exact: true }).check();

const missing = (page) => page.route("**/pkg/burn/**", (route) => route.fulfill({ status: 404 }));

/** Opens the photo itself; the sample on the page is a smaller file of it. @param {import("playwright-core").Page} page */
async function coffeeFile(page) {
  await predictions(page, "espresso");
  await page.locator("#file").setInputFiles("www/samples/coffee.png");
  await page.locator("#caption").filter({ hasText: "coffee.png" }).waitFor();
  return predictions(page, "espresso");
}

for (const [device, words] of Object.entries({ cpu: "the CPU: burn-flex", webgpu: "WebGPU" })) {
  test(`the cup of coffee is an espresso to burn as well, on ${device}`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, `?device=${device}&source=sample:coffee`);
    const asked = askedOf(page);
    const own = await coffeeFile(page);
    await adapter(page, "Computed by ConvScope on ");
    await page.waitForTimeout(300);
    assert.deepEqual(asked, [], "burn's build was asked for before it was wanted");
    await closeVisit(page);

    const other = await visit(browser, `?device=${device}&engine=burn&source=sample:coffee`);
    const burns = await coffeeFile(other);
    await adapter(other, `Computed by burn on ${words}`);
    assert.deepEqual(burns.map(({ label }) => label), own.map(({ label }) => label));
    for (const [place, { label, probability }] of burns.entries()) {
      assert.ok(Math.abs(probability - own[place].probability) < 1e-3, `${label}: ${own[place].probability}, ${probability} by burn`);
    }
    await other.waitForTimeout(1000); // the browser is asked after the first answer
    assert.equal(await other.getByText(/predictions may be wrong/).count(), 0, "the browser refused a shader");
    await closeVisit(other);
  });
}

test("SqueezeNet, with its authors' weights, is as sure of the espresso as they say, by both", { timeout: PATIENCE }, async () => {
  for (const engine of ["", "&engine=burn"]) {
    const page = await visit(browser, `?network=squeezenet1_1&device=cpu${engine}&source=sample:coffee`);
    const found = await coffeeFile(page);
    assert.deepEqual(found.map(({ label }) => label), SQUEEZENET_SEES);
    assert.ok(Math.abs(found[0].probability - 0.966) < 0.005, `espresso ${found[0].probability}${engine}`);
    await closeVisit(page);
  }
});

test("chosen and left, with its download shown; the address names it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: listen("status") });
  const asked = askedOf(page);
  await predictions(page, "espresso");
  const note = page.getByText(/^burn is the Rust deep-learning framework/);
  assert.ok(await note.isHidden());

  await choose(page, "burn");
  await page.waitForURL(/\?device=cpu&engine=burn$/);
  await note.waitFor();
  await adapter(page, "Computed by burn on the CPU");
  await predictions(page, "espresso");
  const said = await page.evaluate(() => globalThis.said.filter((text) => /burn/.test(text)));
  assert.ok(said.length > 1 && said.every((text) => /^Downloading burn: \d+\.\d of \d+\.\d\sMB$/.test(text)), said.join());
  const [received, total] = /([\d.]+) of ([\d.]+)/.exec(said.at(-1)).slice(1);
  assert.equal(received, total);

  await choose(page, "ConvScope");
  await page.waitForURL(/\?device=cpu$/);
  await adapter(page, "Computed by ConvScope on the CPU");
  await choose(page, "burn");
  await adapter(page, "Computed by burn on the CPU");
  assert.equal(asked.filter((file) => file === "convscope_bg.wasm").length, 1, "it is downloaded once");

  await page.getByLabel("Network").selectOption("lenet5");
  await page.waitForURL(/\?network=lenet5&device=cpu&engine=burn$/);
  await closeVisit(page);
});

test("going back and forth in the history brings the engine back", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await page.evaluate(() => {
    history.pushState(null, "", "?device=cpu&engine=burn");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await adapter(page, "Computed by burn");
  await page.goBack();
  await adapter(page, "Computed by ConvScope");
  assert.ok(await page.getByRole("radio", { name: "ConvScope" }).isChecked());
  await page.goForward();
  await adapter(page, "Computed by burn");

  await page.getByRole("link", { name: "Compare" }).click();
  await page.waitForURL(/\?networks=.*&device=cpu&engine=burn$/);
  await page.getByRole("list", { name: /^Predictions of Eff/ }).first().getByText("espresso", { exact: true }).waitFor();
  await closeVisit(page);
});

test("a build that is not there is told, and the network goes on; the next try downloads again", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: missing });
  await predictions(page, "espresso");
  await choose(page, "burn");
  await errorSays(page, MISSING);
  await errorSays(page, /EfficientNet-Lite0 goes on/);
  assert.ok(await page.getByRole("radio", { name: "ConvScope" }).isChecked());
  await page.waitForURL(/\?device=cpu$/);
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await predictions(page);

  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await adapter(page, "Computed by burn");
  assert.equal(await page.getByRole("alert").textContent(), "");
  await closeVisit(page);
});

test("a download that does not come through is told, from the address on", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&engine=burn", { before: (page) => page.route("**/pkg/burn/*.wasm", (route) => route.abort()) });
  await errorSays(page, /burn could not be downloaded\. Check the connection and try again\./);
  await choose(page, "ConvScope");
  await predictions(page, "espresso");
  await page.unrouteAll();
  await choose(page, "burn");
  await adapter(page, "Computed by burn");
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a download that is cut short is told", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await page.route("**/pkg/burn/*.wasm", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ status: 200, body: body.subarray(0, body.length >> 1), contentType: "application/wasm" });
  });
  await choose(page, "burn");
  await errorSays(page, /The download of burn broke off\. .* EfficientNet-Lite0 goes on/);
  await closeVisit(page);
});

test("compared networks are computed by burn, too, and stay where it cannot be had", { timeout: PATIENCE }, async () => {
  const list = (page) => page.getByRole("list", { name: "Predictions of EfficientNet-Lite0", exact: true }).getByText("espresso", { exact: true });
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=cpu", { before: async (page) => {
    await listen("answers-start-text")(page);
    await missing(page);
  } });
  await list(page).waitFor();
  await choose(page, "burn");
  await errorSays(page, MISSING);
  await errorSays(page, /The networks go on/);
  assert.ok(await page.getByRole("radio", { name: "ConvScope" }).isChecked());
  assert.ok(await list(page).isVisible());
  await page.waitForURL(/\?networks=lenet5,efficientnet_lite0&device=cpu$/);

  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForURL(/\?networks=lenet5,efficientnet_lite0&device=cpu&engine=burn$/);
  await page.waitForFunction(() => globalThis.said.some((text) => /^Downloading burn: /.test(text)));
  await page.locator("#answers-start").waitFor({ state: "hidden" });
  await list(page).waitFor();
  assert.ok(await page.getByRole("radio", { name: "burn" }).isChecked());
  assert.equal(await page.getByRole("alert").textContent(), "");
  await closeVisit(page);

  const again = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=cpu&engine=burn");
  await list(again).waitFor();
  await closeVisit(again);
});
