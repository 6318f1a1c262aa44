// How views are laid out where it was once poor: the tabs, the lists of networks, the table of layers, the lab before it starts, and forced colours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const FORCED = { forcedColors: /** @type {const} */ ("active"), colorScheme: /** @type {const} */ ("light") };

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** @param {import("playwright-core").Page} page @param {string} selector */
const boxes = (page, selector) => page.locator(selector).evaluateAll((found) => found.map((one) => [one.offsetLeft, one.offsetWidth, one.offsetHeight]));

test("no link and no tab moves or breaks its words when another one is chosen", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=lenet5&device=cpu", { context: PHONE });
  await page.locator("#inside-tabs button[aria-current]").waitFor();
  const [links, tabs] = [await boxes(page, "#views a"), await boxes(page, "#inside-tabs button")];
  await page.locator("#inside-tabs").getByRole("button", { name: "What it looks at", exact: true }).click();
  await page.locator('#inside-tabs [value="attention"][aria-current]').waitFor();
  assert.deepEqual(await boxes(page, "#inside-tabs button"), tabs);
  await page.locator("#views").getByRole("link", { name: "Gradient lab", exact: true }).click();
  await page.locator('#views [data-to="lab"][aria-current]').waitFor();
  assert.deepEqual(await boxes(page, "#views a"), links);
  await closeVisit(page);
});

test("the list of networks is as wide as its words, and the table of layers fits beside a scroll bar", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=lenet5&device=cpu", { context: { viewport: { width: 1280, height: 800 } } });
  await page.locator("#layer-table tbody tr").first().waitFor();
  const needed = await page.locator("#inside-network").evaluate((select) => {
    const longest = document.createElement("span");
    longest.style.cssText = `position: absolute; white-space: nowrap; font: ${getComputedStyle(select).font}`;
    longest.textContent = "EfficientNet-Lite0: recognises pictures";
    document.body.append(longest);
    const width = longest.offsetWidth;
    longest.remove();
    return { words: width + 40, select: select.offsetWidth }; // 40 pixels for the padding and the arrow
  });
  assert.ok(needed.select >= needed.words, JSON.stringify(needed));
  const table = await page.locator(".layer-scroll").evaluate((scroll) => ({ least: parseFloat(getComputedStyle(document.querySelector("#layer-table")).minWidth), room: scroll.clientWidth, wide: scroll.scrollWidth }));
  assert.ok(table.wide <= table.room && table.least <= table.room - 15, JSON.stringify(table));
  await closeVisit(page);
});

test("before anything is trained, the lab's panels are folded on a phone, and the axis has the layers that are set", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?lab=vanishing", { context: PHONE });
  await page.getByText("Nothing has been trained yet.").waitFor();
  assert.equal(await page.locator(".lab-chart:visible").count(), 0);
  const [charts, settings] = await page.evaluate(() => ["#lab-charts", ".lab-settings"].map((selector) => document.querySelector(selector).getBoundingClientRect().top));
  assert.ok(settings - charts < 844, `the settings are ${settings - charts} pixels below the panels' beginning`);
  await page.setViewportSize({ width: 1280, height: 3000 });
  await page.locator('[data-chart="profile"] .lab-chart text', { hasText: /^20$/ }).waitFor();
  await closeVisit(page);
});

test("in forced colours the diagram has the legend's colours, and a table that fits has no edge", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=lenet5&tab=diagram&device=cpu", { context: FORCED });
  await page.locator(".drawing .node").first().waitFor();
  const [legend, drawn, texts] = await page.evaluate(() => [
    [...document.querySelectorAll(".diagram-legend .swatch")].map((swatch) => getComputedStyle(swatch).backgroundColor),
    [...document.querySelectorAll(".drawing [data-family] > .box, .drawing .tick")].map((mark) => getComputedStyle(mark).stroke),
    [...document.querySelectorAll(".drawing :is(.place, .shape, .name)")].map((text) => getComputedStyle(text).fill),
  ]);
  assert.ok(legend.length > 1);
  assert.deepEqual(legend.filter((colour) => !drawn.includes(colour)), []);
  assert.deepEqual([...new Set(texts)], ["rgb(0, 0, 0)"]);
  await page.goto(new URL("?networks=lenet5,squeezenet1_1&device=cpu", page.url()).href);
  const edge = await page.locator(".scroll").first().evaluate((scroll) => getComputedStyle(scroll).borderRightWidth);
  assert.equal(edge, "0px");
  await closeVisit(page);
});
