// The tab "What it looks at": maps over the picture, any class, the checks by occlusion and deletion, and what is said where
// there is no map.
import assert from "node:assert/strict";
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, errorSays, film, launch, stubFirstWorker, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";
import { madeUp, serveRows } from "./made.mjs";
import { busyTimes } from "./tasks.mjs";

const LITE0 = "?inside=efficientnet_lite0&tab=attention&device=cpu";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {import("playwright-core").Page} page @param {string} name */
const network = (page, name) => page.getByRole("article", { name, exact: true });

/**
 * A network's map for a class.
 * @param {import("playwright-core").Page} page
 * @param {string} name of the network
 * @param {string | RegExp} label
 */
const mapFor = (page, name, label) => network(page, name).getByRole("img", { name: label instanceof RegExp ? label : new RegExp(`for ${label}, over the picture$`) });

/** The classes that are offered as buttons. @param {import("playwright-core").Page} page */
const classes = (page) => page.getByRole("group", { name: "Class", exact: true });

/** @param {import("playwright-core").Page} page @param {string} label */
const chosen = (page, label) => classes(page).locator('[aria-pressed="true"]').filter({ has: page.getByText(label, { exact: true }) }).waitFor();

/** A number in a network's column. @param {import("playwright-core").Locator} place @param {RegExp} pattern */
async function numberIn(place, pattern) {
  const text = await place.getByText(pattern).first().textContent();
  return Number(pattern.exec(text ?? "")?.[1]);
}

/** A map with one cell that is not zero. */
function oneCell(x, y) {
  const data = Array(49).fill(0);
  data[7 * y + x] = 1.5;
  return { method: "cam", layer: "invented", class: 967, width: 7, height: 7, data, centre: 15.5, step: 32 };
}

/** An input with one bright pixel. */
function oneSpot(x, y) {
  const data = Array(3 * 224 * 224).fill(-2);
  for (let channel = 0; channel < 3; channel++) data[channel * 224 * 224 + 224 * y + x] = 2;
  return { layer: "input", shape: [3, 224, 224], data };
}

test("the coffee's map, named and in numbers; another class of the five; any other by name", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, LITE0);
  const own = network(page, "EfficientNet-Lite0");
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  await own.getByText(/^Class activation map: 7\s×\s7 cells of the layer conv_head$/).waitFor();
  await own.getByText(/^The last feature maps, weighted .* It is exact/).waitFor();
  assert.ok((await numberIn(own, /^adds ([\d.]+) to the logit$/)) > 0.1);
  const five = classes(page).locator("button[aria-pressed]");
  assert.equal(await five.count(), 5);
  assert.ok((await numberIn(own, /^espresso, ([\d.]+)\s%$/)) > 80);
  await page.waitForURL(/\?inside=efficientnet_lite0&tab=attention&device=cpu$/);

  await five.nth(1).click();
  const second = (await five.nth(1).locator("span").textContent()) ?? "";
  await mapFor(page, "EfficientNet-Lite0", second).waitFor();
  await page.waitForURL(/&class=\d+&/);
  await chosen(page, second);

  const search = page.getByRole("combobox", { name: /^Any other class/ });
  await search.fill("espresso");
  const options = page.getByRole("listbox", { name: "Classes that fit" }).getByRole("option");
  assert.deepEqual(await options.evaluateAll((all) => all.map((option) => option.textContent)), ["espresso967", "espresso maker550"]);
  await search.press("ArrowDown");
  await search.press("ArrowDown");
  assert.equal(await page.locator('[role="option"][aria-selected="true"]').textContent(), "espresso maker550");
  assert.equal(await search.getAttribute("aria-activedescendant"), await options.nth(1).getAttribute("id"));
  await search.press("Enter");
  await mapFor(page, "EfficientNet-Lite0", "espresso maker").waitFor();
  assert.ok(await options.first().isHidden());
  await page.waitForURL(/&class=550&/);

  await search.fill("zebrafish typewriter");
  await page.getByText(/^No class of this network is called “zebrafish typewriter”\. It knows 1000 classes, numbered from 0 to 999/).waitFor();
  await search.press("Escape");
  assert.equal(await search.inputValue(), "");
  await search.fill("282");
  await options.filter({ hasText: "282" }).click();
  await mapFor(page, "EfficientNet-Lite0", "tiger cat").waitFor();
  await page.getByRole("button", { name: "Follow the most probable class" }).click();
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  await page.waitForURL(/\?inside=efficientnet_lite0&tab=attention&device=cpu$/);
  await closeVisit(page);
});

