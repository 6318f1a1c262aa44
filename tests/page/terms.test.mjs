// What a number means: terms that open an explanation, the glossary, what the footer leads to, and links that lead outside.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { TERMS } from "../../www/pure/glossary.js";
import { PATIENCE, closeVisit, launch, predictions, site, visit } from "./browser.mjs";

const ROOT = new URL("../../", import.meta.url);

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("every term has a name and labels of its own, and every term of the markup is in the glossary", () => {
  const labels = TERMS.flatMap(({ name, labels = [] }) => [name, ...labels]);
  assert.equal(new Set(labels).size, labels.length, "a label stands for two terms");
  assert.equal(new Set(TERMS.map(({ id }) => id)).size, TERMS.length);
  const names = TERMS.map(({ name }) => name.replace(/^[^a-z]+/i, "").toLowerCase());
  assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b, "en")), "the glossary is not in the order of the alphabet");
  for (const name of ["Top-1 accuracy", "Top-5 accuracy", "Multiply–accumulates", "Median", "p90", "Latency", "95 % interval"]) assert.ok(labels.includes(name), `${name} is not explained`);
  const markup = ["index.html", ...readdirSync(new URL("www/", ROOT), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html")).map((path) => `www/${path}`)];
  const used = markup.flatMap((path) => [...readFileSync(new URL(path, ROOT), "utf8").matchAll(/data-term="(\w+)"/g)].map(([, id]) => id));
  assert.ok(used.length > 5);
  assert.deepEqual(used.filter((id) => !TERMS.some((term) => term.id === id)), []);
});

/** @param {import("playwright-core").Page} page */
const explanation = (page) => page.locator("#explanation");

/** Whether the explanation lies within the window, and not over its term. @param {import("playwright-core").Page} page */
const placeOf = (page) => page.evaluate(() => {
  const box = document.querySelector("#explanation").getBoundingClientRect();
  const term = document.querySelector('[data-term][aria-expanded="true"]').getBoundingClientRect();
  const inside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  return { inside, apart: box.top >= term.bottom || box.bottom <= term.top };
});

test("a term opens by the pointer and by the keyboard, closes by Escape, and gives the focus back", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  const top1 = page.locator("#card-facts").getByRole("button", { name: "Top-1 accuracy" });
  await top1.click();
  await explanation(page).getByText("The share of test pictures for which the class that the network names first").waitFor();
  assert.equal(await top1.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await placeOf(page), { inside: true, apart: true });
  await top1.click();
  await explanation(page).waitFor({ state: "hidden" });
  assert.equal(await top1.getAttribute("aria-expanded"), "false");
  await top1.click();
  await page.locator("#card-facts").getByRole("button", { name: "Parameters" }).click();
  await explanation(page).getByText("The numbers that a network has learned").waitFor();
  await page.locator("#results-heading").click();
  await explanation(page).waitFor({ state: "hidden" });

  const softmax = page.locator("#shares").getByRole("button", { name: "softmax" });
  await softmax.focus();
  await page.keyboard.press("Enter");
  await explanation(page).getByText("It is not the chance that the answer is right").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "explanation", "the explanation is not where a screen reader is");
  await page.locator("#shares").evaluate((line) => { line.innerHTML = String(line.innerHTML); }); // what holds it is filled anew
  await page.keyboard.press("Escape");
  await explanation(page).waitFor({ state: "hidden" });
  assert.ok(await softmax.evaluate((button) => document.activeElement === button), "the focus is lost");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "All terms");
  await page.keyboard.press("Tab");
  await explanation(page).waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Preprocess", "Tab does not go on from the term");
  await closeVisit(page);
});

test("on a phone a term opens by a tap, and its explanation is not cut off", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { context: { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true } });
  await predictions(page, "espresso");
  const terms = page.locator("main .term:visible");
  const count = await terms.count();
  assert.ok(count >= 8, `only ${count} terms`);
  for (let i = 0; i < count; i++) {
    const term = terms.nth(i);
    await term.scrollIntoViewIfNeeded();
    await term.tap();
    await explanation(page).waitFor();
    assert.deepEqual(await placeOf(page), { inside: true, apart: true }, `${await term.textContent()} is cut off or covered`);
    const { width, height } = await term.boundingBox();
    assert.ok(width >= 44 && height >= 44, `${await term.textContent()} has ${width}×${height} pixels`);
    await page.keyboard.press("Escape");
  }
  await closeVisit(page);
});

test("in a low window explanations are not cut off, and close when their term leaves it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { context: { hasTouch: true, viewport: { width: 844, height: 390 } } });
  await predictions(page, "espresso");
  const terms = page.locator("main [data-term]:visible");
  for (const term of await terms.all()) {
    await term.evaluate((button) => button.scrollIntoView({ block: "center", behavior: "instant" }));
    await term.click();
    assert.ok((await placeOf(page)).inside, await term.textContent());
    await page.keyboard.press("Escape");
  }
  await terms.last().click();
  await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
  await explanation(page).waitFor({ state: "hidden" });
  await closeVisit(page);
});

test("every view explains its terms", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=lenet5&device=cpu");
  const opens = async (name, root) => {
    await page.locator(root).getByRole("button", { name, exact: true }).first().click();
    await explanation(page).waitFor();
    await page.keyboard.press("Escape");
  };
  await opens("MACs", "#inside-layers .terms");
  await opens("Sees: the receptive field", "#inside-layers .terms");
  await page.goto(`${site()}?networks=lenet5&device=cpu`);
  await opens("Latency", "#answers");
  await page.goto(`${site()}?lab=vanishing`);
  await opens("gradient", "#lab");
  await closeVisit(page);
});

