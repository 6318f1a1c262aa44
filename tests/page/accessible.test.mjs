// Every view as people with a projector, with a pointer, with colours of their own or at 200 % see it: contrast, text, edges, room.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { closeVisit, launch, visit } from "./browser.mjs";
import { VIEWS, openAll } from "./everyView.mjs";
import { look } from "./seen.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESK = { width: 1280, height: 900 };
const HALF = { width: 640, height: 450 }; // what is left of a laptop's window at 200 %
const PROJECTOR = { width: 1920, height: 1080 };
const COLOURS = { "a light scheme": { colorScheme: "light", forcedColors: "none" }, "a dark scheme": { colorScheme: "dark", forcedColors: "none" }, "forced colours": { colorScheme: "dark", forcedColors: "active" } };

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** What axe finds, and what its rules for contrast leave open: texts on gradients, of which the contrast with the colour below is too small. */
const faults = (page) => page.evaluate(async () => {
  const { axe, seen } = globalThis;
  const { violations, incomplete } = await axe.run({ exclude: [["#layer-table tbody tr:nth-child(n + 9)"]] }, { runOnly: ["color-contrast"] }); // a few rows of a table stand for all
  const open = incomplete.filter(({ id }) => id === "color-contrast").flatMap(({ nodes }) => nodes.map(({ target }) => document.querySelector(target.at(-1))));
  const pale = open.filter((element) => element && seen.visible(element) && !element.closest("svg, .stage") && seen.contrast(element) < 4.5);
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(" ")} ${any[0]?.message ?? ""}`)),
    ...pale.map((element) => `contrast ${seen.contrast(element).toFixed(2)}: ${seen.name(element)}`),
  ];
});

const MARKED = 'button:is([aria-pressed="true"], [aria-current], [aria-disabled="true"], :disabled), a[aria-current], .segments label:has(:checked, :disabled)';

/** What is pressed, current, chosen or not usable, and changes its colours under a pointer: all at once, as if it were over each of them. */
async function changed(page) {
  const colours = () => page.locator(MARKED).evaluateAll((marked) => marked.filter(globalThis.seen.visible).map((element) => {
    const { color, backgroundColor, borderColor } = getComputedStyle(element.querySelector("input + span") ?? element);
    return `${globalThis.seen.name(element)} ${color} on ${backgroundColor} in ${borderColor}`;
  }));
  const apart = await colours();
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("DOM.enable");
  await protocol.send("CSS.enable");
  const { root } = await protocol.send("DOM.getDocument");
  const { nodeIds } = await protocol.send("DOM.querySelectorAll", { nodeId: root.nodeId, selector: MARKED });
  for (const nodeId of nodeIds) await protocol.send("CSS.forcePseudoState", { nodeId, forcedPseudoClasses: ["hover"] });
  const under = await colours();
  await protocol.detach();
  return under.filter((text) => !apart.includes(text));
}

/** Of each group of tabs or links: whether exactly the current one is underlined. */
const underlined = (page) => page.evaluate(() => [...document.querySelectorAll("#views, #tabs, #inside-tabs, .years")].filter(globalThis.seen.visible).map((group) => {
  const lined = [...group.querySelectorAll("a, button")].filter((one) => {
    const { borderBottomColor, borderBottomWidth, textDecorationLine } = getComputedStyle(one);
    const ground = getComputedStyle(document.body).backgroundColor;
    return textDecorationLine !== "none" || (parseFloat(borderBottomWidth) > 0 && borderBottomColor !== ground);
  });
  return { group: group.id || group.className, lined: lined.length, current: lined.every((one) => one.hasAttribute("aria-current")) };
}));

/** Texts of charts, and small ones of tables and of the line of the years, that are smaller than they should be on a projector. */
const small = (page) => page.evaluate(() => {
  const texts = [...document.querySelectorAll(".chart svg text, .lab-chart text, .attention-chart text, .drawing text, .strip-blocks, .plot-swatches, .lab-heat-names, .lab-heat-steps, .lab-legend, th small, .years .year")];
  return texts.filter(globalThis.seen.visible)
    .map((text) => ({ text, size: parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM?.().a ?? 1) }))
    .filter(({ size }) => size < 15.95)
    .map(({ text, size }) => `${globalThis.seen.name(text)}: ${size.toFixed(1)} px`);
});

for (const [name, view] of Object.entries(VIEWS)) {
  test(`${name}: contrast in every scheme, nothing cut at 200 %, readable on a projector`, async () => {
    const page = await visit(browser, view.query, { context: { viewport: DESK } });
    await openAll(page, view);
    await look(page);
    await page.evaluate(AXE);

    for (const [scheme, colours] of Object.entries(COLOURS)) {
      await page.emulateMedia(colours);
      assert.deepEqual(await faults(page), [], `in ${scheme}`);
      if (scheme !== "forced colours") assert.deepEqual(await changed(page), [], `in ${scheme}`);
    }
    const tabs = await underlined(page); // in forced colours
    assert.ok(tabs.length && tabs.every(({ lined, current }) => lined === 1 && current), JSON.stringify(tabs));
    const crop = await page.locator("#crop").evaluate((crop) => ({ seen: globalThis.seen.visible(crop), ...Object.fromEntries(["outlineStyle", "outlineWidth", "borderStyle"].map((key) => [key, getComputedStyle(crop)[key]])) }));
    if (crop.seen) assert.deepEqual(crop, { seen: true, outlineStyle: "solid", outlineWidth: "2px", borderStyle: "solid" });
    assert.ok(await page.locator("#crop").evaluate((crop) => getComputedStyle(crop).outlineColor !== getComputedStyle(crop).borderTopColor), "the crop's two lines have one colour");
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });

    await page.setViewportSize(HALF);
    assert.deepEqual(await page.evaluate(() => globalThis.seen.cut()), [], "at 200 %");
    assert.deepEqual(await page.evaluate(() => globalThis.seen.covered()), [], "at 200 %");
    assert.equal(await page.evaluate(() => globalThis.seen.pageWidth()), HALF.width, "at 200 %");

    const textSize = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
    await page.setViewportSize({ width: 1600, height: 900 });
    assert.equal(await textSize(), 16);
    await page.setViewportSize(PROJECTOR);
    assert.ok((await textSize()) >= 19, `${await textSize()} px of text on a projector`);
    const width = await page.locator("main").evaluate((main) => main.getBoundingClientRect().width);
    assert.ok(width > 1600 && width <= 1680, `${width} px of content on a projector`);
    for (let tries = 0; tries < 50 && (await small(page)).length; tries++) await page.waitForTimeout(100); // charts are drawn again
    assert.deepEqual(await small(page), []);
    assert.deepEqual(await page.evaluate(() => globalThis.seen.cut()), [], "on a projector");

    const loose = await page.evaluate(() => {
      const rules = (list, isApart) => [...list].flatMap((rule) => [
        ...(rule.selectorText?.includes(":hover") && !isApart ? [rule.cssText] : []),
        ...(rule.cssRules ? rules(rule.cssRules, isApart || /\(hover: hover\)/.test(rule.conditionText ?? "")) : []),
      ]);
      return [...document.styleSheets].flatMap((sheet) => rules(sheet.cssRules, false));
    });
    assert.deepEqual(loose, [], "hover is for pointers that can hover");
    await closeVisit(page);
  });
}

test("nothing moves for whoever wants little motion", async () => {
  const page = await visit(browser, "?device=cpu", { context: { reducedMotion: "reduce" } });
  await openAll(page, VIEWS["one network"]);
  const moving = await page.evaluate(() => {
    document.getElementById("progress").hidden = false; // it has no value: the bar that passes by
    return [...document.querySelectorAll("*")].flatMap((element) => [null, "::before"].map((part) => getComputedStyle(element, part)))
      .filter(({ animationName, transitionDuration }) => animationName !== "none" || transitionDuration !== "0s").length;
  });
  assert.equal(moving, 0);
  await closeVisit(page);
});
