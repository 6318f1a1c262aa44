// The diagram of the inside view: what it shows, how it is opened and read, and how soon.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { becomes, closeVisit, launch, visit } from "./browser.mjs";
import { busyTimes } from "./tasks.mjs";

const REPEATS = 7; // for a median
const SOON = { open: 300, expand: 50 }; // milliseconds
const SLOWEST = 4; // times that, for a machine that has other work to do

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** @param {string} network @param {string} [more] of the address */
const address = (network, more = "") => `?inside=${network}&tab=diagram&device=cpu${more}`;

/** @param {import("playwright-core").Page} page */
const drawn = (page, name = "") => page.locator(`.drawing[aria-busy="false"]${name && `[aria-label^="${name}"]`} [data-layer]`).first().waitFor();

/** @param {string} network @param {{ more?: string, before?: (page: import("playwright-core").Page) => Promise<unknown>, width?: number }} [options] */
async function open(network, { more, before, width = 1280 } = {}) {
  const page = await visit(browser, address(network, more), { before, context: { viewport: { width, height: 844 } } });
  await drawn(page);
  return page;
}

/** @param {import("playwright-core").Page} page @param {string} name */
const item = (page, name) => page.getByRole("treeitem", { name: new RegExp(`^${name},`) });

const median = (/** @type {number[]} */ values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * From something being done until what came of it is on the screen.
 * @param {import("playwright-core").Page} page
 * @param {string} click a selector
 * @param {string} until a selector
 */
function timed(page, click, until) {
  return page.evaluate(async ([click, until]) => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const start = performance.now();
    document.querySelector(click).dispatchEvent(new MouseEvent("click", { bubbles: true }));
    while (!document.querySelector(until)) await frame();
    await frame();
    const { promise, resolve } = Promise.withResolvers();
    const channel = new MessageChannel();
    channel.port1.onmessage = resolve; // after the frame has been painted
    channel.port2.postMessage(null);
    await promise;
    return performance.now() - start;
  }, [click, until]);
}

