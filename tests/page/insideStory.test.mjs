// What was new in a network, on its card and above the tabs of the inside view; the line of the years; and how an answer is counted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

const NEW = "What was new in it";
const CHALLENGE = /^What the challenge was/;
const NARROW = { viewport: { width: 390, height: 844 } };

/** @param {import("playwright-core").Page} page @param {string | RegExp} name */
const fold = (page, name) => page.locator("summary:visible", { hasText: name });
/** @param {import("playwright-core").Page} page @param {RegExp} text */
const told = (page, text) => page.locator(".story-points:visible").getByText(text).first().waitFor();
/** @param {import("playwright-core").Page} page */
const line = (page) => page.getByRole("navigation", { name: "Year by year" }).filter({ visible: true });
/** @param {import("playwright-core").Page} page */
const present = (page) => line(page).locator("[aria-current]").getAttribute("aria-label");
/** @param {import("playwright-core").Page} page */
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
/** @param {import("playwright-core").Page} page @param {RegExp} search */
const address = (page, search) => page.waitForFunction((source) => new RegExp(source).test(location.search), search.source);

for (const { id, says } of [
  { id: "squeezenet1_1", says: /147,456 weights in place of 1\.18\smillion/ },
  { id: "vgg16", says: /27 C² weights against 49 C²/ }, // which waits for the visitor's consent
  { id: "lenet5", says: /2,416 parameters\. A fully connected layer/ },
]) {
  test(`the card of ${id} tells what was new in it, and brings that only when it is opened`, async () => {
    /** @type {string[]} */
    const asked = [];
    const page = await visit(browser, `?network=${id}&device=cpu`, { before: async (page) => { page.on("request", (request) => asked.push(request.url())); } });
    await fold(page, NEW).waitFor();
    assert.deepEqual(asked.filter((url) => /\/(story|bringLayers)\b/.test(url)), []);
    await fold(page, NEW).click();
    await told(page, says);
    await told(page, /How our graph differs from the paper/);
    assert.ok(asked.some((url) => /\/story\/view\.js$/.test(url)));
    await closeVisit(page);
  });
}

test("the card's link looks inside its network, without loading the page anew, and back", async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu&source=sample:chelsea");
  await predictions(page);
  await page.evaluate(() => Object.assign(globalThis, { stays: true }));
  await page.locator("#card").getByRole("link", { name: "Look inside" }).click();
  await address(page, /inside=squeezenet1_1&.*source=sample:chelsea/);
  await page.waitForFunction(() => document.body.dataset.view === "inside");
  assert.equal(await page.getByLabel("Look into", { exact: true }).inputValue(), "squeezenet1_1");
  await page.goBack();
  await page.waitForFunction(() => document.body.dataset.view === "single");
  await address(page, /network=squeezenet1_1/);
  assert.equal(await page.evaluate(() => Reflect.get(globalThis, "stays")), true);
  await closeVisit(page);
});

test("the line of the years leads from network to network in the inside view", async () => {
  const page = await visit(browser, "?inside=efficientnet_lite0&device=cpu", { context: { viewport: { width: 1280, height: 800 } } });
  await line(page).waitFor();
  assert.equal(await present(page), "EfficientNet-Lite0");
  const tabs = await page.locator("#inside-tabs").boundingBox();
  assert.ok(tabs && tabs.y < 420, `the tabs begin ${tabs?.y} pixels from the top`);
  await fold(page, NEW).click();
  await told(page, /636,540 of 5\.29\smillion/);

  await line(page).getByRole("link", { name: "ResNet-50", exact: true }).click();
  await address(page, /inside=resnet50/);
  assert.equal(await present(page), "ResNet-50");
  await told(page, /version 1\.5/);
  assert.match(await line(page).locator("p").innerText(), /‹ ResNet-34\s+bottlenecks/);
  await line(page).locator("p").getByRole("link", { name: "ResNet-34" }).click();
  await address(page, /inside=resnet34/);
  await told(page, /26\.7\s% in place of 30\.2/);
  await page.goBack();
  await address(page, /inside=resnet50/);
  await told(page, /version 1\.5/);
  assert.equal(await present(page), "ResNet-50");

  await page.locator("#inside-network").selectOption("lenet5");
  await told(page, /There was no ImageNet challenge yet/);
  assert.equal(await line(page).locator("p").getByRole("link").count(), 1, "nothing came before it");
  await closeVisit(page);
});