test("the address names the class and the second network; another picture has another map", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=efficientnet_lite0&with=efficientnet_lite1&tab=attention&class=504&device=cpu");
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) await mapFor(page, name, "coffee mug").waitFor();
  await network(page, "EfficientNet-Lite0").getByText(/7\s×\s7 cells/).waitFor();
  await network(page, "EfficientNet-Lite1").getByText(/8\s×\s8 cells/).waitFor();
  await page.waitForURL(/\?inside=efficientnet_lite0&with=efficientnet_lite1&tab=attention&class=504&device=cpu$/);

  await page.getByRole("button", { name: "Follow the most probable class" }).click();
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) await mapFor(page, name, "espresso").waitFor();
  await page.locator('#samples button[data-id="camera"]').click();
  await chosen(page, "tripod");
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) await mapFor(page, name, "tripod").waitFor();
  await page.waitForURL(/source=sample:camera$/);
  await page.reload();
  await mapFor(page, "EfficientNet-Lite1", "tripod").waitFor();
  await closeVisit(page);
});

test("one hot cell is drawn where it lies in the picture", { timeout: PATIENCE }, async () => {
  for (const [x, y] of [[5, 1], [1, 4]]) {
    const page = await visit(browser, LITE0, { before: (page) => stubFirstWorker(page, { attention: { value: oneCell(x, y) } }) });
    await page.locator(".attention-heat:not([hidden])").waitFor();
    await page.getByText("adds 1.5 to the logit").waitFor();
    const found = await page.evaluate(async () => {
      const [below, heat] = document.querySelectorAll(".attention-picture canvas");
      const boxes = [below, heat].map((canvas) => canvas.getBoundingClientRect().toJSON());
      const { data } = heat.getContext("2d").getImageData(0, 0, heat.width, heat.height);
      let [weight, across, down] = [0, 0, 0];
      for (let i = 0; i < heat.width * heat.height; i++) {
        weight += data[4 * i + 3];
        across += data[4 * i + 3] * ((i % heat.width) + 0.5);
        down += data[4 * i + 3] * (Math.floor(i / heat.width) + 0.5);
      }
      // What the network sees of the photo, cut out anew: 224 of 256 pixels of its centre square.
      const photo = await createImageBitmap(await (await fetch("www/samples/page/coffee.jpg")).blob());
      const side = Math.min(photo.width, photo.height);
      const cut = new OffscreenCanvas(32, 32).getContext("2d");
      cut.imageSmoothingQuality = "high";
      cut.drawImage(photo, (photo.width - side) / 2 + side / 16, (photo.height - side) / 2 + side / 16, (side * 7) / 8, (side * 7) / 8, 0, 0, 32, 32);
      const seen = new OffscreenCanvas(32, 32).getContext("2d");
      seen.imageSmoothingQuality = "high";
      seen.drawImage(below, 0, 0, 32, 32);
      const [expected, shown] = [cut, seen].map((context) => context.getImageData(0, 0, 32, 32).data);
      const error = shown.reduce((sum, value, i) => sum + Math.abs(value - expected[i]), 0) / shown.length;
      return { boxes, centre: [across / weight / heat.width, down / weight / heat.height], error };
    });
    assert.deepEqual(found.boxes[0], found.boxes[1], "the map does not lie on the picture");
    assert.ok(found.error < 6, `the picture below is another one: ${found.error}`);
    for (const [place, cell] of [[found.centre[0], x], [found.centre[1], y]]) {
      assert.ok(Math.abs(place - (16 + 32 * cell) / 224) < 0.01, `${place} for cell ${cell}`);
    }
    await closeVisit(page);
  }
});

