// The tab "Features" in a browser: maps of layers, one channel over the picture, all layers of LeNet-5, the camera, and what can go wrong.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, film, launch, site, stubFirstWorker, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";
import { processorTimes } from "./tasks.mjs";

/** @typedef {import("playwright-core").Page} Page */

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * Keeps what the engine answers about activations, so that the page's pictures can be compared with it.
 * @param {Page} page before it is visited
 */
const keepActivations = (page) => page.addInitScript(() => {
  const Real = Worker;
  globalThis.kept = { activations: [], calls: [] };
  globalThis.Worker = class extends Real {
    constructor(...args) {
      super(...args);
      super.addEventListener("message", ({ data: { value } }) => {
        if (Array.isArray(value) && value[0]?.data instanceof Float32Array) globalThis.kept.activations = value;
      });
    }
    postMessage(request, transfer) {
      if (request.call === "activations") globalThis.kept.calls.push(performance.now());
      super.postMessage(request, transfer);
    }
  };
});

/**
 * @param {string} query
 * @param {(page: Page) => Promise<unknown>} [more]
 */
const open = (query, more) => visit(browser, `?inside=${query}`, { before: async (page) => {
  await keepActivations(page);
  await more?.(page);
} });

/** @param {Page} page */
const maps = (page) => page.locator("#features-grid button.features-map");

/**
 * The numbers and the greatest values of the channels that are shown, as the page writes them.
 * @param {Page} page
 * @returns {Promise<{ channel: number, value: string }[]>}
 */
const shown = (page) => maps(page).evaluateAll((buttons) => buttons.map((button) => ({ channel: Number(button.value), value: button.querySelector(".features-value").textContent })));

/**
 * The colours of a channel's canvas, and the same from the engine's activation.
 * @param {Page} page
 * @param {number} at which one of those that are shown
 */
const compared = (page, at) => page.evaluate(async (at) => {
  const { DIVERGING, SEQUENTIAL } = await import(new URL("www/pure/colours.js", location.href).href);
  const button = document.querySelectorAll("#features-grid button.features-map")[at];
  const canvas = button.querySelector(".features-image");
  const { width, height } = canvas;
  const drawn = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  const { data, shape } = globalThis.kept.activations.at(-1);
  const values = data.slice(Number(button.value) * width * height, (Number(button.value) + 1) * width * height);
  const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isSigned = data.some((value) => value < 0);
  const expected = Uint32Array.from(values, (value) => isSigned ? DIVERGING[Math.round(127 + (127 * value) / greatest)] : SEQUENTIAL[value > 0 ? Math.max(1, Math.round((255 * value) / greatest)) : 0]);
  return { shape, size: [width, height], different: drawn.filter((colour, i) => colour !== expected[i]).length, colours: new Set(drawn).size };
}, at);

/**
 * @param {Page} page
 * @param {string} id
 */
const pixels = (page, id) => page.locator(`#${id}`).evaluate((canvas) => canvas.toDataURL());

test("the first convolution's maps, with their kernels, as the engine computed them", { timeout: PATIENCE }, async () => {
  const page = await open("efficientnet_lite0&tab=features&device=cpu&source=sample:coffee");
  await page.locator("#features-summary").filter({ hasText: /^32 channels, the strongest first/ }).waitFor();
  await page.locator('#features-grid[data-look="pairs"]').waitFor();
  assert.equal(await page.locator("#features-layer").inputValue(), "conv_stem");
  assert.match(await page.locator("#features-facts").innerText(), /convolution, 3 × 3, stride 2, then ReLU6[\s\S]*32 channels of 112 × 112[\s\S]*3 × 3 pixels/);

  const channels = new Set();
  for (let turned = 0; turned < 9; turned++) {
    const now = await shown(page);
    for (const { channel } of now) channels.add(channel);
    const next = page.getByRole("button", { name: "Next page" });
    if (await next.isDisabled()) break;
    await next.click();
  }
  assert.deepEqual([...channels].sort((a, b) => a - b), Array.from({ length: 32 }, (_, i) => i), "each channel is on one of the pages");
  await page.getByRole("button", { name: "Previous page" }).click();

  const values = (await shown(page)).map(({ value }) => Number(value));
  assert.deepEqual(values, [...values].sort((a, b) => b - a));
  await page.waitForTimeout(300); // maps are painted after they are labelled
  for (const at of [0, 3]) {
    const { shape, size, different, colours } = await compared(page, at);
    assert.deepEqual([shape, size, different], [[32, 112, 112], [112, 112], 0]);
    assert.ok(colours > 20, `only ${colours} colours`);
  }
  const kernel = await maps(page).first().locator(".features-kernel").evaluate((canvas) => [canvas.width, canvas.height, new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, 3, 3).data.buffer)).size]);
  assert.deepEqual(kernel.slice(0, 2), [3, 3]);
  assert.ok(kernel[2] > 3);
  await closeVisit(page);
});