test("the line of the years chooses networks on the card as well", async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu");
  await fold(page, NEW).click();
  await line(page).locator("p").getByRole("link", { name: "MobileNetV2" }).click();
  await address(page, /network=mobilenet_v2/);
  await told(page, /17 pairs/);
  assert.equal(await page.getByLabel("Network", { exact: true }).and(page.locator("#network")).inputValue(), "mobilenet_v2");
  await closeVisit(page);
});

test("an answer is counted as the visitor judges it, until another picture comes", async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu&source=sample:coffee");
  const [first, second] = await predictions(page, "espresso");
  await fold(page, NEW).click();
  await fold(page, CHALLENGE).click();
  await page.getByText(/SqueezeNet 1\.1's first guess is “espresso” \(9\d\.\d\s%\)/).waitFor();
  const choices = page.getByRole("group", { name: "The right one is …" }).getByRole("button");
  assert.equal(await choices.count(), 6);
  const said = page.locator(".verdict:visible");
  for (const [name, verdict] of [
    [first.label, /right in top-1, and therefore in top-5 too/],
    [second.label, /is the second guess: right in top-5, an error in top-1/],
    ["none of these", /not among the five guesses: an error in top-1, and in top-5 too/],
  ]) {
    const button = choices.filter({ hasText: name }).first();
    await button.click();
    await said.filter({ hasText: verdict }).waitFor();
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    assert.equal(await choices.and(page.locator('[aria-pressed="true"]')).count(), 1);
  }
  await page.getByText(/a top-1 error of 41\.6\s%.*a top-5 error of 19\s%/).waitFor();
  await page.locator("#samples button").nth(1).click();
  await page.getByText(/first guess is “(?!espresso)/).waitFor();
  assert.equal(await said.count() && (await said.innerText()), "", "what was judged was another picture");
  await closeVisit(page);
});

test("random weights' answers are not counted", async () => {
  const page = await visit(browser, "?inside=mobilenet_v2&device=cpu", { before: (page) => page.route("**/weights/manifest.json", (route) => route.fulfill({ json: { version: 1, networks: [] } })) });
  await fold(page, CHALLENGE).click();
  await page.getByText(/random weights here, whose answers mean nothing/).waitFor();
  assert.equal(await page.getByRole("group", { name: "The right one is …" }).filter({ visible: true }).count(), 0);
  await closeVisit(page);
});

test("a phone shows it folded, and nothing is wider than the page", async () => {
  const page = await visit(browser, "?inside=googlenet&device=cpu", { context: NARROW });
  await line(page).waitFor();
  assert.equal(await page.locator(".story-points:visible").count(), 0, "folded");
  const inView = await line(page).locator("ol").evaluate((years) => {
    const [all, own] = [years, years.querySelector("[aria-current]")].map((element) => element.getBoundingClientRect());
    return own.left >= all.left && own.right <= all.right;
  });
  assert.ok(inView, "the present network is in sight");
  await fold(page, NEW).click();
  await told(page, /nine inception blocks/);
  await fold(page, /Multiply–accumulates of each inception block/).click();
  await page.getByRole("table", { name: /each inception block/ }).waitFor();
  await fold(page, CHALLENGE).click();
  assert.equal(await overflow(page), 0);
  await closeVisit(page);

  const card = await visit(browser, "?network=efficientnet_lite0&device=cpu", { context: NARROW });
  await fold(card, NEW).click();
  await told(card, /squeeze and excite is missing/);
  await fold(card, /counted in its graphs/).click();
  await fold(card, CHALLENGE).click();
  assert.equal(await overflow(card), 0);
  await closeVisit(card);
});

test("a network that does not exist has no story, and the line leads to those that do", async () => {
  const page = await visit(browser, "?inside=nonsense&device=cpu");
  await page.getByRole("alert").getByText(/no network “nonsense”/).waitFor();
  await line(page).waitFor();
  assert.equal(await line(page).locator("[aria-current]").count(), 0);
  await fold(page, NEW).click();
  await told(page, /There is no network of this name/);
  await line(page).getByRole("link", { name: "AlexNet", exact: true }).click();
  await told(page, /Two graphics cards/);
  await closeVisit(page);
});

test("a story that cannot be downloaded is offered again", async () => {
  let broken = true;
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu", { before: (page) => page.route("**/story/story.css", (route) => (broken ? route.abort() : route.continue())) });
  await fold(page, NEW).click();
  await page.getByRole("status").getByText(/could not be downloaded/).waitFor();
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await told(page, /147,456 weights/);
  await closeVisit(page);
});