test("the camera's maps follow at a modest rate, lie on what the network saw, and are mirrored with it", { timeout: PATIENCE }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "convscope-"));
  const file = join(folder, "film.mjpeg");
  await writeFile(file, await film(browser, await coffee()));
  const camera = await launch({ flags: [...FAKE_CAMERA, `--use-file-for-fake-video-capture=${file}`] });
  try {
    const count = (page) => page.addInitScript(() => {
      globalThis.asked = [];
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (request, transfer) {
        if (request.call === "attention") globalThis.asked.push(performance.now());
        return post.call(this, request, transfer);
      };
    });
    const page = await visit(camera, `${LITE0}&source=camera`, { before: async (page) => {
      // A network that answers at once, so that only the page limits how often it is asked for a map.
      const classify = { value: { predictions: [{ index: 967, label: "espresso", probability: 1 }], heads: [], vote: null, timing: { preprocess: 1, inference: 1, total: 2 } } };
      await stubFirstWorker(page, { classify, attention: { value: oneCell(5, 1) }, activations: { value: [oneSpot(168, 56)] } });
      await count(page);
    } });
    await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
    const start = await page.evaluate(() => globalThis.asked.length);
    await page.waitForTimeout(3000);
    const asked = (await page.evaluate(() => globalThis.asked.length)) - start;
    assert.ok(asked >= 2 && asked <= 9, `${asked} maps in three seconds`);

    const spot = () => page.evaluate(() => {
      const below = document.querySelector(".attention-seen");
      const { data } = below.getContext("2d").getImageData(0, 0, 224, 224);
      const brightest = data.findIndex((value, i) => value === 255 && i % 4 === 0) / 4;
      return [brightest % 224, Math.floor(brightest / 224)];
    });
    assert.deepEqual(await spot(), [168, 56]);
    const turned = () => page.evaluate(() => ["#video", ".attention-picture"].map((part) => new DOMMatrix(getComputedStyle(document.querySelector(part)).transform).a));
    assert.deepEqual(await turned(), [1, 1]);
    await page.getByLabel("Mirror the display only").check();
    assert.deepEqual(await turned(), [-1, -1]);

    const own = network(page, "EfficientNet-Lite0");
    assert.ok(await own.getByRole("button", { name: "Compute the occlusion map" }).isDisabled());
    await own.getByText("Pause the camera's picture for this.").first().waitFor();
    await page.getByRole("button", { name: "Pause on this picture" }).click();
    await own.getByRole("button", { name: "Compute the occlusion map" }).and(page.locator(":enabled")).waitFor();
    assert.equal(await page.evaluate(() => document.querySelector(".attention-seen").width), 640, "the held picture is not shown as it is");
    await page.getByRole("button", { name: "Layers", exact: true }).click();
    await page.locator("#video:not([hidden])").waitFor({ state: "attached" });
    await closeVisit(page);
  } finally {
    await camera.close();
    await rm(folder, { recursive: true });
  }
});

