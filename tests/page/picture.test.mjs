// Several networks look at one picture, a photo or the camera's.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, errorSays, film, launch, manifest, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";
import { inputDelay, longTasks, watchTasks } from "./tasks.mjs";
import { serveRows } from "./made.mjs";

const THREE = "efficientnet_lite0,efficientnet_lite1,efficientnet_lite2";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** The server's manifest without these networks, so that the tests hold wherever their weights are there. */
const without = (...ids) => async (page) => serveRows(page, (await manifest()).filter(({ id }) => !ids.includes(id)));

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of a network
 */
const listOf = (page, name) => page.getByRole("list", { name: `Predictions of ${name}`, exact: true });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of a network
 */
const cardOf = (page, name) => page.getByRole("article", { name: new RegExp(`^${name} \\d{4}$`) });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of a network
 * @param {string} label its first
 */
async function says(page, name, label) {
  await listOf(page, name).getByRole("listitem").first().filter({ has: page.getByText(label, { exact: true }) }).waitFor();
}

test("networks of an address look at its picture, each with a list of its own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0,efficientnet_lite1,squeezenet1_1&device=cpu&source=sample:coffee", { before: without("squeezenet1_1") });
  await says(page, "EfficientNet-Lite0", "espresso");
  await says(page, "EfficientNet-Lite1", "espresso");
  assert.equal(await listOf(page, "LeNet-5").getByRole("listitem").count(), 5);
  await page.getByText("Both say “espresso”.", { exact: true }).first().waitFor();
  await cardOf(page, "LeNet-5").getByText(/no say in the vote/).waitFor();

  const random = cardOf(page, "SqueezeNet 1.1");
  await random.getByText(/No answer: with random weights .*Drop the official file on this page/).waitFor();
  await random.locator("dd").first().filter({ hasText: /^\d.*\sms$/ }).waitFor();
  assert.ok(await listOf(page, "SqueezeNet 1.1").isHidden());

  const row = page.getByRole("row", { name: /EfficientNet-Lite1/ });
  assert.match(await row.getByRole("cell").first().textContent(), /^✓ [1-5]\/5$/);

  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) {
    await listOf(page, name).getByRole("listitem").first().filter({ hasText: /cat|tabby/i }).waitFor();
  }
  await page.waitForURL(/\?networks=lenet5,efficientnet_lite0,efficientnet_lite1,squeezenet1_1&device=cpu&source=sample:chelsea$/);
  await closeVisit(page);
});

test("sets of networks, and what takes much memory is asked for", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu", { before: without("vgg16", "alexnet", "resnet152", "googlenet", "efficientnet_b0") });
  await listOf(page, "LeNet-5").getByRole("listitem").first().waitFor();
  await page.getByRole("button", { name: "Milestones, 1998–2019 1 of 6 can answer here, digits only" }).click();
  await errorSays(page, /VGG-16 .*take .*MB of memory/);
  await cardOf(page, "VGG-16").getByText(/Waiting for your consent/).waitFor();
  await cardOf(page, "GoogLeNet").getByText(/No answer/).waitFor();
  assert.match(page.url(), /\?networks=lenet5,alexnet,vgg16,googlenet,resnet152,efficientnet_b0&device=cpu/);
  assert.deepEqual(
    await page.locator("#answers-cards h3").allTextContents(),
    ["LeNet-5 1998", "AlexNet 2012", "VGG-16 2014", "GoogLeNet 2014", "ResNet-152 2015", "EfficientNet-B0 2019"],
  );
  await page.getByRole("checkbox", { name: "VGG-16 2014" }).uncheck();
  await cardOf(page, "VGG-16").waitFor({ state: "detached" });
  await closeVisit(page);
});