test("ResNet-152 opens and expands a block at once, and keeps the page free", async (t) => {
  const opened = [];
  const downloads = [];
  for (let i = 0; i < REPEATS; i++) {
    const page = await visit(browser, "?inside=resnet152&device=cpu", { context: { viewport: { width: 1280, height: 844 } } });
    page.on("requestfinished", (request) => {
      if (!i && request.url().includes("/diagram/")) downloads.push(request.sizes().then(({ responseBodySize }) => ({ file: new URL(request.url()).pathname, bytes: responseBodySize })));
    });
    await page.locator("#inside-tabs").waitFor();
    await becomes(page, async () => (await import("/www/state.js")).state.inside.layers.resnet152);
    opened.push(await timed(page, '#inside-tabs [value="diagram"]', '.drawing[aria-busy="false"] [data-layer]'));
    await closeVisit(page);
  }
  const page = await open("resnet152");
  const expanded = [];
  for (let i = 0; i < REPEATS; i++) {
    const block = `[data-block="layer3.${i}"]`;
    expanded.push(await timed(page, `${block} > .title`, `.drawing[aria-busy="false"] ${block}[aria-expanded="true"] [data-layer]`));
  }
  const again = async (/** @type {string} */ name, /** @type {string} */ state) => {
    await page.getByRole("button", { name }).click();
    await page.waitForFunction((state) => !document.querySelector(`.drawing [data-block]:not([aria-expanded="${state}"])`) && document.querySelector('.drawing[aria-busy="false"]'), state);
    await page.waitForTimeout(200);
  };
  await again("Collapse all", "false");
  const tasks = await busyTimes(browser, page, async () => {
    await again("Expand all", "true");
    await again("Collapse all", "false");
  });
  const files = await Promise.all(downloads);
  t.diagnostic(`ResNet-152: opens in ${median(opened).toFixed(0)} ms with its download, expands a block in ${median(expanded).toFixed(0)} ms (medians of ${REPEATS}); all at once in tasks of at most 50 ms and [${tasks}] ms; ${files.length} files, ${files.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
  assert.ok(files.some(({ file }) => file.endsWith("layouts.json")), "the layouts were downloaded");
  assert.ok(median(opened) < SLOWEST * SOON.open, `it opened in ${opened}`);
  assert.ok(median(expanded) < SLOWEST * SOON.expand, `a block expanded in ${expanded}`);
  assert.deepEqual(tasks, [], "no task keeps the page busy for 50 ms");
  assert.equal(await page.locator(".drawing .row").count(), 54);
  await closeVisit(page);
});

test("GoogLeNet's two auxiliary heads are outputs beside its line", async () => {
  const page = await open("googlenet");
  for (const [head, block, next] of [["loss1", "inception_4a", "inception_4b"], ["loss2", "inception_4d", "inception_4e"]]) {
    const [aside, from, to] = await Promise.all([head, block, next].map((name) => item(page, name).boundingBox()));
    assert.ok(aside && from && to && aside.y > from.y && aside.y < to.y, `${head} hangs between ${block} and ${next}`);
    assert.ok(aside.x > from.x + from.width / 2, `${head} stands beside the line`);
  }
  assert.equal(await page.locator(".terminals").getByText("auxiliary output, 1000 classes").count(), 2);
  assert.equal(await page.locator(".terminals").getByText(/^output, 1000 classes$/).count(), 1);
  await item(page, "loss1").locator(".title").click();
  await item(page, "loss1/fc").waitFor();
  await closeVisit(page);
});

/**
 * How far below the drawing's top a node is: the page may have scrolled.
 * @param {import("playwright-core").Locator} node
 */
async function depthOf(node) {
  const [own, whole] = await Promise.all([node.boundingBox(), node.page().locator(".drawing").first().boundingBox()]);
  return own && whole ? own.y - whole.y : NaN;
}

/**
 * Waits until a node has come to its place: what follows is drawn in parts.
 * @param {import("playwright-core").Locator} node
 * @param {(y: number) => boolean} isThere
 */
async function moved(node, isThere) {
  for (const end = Date.now() + 5000; ; ) {
    const y = await depthOf(node);
    if (isThere(y)) return;
    assert.ok(Date.now() < end, `it stays at ${y}`);
    await node.page().waitForTimeout(50);
  }
}

test("blocks open and close with the mouse", async () => {
  const page = await open("squeezenet1_1");
  const block = item(page, "fire2");
  const next = item(page, "fire3");
  assert.equal(await block.getAttribute("aria-expanded"), "false");
  const before = await depthOf(next);
  await block.locator(".title").click();
  await item(page, "fire2/expand3x3").waitFor();
  assert.equal(await block.getAttribute("aria-expanded"), "true");
  assert.match(await page.locator("#diagram-panel").innerText(), /fire2[\s\S]*fire module[\s\S]*3–6 \(4\)/);
  await moved(next, (y) => y > before + 100); // what follows is shifted
  await block.locator(".title").click();
  await item(page, "fire2/expand3x3").waitFor({ state: "detached" });
  await moved(next, (y) => Math.abs(y - before) < 1);
  await page.getByRole("button", { name: "Expand all" }).click();
  await item(page, "fire9/concat").waitFor();
  await page.getByRole("button", { name: "Collapse all" }).click();
  await item(page, "fire9/concat").waitFor({ state: "detached" });
  await closeVisit(page);
});

test("the keyboard goes along the lines, opens, chooses and closes", async () => {
  const page = await open("squeezenet1_1");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.split(",")[0]);
  assert.equal(await page.locator('.drawing [tabindex="0"]').count(), 1, "one stop for the tabulator");
  await page.locator('.drawing [tabindex="0"]').focus();
  const keys = async (/** @type {string[]} */ ...names) => { for (const name of names) await page.keyboard.press(name); };
  await keys("ArrowDown", "ArrowDown");
  assert.equal(await focused(), "fire2");
  await keys("Enter");
  assert.equal(await item(page, "fire2").getAttribute("aria-expanded"), "true");
  assert.equal(await focused(), "fire2", "the focus stays where it was");
  await keys("ArrowDown", "ArrowDown", "ArrowRight");
  assert.equal(await focused(), "fire2/expand3x3");
  assert.match(await page.locator("#diagram-panel").innerText(), /fire2\/expand3x3[\s\S]*Parameters\s*9,280[\s\S]*Reads\s*fire2\/squeeze1x1/, "focus shows the numbers");
  await keys("Enter");
  await page.waitForFunction(() => new URLSearchParams(location.search).get("layer") === "fire2/expand3x3");
  await keys("Escape");
  assert.equal(await item(page, "fire2").getAttribute("aria-expanded"), "false");
  assert.equal(await focused(), "fire2", "the focus goes to the block");
  await keys("Escape");
  await page.waitForFunction(() => !new URLSearchParams(location.search).has("layer"));
  await closeVisit(page);
});

test("the address keeps the layer, opens its block and brings it into sight", async () => {
  const page = await open("resnet152", { more: "&layer=layer3.20.conv2" });
  const chosen = item(page, "layer3\\.20\\.conv2");
  await chosen.waitFor();
  assert.equal(await chosen.getAttribute("aria-selected"), "true");
  const { y } = await chosen.boundingBox();
  assert.ok(y > 0 && y < 844, `it is at ${y}`);
  assert.match(await page.locator("#diagram-panel").innerText(), /layer3\.20\.conv2[\s\S]*3×3 convolution, ResNet-152[\s\S]*256×14×14/);
  await item(page, "layer3\\.20\\.conv1").click();
  await page.waitForFunction(() => new URLSearchParams(location.search).get("layer") === "layer3.20.conv1");
  await closeVisit(page);
});

test("colours by parameters, with numbers, and says what to do where times were not measured", async () => {
  const page = await open("lenet5");
  const choose = (/** @type {string} */ name) => page.getByRole("radio", { name, exact: true }).check();
  await choose("Parameters");
  await page.waitForFunction(() => document.querySelector(".drawing .value"));
  assert.deepEqual(await page.locator(".drawing .value").allTextContents(), ["156", "0", "2.42K", "0", "48.1K", "10.2K", "850"]);
  assert.match(await page.locator("#diagram-legend").innerText(), /Parameters[\s\S]*0[\s\S]*12K[\s\S]*48\.1K/);
  const bars = await page.locator(".drawing .bar").evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("width"))));
  assert.equal(bars.indexOf(Math.max(...bars)), 4, "the longest bar is c5's");
  await choose("Time");
  await page.getByText(/times of the layers of LeNet-5 have not been measured yet\. Measure them in the tab “Layers”/).waitFor();
  assert.deepEqual(await page.locator(".drawing .value").allTextContents(), []);
  await page.evaluate(async () => {
    const { state, updateInside } = await import("/www/state.js");
    const layers = state.inside.layers.lenet5.map((layer, index) => ({ ...layer, milliseconds: index === 1 ? 0 : index + 0.5, computedBy: index === 1 ? "c1" : null }));
    updateInside({ profiles: { lenet5: { layers, place: "CPU", runs: 1 } } });
  });
  await page.waitForFunction(() => document.querySelectorAll(".drawing .value").length === 7);
  assert.equal(await page.locator(".drawing .value").nth(6).textContent(), "6.50\u00a0ms");
  await page.getByText("Measured times. LeNet-5: CPU.", { exact: true }).waitFor();
  await item(page, "s2").click();
  assert.match(await page.locator("#diagram-panel").innerText(), /computed with c1/);
  await page.evaluate(async () => (await import("/www/state.js")).updateInside({ profiles: {} }));
  await page.getByRole("button", { name: "Go to Layers" }).click();
  await page.waitForFunction(() => document.body.dataset.insideTab === "layers");
  await closeVisit(page);
});

test("at 390 pixels the drawing fits, the page does not scroll sideways, and a second network stands below", async () => {
  const page = await open("googlenet", { more: "&with=squeezenet1_1", width: 390 });
  await drawn(page, "SqueezeNet");
  await page.getByRole("button", { name: "Expand all" }).click();
  await item(page, "inception_5b/output").waitFor();
  const boxes = await page.locator(".drawing").evaluateAll((drawings) => drawings.map((drawing) => drawing.getBoundingClientRect().toJSON()));
  assert.equal(boxes.length, 2);
  for (const { left, right } of boxes) assert.ok(left >= 0 && right <= 390, `${left} to ${right}`);
  assert.ok(boxes[1].top > boxes[0].bottom);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("button", { name: "Zoom in" }).click();
  const wide = await page.locator(".drawing").first().boundingBox();
  assert.ok(wide.width > 390, "it is larger than the sheet, which scrolls");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  await page.getByRole("button", { name: "Fit to width" }).click();
  assert.ok((await page.locator(".drawing").first().boundingBox()).width <= 390);
  await closeVisit(page);
});

test("the wheel scrolls the page; with Ctrl it zooms, and so do the keys; dragging moves the page", async () => {
  const page = await open("resnet50");
  const width = async () => (await page.locator(".drawing").boundingBox()).width;
  const fitted = await width();
  await page.mouse.move(500, 700);
  await page.mouse.wheel(0, 300);
  await page.waitForFunction(() => scrollY >= 250);
  assert.equal(await width(), fitted);
  const before = await item(page, "layer1\\.2").boundingBox();
  const point = { x: before.x + 20, y: before.y + 20 };
  await page.mouse.move(point.x, point.y);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  await page.waitForFunction((fitted) => document.querySelector(".drawing").clientWidth > fitted * 1.1, fitted);
  assert.equal(await page.evaluate(({ x, y }) => document.elementFromPoint(x, y).closest("[data-block]")?.dataset.block, point), "layer1.2", "what is under the pointer stays there");
  await item(page, "layer1\\.2").focus();
  await page.keyboard.press("0");
  assert.equal(await width(), fitted);
  await page.keyboard.press("-");
  assert.ok(await width() < fitted);
  await page.keyboard.press("0");
  const from = await page.evaluate(() => scrollY);
  const sheet = await page.locator(".sheet").boundingBox();
  await page.mouse.move(sheet.x + 30, 500);
  await page.mouse.down();
  await page.mouse.move(sheet.x + 30, 400, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.evaluate(() => scrollY), from + 100);
  await closeVisit(page);
});

test("a network that does not exist, and layouts that do not come, are said in a sentence", async () => {
  const page = await visit(browser, address("nothing"));
  await page.locator("#diagram-note").getByText("There is no network called “nothing”. Choose one above.").waitFor();
  await closeVisit(page);
  const other = await visit(browser, address("lenet5"), { before: (page) => page.route("**/layouts.json", (route) => route.fulfill({ status: 404 })) });
  await other.locator("#diagram-note").getByText(/does not have the layouts of the diagram\. Run `cargo xtask build engine`/).waitFor();
  await other.unroute("**/layouts.json");
  await other.getByRole("button", { name: "Try again" }).click();
  await drawn(other, "LeNet-5");
  await closeVisit(other);
});