test("an occlusion map is cancelled, then computed, and compared with the first map", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, LITE0);
  const own = network(page, "EfficientNet-Lite0");
  const start = own.getByRole("button", { name: "Compute the occlusion map" });
  await own.getByText(/^about \d+\s(s|min): some 200 runs of [\d.]+\sms$/).waitFor();
  await start.click();
  await own.getByText(/^[1-9]\d* of \d+$/).waitFor();
  await own.getByRole("button", { name: "Cancel" }).click();
  await own.getByText("It was cancelled.", { exact: true }).waitFor();
  assert.ok(await own.getByText(/^Class activation map: /).isVisible());

  await start.click();
  const total = await numberIn(own, /^\d+ of (\d+)$/);
  assert.ok(Math.abs(total - 200) < 20, `about 200 runs were told, and there are ${total}`);
  await own.getByText(/^Occlusion map: 14\s×\s14 places of the input$/).waitFor({ timeout: PATIENCE });
  await own.getByText(/^[\d.]+\s% of probability lost when covered$/).waitFor();
  await own.getByText(/^The occlusion map and the class activation map .* over 49 cells is −?\d\.\d\d/).waitFor();
  await own.getByRole("radio", { name: "Class activation map" }).check({ force: true });
  await own.getByText(/^Class activation map: /).waitFor();

  // What it is about has changed, so that it ends.
  await classes(page).locator("button[aria-pressed]").nth(1).click();
  await start.click();
  await own.getByText(/^[1-9]\d* of \d+$/).waitFor();
  await page.getByRole("button", { name: "Follow the most probable class" }).click();
  await own.getByText(/^\d+ of \d+$/).waitFor({ state: "hidden", timeout: 8000 }); // sooner than two hundred runs could be done
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  await closeVisit(page);
});

test("a deletion curve is drawn, told in a sentence and as a table", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=squeezenet1_1&tab=attention&device=cpu&source=sample:camera");
  const own = network(page, "SqueezeNet 1.1");
  await mapFor(page, "SqueezeNet 1.1", "tripod").waitFor();
  await own.getByRole("button", { name: "Test this map by deletion" }).click();
  const verdict = own.getByText(/^This map finds what the network needs: .* which is \d+\s% less\.$/);
  await verdict.waitFor();
  const [hottest, random, less] = [.../([\d.]+)\s% when .* and ([\d.]+)\s% in random order, which is (\d+)/.exec((await verdict.textContent()) ?? "") ?? []].slice(1).map(Number);
  assert.ok(hottest < random && Math.abs((1 - hottest / random) * 100 - less) < 2, `${hottest}, ${random}, ${less}`);
  const chart = own.getByRole("img", { name: /^Probability of the class while squares are blurred away/ });
  const lines = await chart.locator("polyline").evaluateAll((all) => all.map((line) => line.getAttribute("points").split(" ").length));
  assert.deepEqual(lines, [15, 15]);
  await own.getByText("Its numbers").click();
  const rows = await own.getByRole("row").allTextContents();
  assert.equal(rows.length, 16);
  assert.match(rows[1], /^0\.0\s%7\d\.\d\s%7\d\.\d\s%$/);
  await closeVisit(page);
});

test("a map that does no better than chance is not recommended", { timeout: PATIENCE }, async () => {
  const curve = { shares: [0, 1], hottest: [0.9, 0.1], random: [0.9, 0.1], hottestArea: 0.5, randomArea: 0.5 };
  const page = await visit(browser, LITE0, { before: (page) => stubFirstWorker(page, { deletion: { value: curve } }) });
  await page.getByRole("button", { name: "Test this map by deletion" }).click();
  await page.getByText(/^This map does no better than chance here: do not trust it\./).first().waitFor();
  await closeVisit(page);
});

/** @param {import("playwright-core").Page} page */
async function drawSeven(page) {
  await page.waitForFunction(() => document.querySelector("#pad").width === 280);
  const box = await page.locator("#pad").boundingBox();
  const at = (x, y) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 12 });
  await at(0.3, 0.25);
  await page.mouse.down();
  await at(0.68, 0.25);
  await at(0.45, 0.78);
  await page.mouse.up();
}