test("the footer of every view leads to code, times, glossary, source and licences, and nothing ends", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  const dialog = page.getByRole("dialog", { name: "About this page" });
  const readme = await (await fetch(`${site()}pkg/README.md`)).text();
  const shows = {
    "Use it in code": async () => {
      await dialog.getByText('import init, { Engine } from "convscope";').waitFor();
      await dialog.getByText("npm pack ./pkg", { exact: true }).waitFor();
      const listed = await dialog.getByRole("link", { name: /weights\/manifest\.json/ }).getAttribute("href");
      assert.ok((await (await fetch(site() + listed)).json()).networks.length, "the weights of the site are not listed there");
    },
    "How times are measured": () => dialog.getByText(/there are five runs after its warm-up/).waitFor(),
    Glossary: async () => assert.deepEqual(await dialog.locator("dt").allTextContents(), TERMS.map(({ name }) => name)),
    "Source code": () => dialog.getByText(/neither bundled nor minified/).waitFor(),
    Licences: async () => {
      await dialog.getByText(/^EfficientNet-Lite0: Apache-2\.0, /).waitFor();
      const weights = dialog.locator("#about-weights");
      assert.doesNotMatch(await weights.innerText(), /https?:/, "an address is no link");
      assert.ok(await weights.getByRole("link").count() > 3);
    },
  };
  assert.match(readme, /npm pack \.\/pkg/);
  assert.match(readme, /import init, \{ Engine \} from "convscope";/);
  for (const [name, shown] of Object.entries(shows)) {
    const link = page.getByRole("contentinfo").getByRole("link", { name, exact: true });
    await link.click();
    await dialog.waitFor();
    await shown();
    const heading = dialog.getByRole("heading", { name, exact: true });
    await heading.waitFor();
    assert.ok(await heading.evaluate((found) => found.getBoundingClientRect().top >= 0 && found.getBoundingClientRect().bottom < innerHeight), `${name} is out of sight`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.ok(await link.evaluate((found) => document.activeElement === found), "the focus is lost");
  }
  assert.match((await predictions(page, "espresso"))[0].text, /espresso/);
  for (const view of ["Compare", "Look inside", "Gradient lab"]) {
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: view }).click();
    assert.ok(await page.getByRole("contentinfo").isVisible(), `${view} has no footer`);
  }
  await closeVisit(page);
});

test("an explanation leads to the glossary and back; an address opens a section, and closing it clears the address", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu#glossary");
  const dialog = page.getByRole("dialog", { name: "About this page" });
  await dialog.getByText("Receptive field", { exact: true }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.waitForFunction(() => location.hash === ""); // the dialog tells that it is closed after it is hidden

  await predictions(page, "espresso");
  const inference = page.getByRole("button", { name: "Inference", exact: true });
  await inference.click();
  await explanation(page).getByRole("link", { name: "All terms" }).click();
  await dialog.waitFor();
  assert.ok(await explanation(page).isHidden());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.ok(await inference.evaluate((button) => document.activeElement === button), "the focus is lost");
  await closeVisit(page);
});

test("an address that changes to a section opens it, and Back to another view closes it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu");
  await page.getByRole("list", { name: "Predictions of LeNet-5", exact: true }).waitFor();
  await page.getByRole("link", { name: "Look inside", exact: true }).first().click();
  await page.locator("#inside-network").waitFor();
  const dialog = page.locator("#about[open]");
  await page.getByRole("link", { name: "Licences" }).click();
  await dialog.waitFor();
  await page.goBack();
  await page.locator("#choice-list").waitFor();
  await dialog.waitFor({ state: "hidden" });
  await page.evaluate(() => { location.hash = "glossary"; });
  await dialog.waitFor();
  await closeVisit(page);
});

test("where the package's own words cannot be had, that is said", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu#code", { before: (page) => page.route("**/pkg/README.md", (route) => route.fulfill({ status: 404, body: "" })) });
  await page.getByText(/The sample could not be read from the package\. Check the connection/).waitFor();
  assert.ok(await page.locator("#about-sample").isHidden());
  await closeVisit(page);

  const named = await visit(browser, "?device=cpu#source", {
    before: (page) => page.route("**/pkg/package.json", (route) => route.fulfill({ json: { repository: { type: "git", url: "git+https://example.org/convscope.git" } } })),
  });
  assert.equal(await named.getByRole("link", { name: /^example\.org\/convscope/ }).getAttribute("href"), "https://example.org/convscope");
  await closeVisit(named);
});

test("links to other sites and to files open beside the page, and say so", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=alexnet&device=cpu#licences");
  await page.locator("#about-weights li").nth(3).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("#card-story > summary").click();
  await page.locator("#card-story .point a").first().waitFor({ state: "attached" });
  const sourced = await page.locator("#card-story .point p", { has: page.locator("a") }).evaluateAll((texts) => texts.map(({ textContent }) => textContent ?? ""));
  for (const text of sourced) assert.match(text, /[.)] Sources?: [^.]*\(opens in a new tab\)\.$/);
  assert.ok(sourced.length, "no text of the story has a source");
  const faults = await page.evaluate(() => [...document.querySelectorAll("a[href]")].flatMap((link) => {
    const leadsAway = link.origin !== location.origin || link.pathname !== location.pathname;
    const isBeside = link.target === "_blank" && link.rel.includes("noopener") && / \(opens in a new tab\)$/.test(link.textContent);
    return leadsAway === isBeside ? [] : [link.outerHTML];
  }));
  assert.deepEqual(faults, []);
  assert.ok(await page.locator('a[target="_blank"]').count() >= 6);
  const [opened] = await Promise.all([page.context().waitForEvent("page"), page.evaluate(() => document.querySelector('#about a[href="pkg/LICENSE-MIT"]').click())]);
  await opened.close();
  await closeVisit(page);
});