test("a channel over the picture, and what its strongest unit sees", { timeout: PATIENCE }, async () => {
  const page = await open("efficientnet_lite0&tab=features&device=cpu&source=sample:coffee");
  await maps(page).first().waitFor();
  const [first, second] = await shown(page);
  await maps(page).first().focus();
  await page.keyboard.press("Enter");
  const name = page.locator("#features-detail-name");
  await name.filter({ hasText: `Channel ${first.channel} of conv_stem` }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "features-detail-name");

  const at = await page.evaluate((channel) => {
    const { data } = globalThis.kept.activations[0];
    const values = data.subarray(channel * 112 * 112, (channel + 1) * 112 * 112);
    const index = values.indexOf(Math.max(...values));
    return { row: Math.floor(index / 112), column: index % 112 };
  }, first.channel);
  const text = await page.locator("#features-strongest-text").innerText();
  assert.match(text, new RegExp(`^The unit in row ${at.row + 1}, column ${at.column + 1} has the greatest value, ${first.value}\\.`));
  const patch = await page.locator("#features-patch").evaluate((canvas) => ({ width: canvas.width, height: canvas.height, pixels: [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data] }));
  const expected = await page.evaluate(([row, column, width, height]) => {
    const still = document.querySelector("#still"); // 224 of 256 pixels of the photo are seen; conv_stem steps by two, without padding before
    const seen = new OffscreenCanvas(224, 224).getContext("2d");
    seen.imageSmoothingQuality = "high";
    const margin = (still.width * 16) / 256;
    seen.drawImage(still, margin, margin, still.width - 2 * margin, still.height - 2 * margin, 0, 0, 224, 224);
    return [...seen.getImageData(2 * column, 2 * row, width, height).data];
  }, [at.row, at.column, patch.width, patch.height]);
  const apart = Math.max(...patch.pixels.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(patch.pixels.length === expected.length && apart <= 2, `the patch is up to ${apart} apart`);

  const half = await pixels(page, "features-over");
  await page.locator("#features-opacity").fill("0");
  await page.waitForFunction((before) => document.querySelector("#features-over").toDataURL() !== before, half);
  await page.locator("#features-opacity").press("ArrowRight");
  assert.match(await name.innerText(), new RegExp(`^Channel ${first.channel} `), "the slider's keys are its own");

  await name.focus();
  await page.keyboard.press("ArrowRight");
  await name.filter({ hasText: `Channel ${second.channel} of conv_stem` }).waitFor();
  assert.equal(await maps(page).nth(1).getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Escape");
  await page.locator("#features-detail").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.value), String(second.channel), "the focus returns to the channel");

  await page.locator("#features-layer").selectOption("blocks.11.expand_conv");
  await page.locator("#features-summary").filter({ hasText: /^672 channels/ }).waitFor();
  assert.match(page.url(), /layer=blocks\.11\.expand_conv/);
  assert.equal(await page.locator("#features-grid").getAttribute("data-look"), "maps");
  await page.waitForFunction(() => document.querySelector("#features-grid .features-image").width === 14);
  await page.waitForTimeout(300);
  assert.equal((await compared(page, 0)).different, 0);
  await maps(page).first().click();
  await page.locator("#features-strongest-text").filter({ hasText: /339 × 339 pixels, (covers everything|reaches beyond)/ }).waitFor();

  await page.getByRole("button", { name: "Next layer" }).click();
  await page.locator("#features-detail").waitFor({ state: "hidden" });
  assert.equal(await page.locator("#features-layer").inputValue(), "blocks.11.depthwise_conv");
  await closeVisit(page);
});

test("a layer with a sign is coloured around zero, and one value for each channel is a bar", { timeout: PATIENCE }, async () => {
  const page = await open("efficientnet_lite0&tab=features&device=cpu&source=sample:coffee&layer=blocks.2.add");
  await page.locator("#features-legend").filter({ hasText: /Blue is negative/ }).waitFor();
  await page.waitForTimeout(300);
  assert.equal((await compared(page, 0)).different, 0);
  const last = await page.locator("#features-layer option").last().getAttribute("value");
  await page.locator("#features-layer").selectOption(last);
  await page.locator("#features-summary").filter({ hasText: /^1000 values/ }).waitFor();
  await page.locator(".features-row .features-name").first().filter({ hasText: "espresso" }).waitFor();
  assert.equal(await maps(page).count(), 0);
  await closeVisit(page);
});