test("LeNet-5 needs burn for its map, which is offered, and shows it over its own input", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=lenet5&tab=attention&device=cpu");
  const own = network(page, "LeNet-5");
  await own.getByText(/^The drawing pad is blank\. Draw a digit/).waitFor();
  await drawSeven(page);
  await chosen(page, "7");
  await own.getByText(/does not end in global average pooling/).waitFor();
  await own.getByText(/It can compute gradients, which ConvScope's own kernels cannot/).waitFor();
  await own.getByRole("button", { name: "Compute the occlusion map" }).click();
  await own.getByText(/^Occlusion map: 16\s×\s16 places of the input$/).waitFor();

  await own.getByRole("button", { name: "Compute it with burn (about 2.5 MB to download)" }).click();
  await page.waitForURL(/&engine=burn/);
  await mapFor(page, "LeNet-5", /^HiResCAM of LeNet-5 for 7, over the picture$/).waitFor();
  await own.getByText(/^HiResCAM: \d+\s×\s\d+ cells of the layer \w+$/).waitFor();
  const seen = await own.locator(".attention-seen").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return { side: canvas.width, bright: data.filter((value, i) => i % 4 === 0 && value > 200).length };
  });
  assert.equal(seen.side, 32);
  assert.ok(seen.bright > 20 && seen.bright < 300, `${seen.bright} bright pixels are no digit`);
  await page.getByRole("button", { name: "Clear" }).click();
  await own.getByText(/^The drawing pad is blank/).waitFor();
  assert.ok(await own.locator(".attention-body").isHidden());
  await closeVisit(page);
});

test("random weights have no map, and it is said why; a second network with weights has one", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=resnet18&with=efficientnet_lite0&tab=attention&device=cpu", { before: async (page) => {
    const rows = (await (await fetch(`${process.env.CONVSCOPE_URL}www/weights/manifest.json`)).json()).networks;
    await serveRows(page, rows.filter(({ id }) => id !== "resnet18"));
  } });
  await network(page, "ResNet-18").getByText(/^ResNet-18 runs with random weights here\. Random weights know nothing/).waitFor();
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  assert.ok(await network(page, "ResNet-18").locator(".attention-body").isHidden());
  await closeVisit(page);
});

test("GoogLeNet's outputs stand along its depth, with their share of the vote", { timeout: PATIENCE }, async () => {
  const withHeads = await madeUp(browser, "googlenet");
  const page = await visit(browser, "?inside=googlenet&device=cpu", { before: async (page) => {
    await withHeads(page);
    await page.addInitScript(() => {
      globalThis.answers = [];
      globalThis.Worker = class extends Worker {
        constructor(...args) {
          super(...args);
          this.addEventListener("message", ({ data }) => data.value?.predictions && globalThis.answers.push(data.value.heads.length));
        }
      };
    });
  } });
  await page.waitForFunction(() => globalThis.answers.length > 0);
  assert.equal(await page.evaluate(() => globalThis.answers[0]), 0, "the heads are asked before they are shown");
  await page.getByRole("button", { name: "What it looks at" }).click();
  const own = network(page, "GoogLeNet");
  const way = own.getByRole("list", { name: "Outputs along the depth" });
  await way.waitFor();
  const texts = await way.locator("> li").evaluateAll((items) => items.map((item) => [...item.querySelectorAll("h5, p")].map(({ textContent }) => textContent).join(": ")));
  assert.deepEqual(texts.map((text) => text.replaceAll("\u00a0", " ")), [
    "First head: branches off behind inception_4a/output, after 9 of 22 layers with weights; 18.8 % of the vote",
    "Second head: branches off behind inception_4d/output, after 15 of 22 layers with weights; 18.8 % of the vote",
    "Main output: loss3/classifier, after all 22 layers with weights; 62.5 % of the vote",
  ]);
  for (const list of ["Predictions of the first head", "Predictions of the second head", "Predictions of the main output"]) {
    assert.equal(await own.getByRole("list", { name: list }).getByRole("listitem").count(), 3);
  }
  assert.equal(await own.getByRole("list", { name: "The vote of all outputs" }).getByRole("listitem").count(), 5);
  await own.getByText(/weighted 0\.3 : 0\.3 : 1 as in training/).waitFor();
  await own.getByText(/^(All outputs name|Only the heads agree|The (first|second) head names) /).waitFor();
  await own.getByText(/^Class activation map: 7\s×\s7 cells/).waitFor();
  await closeVisit(page);
});