test("two variants of a network's weights side by side", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=efficientnet_lite0,efficientnet_lite0-q4&device=cpu", {
    before: async (page) => serveRows(page, (await manifest()).filter(({ variant }) => variant === "q8").flatMap((row) => (row.id === "efficientnet_lite0" ? [row, { ...row, variant: "q4" }] : [row]))), // the same shards: the page cannot tell
  });
  await says(page, "EfficientNet-Lite0", "espresso");
  await says(page, "EfficientNet-Lite0, 4 bits", "espresso");
  await page.getByRole("checkbox", { name: "EfficientNet-Lite0 2020" }).uncheck();
  await listOf(page, "EfficientNet-Lite0").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await listOf(page, "EfficientNet-Lite0, 4 bits").getByRole("listitem").first().filter({ hasText: /cat|tabby/i }).waitFor();
  await page.waitForURL(/\?networks=efficientnet_lite0-q4&/);
  await closeVisit(page);
});

test("where networks disagree, the card says which place the others' class has", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?networks=${THREE}&device=cpu`, {
    before: (page) => page.addInitScript(() => {
      // One network's first two classes change places, so that the disagreement does not hang on a network's whim.
      const send = Worker.prototype.postMessage;
      const asked = new Set();
      Worker.prototype.postMessage = function (message, transfer) {
        if (message.call === "classify" && message.args[0] === "efficientnet_lite2") asked.add(message.id);
        return send.call(this, message, transfer);
      };
      const receive = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data").get;
      Object.defineProperty(MessageEvent.prototype, "data", { get() {
        const data = receive.call(this);
        const predictions = data?.value?.predictions;
        if (predictions && asked.delete(data.id)) [predictions[0].index, predictions[1].index, predictions[0].label, predictions[1].label] = [predictions[1].index, predictions[0].index, predictions[1].label, predictions[0].label];
        return data;
      } });
    }),
  });
  await page.getByText("2 of 3 say “espresso”.", { exact: true }).first().waitFor();
  await page.getByText("Disagrees: “espresso” is its 2nd choice", { exact: true }).waitFor();
  assert.equal(await page.getByText("Agrees with the majority", { exact: true }).count(), 2);
  assert.equal(await page.locator("#matrix-table td.differs").count(), 4);
  await closeVisit(page);
});

test("from one network to the comparison and back, with the picture kept", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea");
  await page.locator("#predictions li").first().waitFor();
  await page.getByRole("link", { name: "Compare" }).click();
  await listOf(page, "EfficientNet-Lite0").getByRole("listitem").first().filter({ hasText: /cat|tabby/i }).waitFor();
  assert.match(page.url(), /\?networks=\w+,.*&device=cpu&source=sample:chelsea$/);
  assert.ok(await page.locator("#predictions").isHidden());
  await page.goBack();
  await page.locator("#predictions li").first().filter({ hasText: /cat|tabby/i }).waitFor();
  assert.ok(await page.locator("#answers-cards").isHidden());
  await page.goForward();
  await listOf(page, "EfficientNet-Lite0").getByRole("listitem").first().filter({ hasText: /cat|tabby/i }).waitFor();
  await closeVisit(page);
});

test("an address with a network that is not there, and one with none", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=nonesuch,lenet5&device=cpu");
  await listOf(page, "LeNet-5").getByRole("listitem").first().waitFor();
  await page.getByText(/no network “nonesuch”/).waitFor();
  await page.getByRole("checkbox", { name: "LeNet-5 1998" }).uncheck();
  await page.getByText(/^Choose networks above/).waitFor();
  await closeVisit(page);
});

test("an engine that dies is replaced, with all its networks; one that a network ends goes on without it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=cpu", {
    before: async (page) => {
      await without("resnet18")(page);
      await page.addInitScript(() => {
        const Real = Worker;
        globalThis.Worker = class extends Real {
          constructor(url, ...rest) {
            super(url, ...rest);
            if (/\/worker\.js$/.test(String(url))) globalThis.engineWorker = this;
          }
          postMessage(request, ...rest) {
            if (request.call === "loadRandom") return setTimeout(() => this.dispatchEvent(new Event("error")));
            return super.postMessage(request, ...rest);
          }
        };
      });
    },
  });
  await says(page, "EfficientNet-Lite0", "espresso");
  await page.evaluate(() => globalThis.engineWorker.dispatchEvent(new Event("error")));
  await page.getByText("The engine stopped unexpectedly. It is being started again, and the networks are loaded again.").waitFor();
  await says(page, "EfficientNet-Lite0", "espresso");
  await listOf(page, "LeNet-5").getByRole("listitem").first().waitFor();

  await page.getByRole("checkbox", { name: "ResNet-18 2015" }).check();
  await page.getByText(/It is being started again, without ResNet-18: perhaps there is too little memory for it/).waitFor();
  await cardOf(page, "ResNet-18").getByText(/It takes \d{3}\sMB of memory/).waitFor();
  await says(page, "EfficientNet-Lite0", "espresso");
  await closeVisit(page);
});

test("on WebGPU, and where there is none", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=webgpu&source=sample:coffee");
  await says(page, "EfficientNet-Lite0", "espresso");
  assert.ok(await page.getByRole("radio", { name: "WebGPU" }).isChecked());
  await closeVisit(page);

  const without = await launch({ webgpu: false });
  try {
    const page = await visit(without, "?networks=lenet5,efficientnet_lite0&device=webgpu");
    await page.getByText(/WebGPU cannot be used here, so the CPU computes/).waitFor();
    await says(page, "EfficientNet-Lite0", "espresso");
    assert.match(page.url(), /device=cpu/);
  } finally {
    await without.close();
  }
});

test("the camera: turns are fair, the page stays quick, and a pause shows all the same picture", { timeout: PATIENCE }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "convscope-"));
  const file = join(folder, "coffee.mjpeg");
  await writeFile(file, await film(browser, await coffee()));
  const withCamera = await launch({ flags: [...FAKE_CAMERA, `--use-file-for-fake-video-capture=${file}`] });
  try {
    const page = await visit(withCamera, `?networks=lenet5,${THREE}&device=cpu&source=camera`, { before: watchTasks });
    for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1", "EfficientNet-Lite2"]) await says(page, name, "espresso");
    await page.waitForTimeout(2000);
    const rates = await page.locator("#answers-cards article").evaluateAll((cards) => cards.map((card) => Number(card.querySelectorAll("dd")[1].textContent)));
    t.diagnostic(`frames a second: ${rates.join(", ")}`);
    assert.ok(Math.min(...rates) > 0.6 * Math.max(...rates), `unfair turns: ${rates}`);

    const tasks = await longTasks(page, 2000);
    t.diagnostic(`long tasks: ${tasks.join(", ") || "none"}`);
    assert.deepEqual(tasks, []);
    const delay = await inputDelay(page, page.getByRole("button", { name: "Pause on this picture" }), () => page.getByRole("button", { name: "Go on" }).click());
    t.diagnostic(`the pause was shown after ${delay} ms`);
    assert.ok(delay < 100, `${delay} ms`);

    await page.getByRole("button", { name: "Go on" }).waitFor();
    await page.locator("#still").waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("#answers-cards .predictions")].every((list) => list.ariaBusy === "false"));
    // A paused picture is a still, which is timed five times.
    await page.waitForFunction(() => [...document.querySelectorAll("#answers-cards article")].every((card) => card.textContent.includes("Median of 5 runs.")));
    const seen = await page.locator("#answers-cards").textContent();
    await page.waitForTimeout(700);
    assert.equal(await page.locator("#answers-cards").textContent(), seen, "a paused picture is looked at again and again");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.locator("#video").waitFor();
    await page.waitForFunction((seen) => document.querySelector("#answers-cards").textContent !== seen, seen);
  } finally {
    await withCamera.close();
    await rm(folder, { recursive: true });
  }
});