test("LeNet-5: all layers at once, while a digit is drawn", { timeout: PATIENCE }, async () => {
  const page = await open("lenet5&tab=features&device=cpu");
  await page.locator("#features-hint").filter({ hasText: /Draw a digit on the pad/ }).waitFor();
  assert.equal(await page.locator("#features-layer option:checked").innerText(), "All layers");
  await stroke(page, [[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]]);
  await page.locator("#features-all").waitFor();
  assert.deepEqual(await page.locator(".features-stage figcaption").allInnerTexts(), ["input 32×32", "C1 6@28×28", "S2 6@14×14", "C3 16@10×10", "S4 16@5×5", "C5 120", "F6 84", "output 10"]);
  assert.equal(await page.locator("#features-all button.features-map").count(), 6 + 6 + 16 + 16);
  const rows = page.locator(".features-answers .features-row");
  await page.waitForFunction(() => {
    const values = [...document.querySelectorAll(".features-answers data")].map(({ value }) => Number(value));
    return values.length === 10 && values.indexOf(Math.max(...values)) === 7;
  });
  assert.equal(await rows.count(), 10);

  const input = () => page.locator(".features-input").evaluate((canvas) => canvas.toDataURL());
  const before = await input();
  const calls = await page.evaluate(() => globalThis.kept.calls.length);
  await stroke(page, [[0.35, 0.5], [0.65, 0.5]]);
  await page.waitForFunction((before) => document.querySelector(".features-input").toDataURL() !== before, before);
  await page.waitForTimeout(300);
  assert.ok(await page.evaluate(() => globalThis.kept.calls.length) > calls);

  await page.getByRole("button", { name: "Layer c1, channel 2" }).click();
  await page.locator("#features-detail-name").filter({ hasText: "Channel 2 of c1" }).waitFor();
  assert.deepEqual(await page.locator("#features-patch").evaluate(({ width, height }) => [width, height]), [5, 5]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.locator("#features-hint").filter({ hasText: /Draw a digit/ }).waitFor();
  await page.locator("#features-body").waitFor({ state: "hidden" });
  await closeVisit(page);
});

/**
 * @param {Page} page
 * @param {[number, number][]} points between 0 and 1
 */
async function stroke(page, points) {
  const box = await page.locator("#pad").boundingBox();
  const at = ([x, y]) => /** @type {[number, number]} */ ([box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 10 });
  await page.mouse.up();
}

test("the camera: maps follow it, in the same order, without a long task", { timeout: PATIENCE }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "convscope-"));
  const file = join(folder, "two.mjpeg");
  const other = Buffer.from(await (await fetch(`${site()}www/samples/chelsea.png`)).arrayBuffer());
  await writeFile(file, Buffer.concat([await film(browser, await coffee()), await film(browser, other)]));
  const withCamera = await launch({ flags: [...FAKE_CAMERA, `--use-file-for-fake-video-capture=${file}`] });
  try {
    const page = await visit(withCamera, "?inside=efficientnet_lite0&tab=features&device=cpu&layer=blocks.1.expand_conv", { before: keepActivations });
    await maps(page).first().waitFor();
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    const sort = page.getByRole("button", { name: "Sort again" });
    await sort.waitFor();
    await page.waitForTimeout(1500);
    const order = (await shown(page)).map(({ channel }) => channel);
    const pictures = new Set();
    for (let i = 0; i < 12; i++) {
      await page.waitForTimeout(150);
      pictures.add(await maps(page).first().locator(".features-image").evaluate((canvas) => canvas.toDataURL()));
      assert.deepEqual((await shown(page)).map(({ channel }) => channel), order, "the order stays");
    }
    assert.ok(pictures.size >= 2, `${pictures.size} pictures`);

    const calls = await page.evaluate(() => globalThis.kept.calls.slice(-10));
    const gaps = calls.slice(1).map((time, i) => time - calls[i]);
    assert.ok(Math.min(...gaps) >= 95, `no more than ten readings a second: ${gaps.map(Math.round)}`);

    const sorted = await page.evaluate(async () => {
      document.querySelector("#features-sort").click();
      await Promise.resolve();
      await Promise.resolve();
      return [...document.querySelectorAll("#features-grid .features-value")].map(({ textContent }) => Number(textContent.replace("dead", "0").replace("−", "-")));
    });
    assert.deepEqual(sorted.map(Math.abs), sorted.map(Math.abs).sort((a, b) => b - a));

    await maps(page).first().click();
    await page.locator("#features-detail-note").filter({ hasText: /While the camera runs/ }).waitFor();
    const over = await pixels(page, "features-over");
    await page.waitForFunction((before) => document.querySelector("#features-over").toDataURL() !== before, over);

    const busy = await processorTimes(withCamera, page, () => page.waitForTimeout(3000));
    assert.ok(busy.length > 100 && Math.max(...busy) < 50, `${busy.length} tasks, the longest of ${Math.max(...busy)} ms`);
  } finally {
    await withCamera.close();
    await rm(folder, { recursive: true });
  }
});