test("a map that fails is told and tried again; a class that there is not has none", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, LITE0, { before: (page) => page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (request, transfer) {
      if (request.call !== "attention" || globalThis.mended) return post.call(this, request, transfer);
      const error = { code: "internal", message: "Something went wrong inside (invented). Reload the page; please report it if it happens again." };
      setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data: { id: request.id, error } })));
    };
  }) });
  const own = network(page, "EfficientNet-Lite0");
  await own.getByText(/^Something went wrong inside \(invented\)/).waitFor();
  await page.evaluate(() => void (globalThis.mended = true));
  await own.getByRole("button", { name: "Try again" }).click();
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  await closeVisit(page);

  const other = await visit(browser, `${LITE0}&class=5000`);
  await network(other, "EfficientNet-Lite0").getByText(/has no class number 5000: its 1000 classes are counted from 0/).waitFor();
  await other.getByRole("button", { name: "Follow the most probable class" }).click();
  await mapFor(other, "EfficientNet-Lite0", "espresso").waitFor();
  await closeVisit(other);
});

test("an engine that is lost over a map is started again, and the map comes", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, LITE0, { before: (page) => stubFirstWorker(page, { attention: { end: true } }) });
  await page.getByText(/The engine stopped unexpectedly\. It is being started again/).waitFor();
  await mapFor(page, "EfficientNet-Lite0", "espresso").waitFor();
  await closeVisit(page);
});

test("weights that cannot be downloaded are told in the tab, too", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, LITE0, { before: (page) => page.route("**/*.safetensors", (route) => route.abort()) });
  await errorSays(page, /EfficientNet-Lite0 is not ready\./);
  await network(page, "EfficientNet-Lite0").getByText(/could not be downloaded/).waitFor();
  await closeVisit(page);
});

test("no task of the page takes long", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?inside=efficientnet_lite0&with=efficientnet_lite1&tab=attention&device=cpu");
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) await mapFor(page, name, "espresso").waitFor();
  const search = page.getByRole("combobox", { name: /^Any other class/ });
  const long = await busyTimes(browser, page, async () => {
    for (const [text, label] of [["tiger cat", "tiger cat"], ["espresso", "espresso"]]) {
      await search.fill(text.slice(0, 1));
      await search.fill(text);
      await search.press("Enter");
      for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) await mapFor(page, name, label).waitFor();
    }
    for (const opacity of [20, 60, 100]) await page.getByLabel("Opacity of the map").fill(String(opacity));
  });
  assert.deepEqual(long, []);
  assert.equal(await page.locator(".attention-heat").first().evaluate((heat) => getComputedStyle(heat).opacity), "1");
  await closeVisit(page);
});

test("the map on WebGPU is that of the CPU", { timeout: PATIENCE }, async () => {
  const maps = [];
  for (const device of ["cpu", "webgpu"]) {
    const page = await visit(browser, `?inside=squeezenet1_1&tab=attention&device=${device}`);
    await mapFor(page, "SqueezeNet 1.1", "espresso").waitFor();
    await network(page, "SqueezeNet 1.1").getByText(/^Class activation map: 14\s×\s14 cells of the layer conv10$/).waitFor();
    maps.push(await page.locator(".attention-heat").evaluate((heat) => [...heat.getContext("2d").getImageData(0, 0, heat.width, heat.height).data].filter((_, i) => i % 4 === 3)));
    await closeVisit(page);
  }
  assert.ok(Math.max(...maps[0]) > 250);
  const far = Math.max(...maps[0].map((value, i) => Math.abs(value - maps[1][i])));
  assert.ok(far <= 4, `the maps differ by ${far} of 255`);
});