test("random weights: AlexNet's 96 kernels of 11 × 11", { timeout: PATIENCE }, async () => {
  const page = await open("alexnet&tab=features&device=cpu&source=sample:coffee");
  const [hint, summary] = [page.locator("#features-hint"), page.locator("#features-summary")];
  const asks = hint.filter({ hasText: /waits for your consent/ });
  await asks.or(summary.filter({ hasText: /96 channels/ })).first().waitFor();
  if (await asks.isVisible()) await page.getByRole("alert").getByRole("button").first().click();
  await summary.filter({ hasText: /^96 channels/ }).waitFor({ timeout: PATIENCE });
  await page.locator("#features-random").waitFor();
  await page.locator('#features-grid[data-look="pairs"]').waitFor();
  await page.waitForFunction(() => document.querySelector("#features-grid .features-kernel").width === 11);
  await closeVisit(page);
});

test("a network that waits for consent says so", { timeout: PATIENCE }, async () => {
  const page = await open("vgg19&tab=features&device=cpu&source=sample:coffee");
  await page.locator("#features-hint").filter({ hasText: /VGG-19 waits for your consent.*Agree in the message above/ }).waitFor();
  await closeVisit(page);
});

test("a layer that the network does not have, in the address", { timeout: PATIENCE }, async () => {
  const page = await open("squeezenet1_1&tab=features&device=cpu&source=sample:coffee&layer=nothing");
  await page.getByText(/has no layer “nothing”\. Its first convolution is shown instead/).waitFor();
  await page.locator("#features-summary").filter({ hasText: /^64 channels/ }).waitFor();
  assert.doesNotMatch(page.url(), /layer=/);
  await closeVisit(page);
});

test("maps that cannot be computed, and a picture that cannot be classified", { timeout: PATIENCE }, async () => {
  const failing = await open("efficientnet_lite0&tab=features&device=cpu&source=sample:coffee", (page) => stubFirstWorker(page, { activations: { error: { code: "out-of-memory", message: "There is too little memory. Choose a smaller network." } } }));
  await failing.locator("#features-trouble").filter({ hasText: "The maps could not be computed. There is too little memory. Choose a smaller network." }).waitFor();
  await failing.locator("#features-trouble").evaluate((trouble) => {
    globalThis.changes = 0;
    new MutationObserver(() => globalThis.changes++).observe(trouble, { attributes: true, childList: true, characterData: true, subtree: true });
  });
  await failing.getByRole("button", { name: "Try again" }).click();
  await failing.waitForFunction(() => globalThis.changes > 0); // it is taken away while the maps are asked for again
  await failing.locator("#features-trouble").waitFor();
  await closeVisit(failing);

  const unread = await open("efficientnet_lite0&tab=features&device=cpu&source=sample:coffee", (page) => stubFirstWorker(page, { classify: { error: { code: "bad-frame", message: "The frame cannot be read." } } }));
  await unread.locator("#features-hint").filter({ hasText: /could not look at this picture/ }).waitFor();
  await closeVisit(unread);
});

test("maps on WebGPU", { timeout: PATIENCE }, async () => {
  const page = await open("squeezenet1_1&tab=features&device=webgpu&source=sample:coffee&layer=fire2/squeeze1x1");
  await page.locator("#features-summary").filter({ hasText: /^16 channels/ }).waitFor();
  await page.waitForTimeout(500);
  assert.equal((await compared(page, 0)).different, 0);
  await closeVisit(page);
});

test("burn computes the same maps", { timeout: PATIENCE }, async () => {
  const values = async (/** @type {string} */ engine) => {
    const page = await open(`squeezenet1_1&tab=features&device=cpu&engine=${engine}&source=sample:coffee&layer=fire2/squeeze1x1`);
    page.setDefaultTimeout(PATIENCE);
    await page.locator("#features-summary").filter({ hasText: /^16 channels/ }).waitFor();
    const found = (await shown(page)).map(({ channel, value }) => [channel, Number(value)]);
    await closeVisit(page);
    return found.sort(([a], [b]) => a - b);
  };
  const [ours, burns] = [await values("convscope"), await values("burn")];
  ours.forEach(([channel, value], i) => assert.ok(burns[i][0] === channel && Math.abs(burns[i][1] - value) <= 0.02 * Math.max(1, value), `channel ${channel}: ${value} and ${burns[i][1]}`));
});
