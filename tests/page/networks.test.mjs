// Networks without weights, with several variants of them, and with auxiliary heads; and what the clock shows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, manifest, predictionList, predictions, stubFirstWorker, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";
import { madeUp, serveRows } from "./made.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {import("playwright-core").Page} page */
const badge = (page) => page.getByText("random weights: speed only", { exact: true });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of a network
 */
const running = (page, name) => page.locator("#status").getByText(name, { exact: true }).waitFor();

/** The server's manifest without these networks, so that the tests hold wherever their weights are there. */
const without = (...ids) => async (page) => serveRows(page, (await manifest()).filter(({ id }) => !ids.includes(id)));

test("without weights a network runs for its speed and predicts nothing", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: without("squeezenet1_1", "alexnet") });
  await predictions(page, "espresso");
  assert.match(await page.locator("#network option[value=squeezenet1_1]").textContent(), /^SqueezeNet 1\.1 \(2016\): speed only$/);
  await page.locator("#network option[value=alexnet]").getByText(/^AlexNet \(2012\): speed only, 1\d\d\sMB of memory$/).waitFor({ state: "attached" }); // the engine tells later; each thread takes some
  assert.doesNotMatch(await page.locator("#network option[value=efficientnet_lite0]").textContent(), /speed only/);

  await page.getByLabel("Network").selectOption("squeezenet1_1");
  await running(page, "SqueezeNet 1.1");
  await badge(page).waitFor();
  await page.locator("#inference").getByText(/^\d.*\sms$/).waitFor();
  assert.equal(await page.locator("#predictions li").count(), 0);
  await page.getByText("cargo xtask weights squeezenet1_1", { exact: true }).waitFor();
  assert.match(page.url(), /\?network=squeezenet1_1&device=cpu$/);
  assert.equal(await page.getByRole("alert").textContent(), "");

  await page.getByLabel("Network").selectOption("efficientnet_lite0");
  await predictions(page, "espresso");
  await badge(page).waitFor({ state: "hidden" });
  await closeVisit(page);
});

test("a network without weights in the address, on the camera", { timeout: PATIENCE }, async () => {
  const withCamera = await launch({ flags: FAKE_CAMERA });
  try {
    const page = await visit(withCamera, "?device=cpu&network=resnet18&source=camera", { before: without("resnet18") });
    await badge(page).waitFor();
    await running(page, "ResNet-18");
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    assert.equal(await page.getByLabel("Network").inputValue(), "resnet18");
  } finally {
    await withCamera.close();
  }
});

/** The groups of a list of networks. @param {import("playwright-core").Locator} list */
const groups = async (list) => Object.fromEntries(await list.locator("optgroup").evaluateAll((groups) => groups.map((group) => [group.label, [...group.querySelectorAll("option")].map(({ value, text }) => ({ value, text }))])));

test("all networks can be chosen, those that answer apart from those that cannot, each in the order of the cards and in words", { timeout: PATIENCE }, async () => {
  const able = ["lenet5", "efficientnet_lite0"];
  const before = async (page) => serveRows(page, (await manifest()).filter(({ id }) => able.includes(id)));
  const page = await visit(browser, "?device=cpu", { before });
  await predictions(page);
  const cards = await page.evaluate(async () => (await fetch("pkg/cards.json")).json());
  const ids = cards.map(({ id }) => id);
  const fromEngine = await page.evaluate(async () => {
    const { default: init, Engine } = await import(new URL("pkg/convscope.js", location.href).href);
    await init();
    return JSON.stringify(Engine.cards());
  });
  assert.equal(JSON.stringify(cards), fromEngine, "the file of the cards is of another engine: cargo xtask build");

  const check = async (list) => {
    const { "Recognise pictures": recognise, "Speed only here": speed, ...others } = await groups(list);
    assert.deepEqual([recognise.map(({ value }) => value), speed.map(({ value }) => value), others], [able, ids.filter((id) => !able.includes(id)), {}]);
    for (const { text } of recognise) assert.match(text, /: recognises (digits|pictures)$/);
    for (const { text } of speed) assert.match(text, /: speed only(, \d+\sMB of memory)?$/);
  };
  await check(page.locator("#network"));
  await page.getByRole("link", { name: "Look inside", exact: true }).first().click();
  await page.locator("#inside-network optgroup").first().waitFor({ state: "attached" });
  await check(page.locator("#inside-network"));
  await check(page.locator("#inside-other"));

  await page.getByRole("link", { name: "Compare", exact: true }).click();
  const named = (name) => page.getByRole("group", { name, exact: true }).locator("label");
  await named("Recognise pictures").first().waitFor();
  assert.deepEqual(await named("Recognise pictures").allTextContents(), ["LeNet-51998, recognises digits, 0.07\u00a0MB", "EfficientNet-Lite02020, recognises pictures, 5.7\u00a0MB"]);
  const rest = await named("Speed only here").allTextContents();
  assert.equal(rest.length, ids.length - able.length);
  for (const text of rest) assert.match(text, /\d{4}, speed only$/);
  const sets = await page.getByRole("group", { name: "Sets worth comparing" }).getByRole("button").allTextContents();
  assert.deepEqual(sets, ["Milestones, 1998–2019 1 of 6 can answer here, digits only", "Small enough for a phone 1 of 7 can answer here", "ResNets by depth none of 5 can answer here", "All 2 of 16 can answer here, 1 of them digits only"]);
  await page.locator("#choice-note").getByText("Drop the official file on this page, if you have it, and the network runs with that.").waitFor();
  await page.locator("#choice-note").getByText("Whoever runs this site gets the official weights for everybody with cargo xtask weights and the network's name.").waitFor();
  await closeVisit(page);
});

test("a network without weights says how whoever runs the site, and how a visitor, gets them", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&network=resnet18", { before: without("resnet18") });
  await page.getByText("Whoever runs this site gets the official weights for everybody with cargo xtask weights resnet18.", { exact: true }).waitFor();
  await page.getByText(/^Do you have the official file \(.*\)\? Drop it on this page, or open it with “Weights of your own”/).waitFor();
  assert.equal(await page.locator("#random-source a").getAttribute("href"), "https://download.pytorch.org/models/resnet18-f37072fd.pth");
  await closeVisit(page);
});

test("each card says what its network won, or did not", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&network=lenet5");
  for (const [id, said, year] of [
    ["lenet5", /^Took no part: it reads digits/, null],
    ["alexnet", /^Won the classification of 2012/, 2012],
    ["resnet18", /^Networks of its family won the classification of 2015\b/, 2015],
    ["efficientnet_b0", /^Took no part: published after the last challenge, that of 2017$/, null],
  ]) {
    await page.getByLabel("Network").selectOption(id);
    const result = fact(page, "ImageNet challenge");
    await result.getByText(said).waitFor();
    const link = result.getByRole("link");
    assert.equal(await link.count(), year ? 1 : 0, id);
    if (year) assert.match(await link.getAttribute("href"), new RegExp(`^https://image-net\\.org/challenges/LSVRC/${year}/`));
  }
  const cards = await page.evaluate(async () => (await fetch("pkg/cards.json")).json());
  assert.match(cards.find(({ id }) => id === "vgg16").challenge, /^second in the classification of 2014, first in its localisation/);
  await page.getByText("Famous image networks, from LeNet to EfficientNet.", { exact: true }).waitFor();
  await closeVisit(page);
});

test("a question about memory moves nothing of the page", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&threads=1", { before: without("vgg16") });
  await predictions(page, "espresso");
  const places = () => page.locator("#stage, .results-panel, #network-control, #card").evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top + scrollY)));
  const before = await places();
  await page.getByLabel("Network").selectOption("vgg16");
  await errorSays(page, /430\sMB of memory/);
  await page.locator("#card-name").getByText("EfficientNet-Lite0").waitFor(); // the one before goes on
  assert.deepEqual(await places(), before);
  const box = await page.getByRole("alert").locator(".message").boundingBox();
  const { height } = page.viewportSize();
  assert.ok(box && box.y > height / 2 && box.y + box.height <= height, "it is in sight, at the end of the window");
  await closeVisit(page);
});

/** @param {import("playwright-core").Page} page @param {string} term of a fact on the network's card */
const fact = (page, term) => page.locator("#card-facts > div").filter({ has: page.getByText(term, { exact: true }) }).locator("dd");

test("a card tells the memory that its network takes, also before there is anything to answer", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await fact(page, "Weights in memory").getByText(/^14\.7\sMB$/).waitFor();
  await page.goto(new URL("?device=cpu&network=lenet5", page.url()).href);
  await fact(page, "Weights in memory").getByText(/MB$/).waitFor();
  assert.equal(await page.locator("#predictions li").count(), 0, "the pad is blank");
  await closeVisit(page);
});

test("a network that takes much memory asks first", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&threads=1&network=vgg16", { before: without("vgg16") });
  await errorSays(page, /VGG-16 takes 430\sMB of memory/);
  await page.getByLabel("Network").selectOption("efficientnet_lite0");
  await predictions(page, "espresso");
  assert.equal(await page.getByRole("alert").textContent(), "");

  await page.getByLabel("Network").selectOption("vgg16");
  await errorSays(page, /430\sMB of memory.* EfficientNet-Lite0 goes on/);
  assert.equal(await page.getByLabel("Network").inputValue(), "efficientnet_lite0");
  assert.doesNotMatch(page.url(), /network=/);

  await page.getByRole("button", { name: "Load VGG-16" }).click();
  await running(page, "VGG-16");
  await page.locator("#inference").getByText(/^\d.*\sms$/).waitFor();
  await closeVisit(page);
});

for (const [how, reply] of Object.entries({
  "is refused for want of memory": { error: { code: "out-of-memory", message: "There is not enough memory for this." } },
  "ends the worker": { end: true },
})) {
  test(`a load that ${how} leaves the network before running (worker stubbed)`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, "?device=cpu", {
      before: async (page) => {
        await without("resnet101")(page);
        await stubFirstWorker(page, { loadRandom: /** @type {any} */ (reply) });
      },
    });
    await predictions(page, "espresso");
    await page.getByLabel("Network").selectOption("resnet101");
    await errorSays(page, /ResNet-101 is not ready\. .*memory.* EfficientNet-Lite0 goes on/);
    await running(page, "EfficientNet-Lite0");
    await page.getByRole("button", { name: "Chelsea the cat" }).click();
    await page.getByText(/^Chelsea the cat\. /).waitFor();
    assert.match((await predictions(page))[0].label, /cat|tabby/i);
    await closeVisit(page);
  });
}

test("variants of the weights can be chosen, and the address names them", { timeout: PATIENCE }, async () => {
  const rows = await manifest();
  const eight = rows.find(({ id, variant }) => id === "efficientnet_lite0" && variant === "q8");
  const others = rows.filter(({ id }) => id !== eight.id);
  const variants = [{ ...eight, variant: "q4", bytes: 4_700_000 }, { ...eight, bytes: 5_700_000 }]; // the same shards: the page cannot tell
  const before = (page) => serveRows(page, [...others, ...variants]);

  const page = await visit(browser, "?device=cpu", { before });
  await predictions(page, "espresso");
  const select = page.getByLabel("Weights", { exact: true });
  assert.equal(await select.inputValue(), "q8");
  assert.deepEqual(await select.getByRole("option").allTextContents(), ["4 bits in linear layers, 4.7\u00a0MB", "8 bits, 5.7\u00a0MB"]);
  await select.selectOption("q4");
  await page.waitForURL(/\?device=cpu&weights=q4$/);
  await page.locator("#card-facts").getByText(/^4\.7\sMB$/).waitFor();
  await predictions(page, "espresso");

  await page.getByLabel("Network").selectOption("lenet5");
  await running(page, "LeNet-5");
  assert.ok(await select.isHidden());
  assert.doesNotMatch(page.url(), /weights=/);
  await closeVisit(page);

  const again = await visit(browser, "?device=cpu&weights=q4", { before });
  await predictions(again, "espresso");
  assert.equal(await again.getByLabel("Weights", { exact: true }).inputValue(), "q4");
  await closeVisit(again);
});

test("auxiliary heads and their vote, on made-up weights", { timeout: PATIENCE }, async () => {
  const before = await madeUp(browser, "googlenet");
  const page = await visit(browser, "?device=cpu&network=googlenet", { before });
  await predictions(page);
  const heads = page.getByLabel("Auxiliary heads");
  const vote = page.getByLabel("Weighted vote (0.3 / 0.3 / 1)");
  assert.ok(await vote.isHidden());
  const list = async (name) => {
    const entries = page.getByRole("list", { name, exact: true }).getByRole("listitem");
    await entries.nth(4).waitFor();
    return new Map(await entries.evaluateAll((rows) => rows.map((row) => [row.querySelector(".label").textContent, Number(row.querySelector("data").value)])));
  };

  await heads.check();
  const first = await list("Predictions of the first auxiliary head");
  const second = await list("Predictions of the second auxiliary head");
  const main = await list("Predictions");
  await page.getByRole("heading", { name: "First auxiliary head loss1/classifier" }).waitFor();
  assert.match(page.url(), /&heads=1$/);

  await vote.check();
  await page.getByText("Vote of all outputs", { exact: true }).waitFor();
  assert.match(page.url(), /&heads=1&vote=1$/);
  for (const [label, share] of await list("Predictions")) {
    const votes = (0.3 * (first.get(label) ?? 0) + 0.3 * (second.get(label) ?? 0) + (main.get(label) ?? 0)) / 1.6;
    assert.ok(Math.abs(share - votes) < 0.01, `${label}: ${share} instead of ${votes}`);
  }

  await heads.uncheck();
  await page.getByRole("list", { name: /auxiliary head/ }).first().waitFor({ state: "hidden" });
  assert.deepEqual([...(await list("Predictions")).keys()], [...main.keys()]);
  assert.doesNotMatch(page.url(), /heads|vote/);
  await closeVisit(page);

  const again = await visit(browser, "?device=cpu&network=googlenet&heads=1&vote=1", { before });
  await again.getByText("Vote of all outputs", { exact: true }).waitFor();
  assert.ok(await again.getByLabel("Weighted vote (0.3 / 0.3 / 1)").isChecked());
  assert.equal(await predictionList(again).getByRole("listitem").count(), 5);
  await again.getByLabel("Network").selectOption("efficientnet_lite0");
  await predictions(again, "espresso");
  assert.ok(await again.getByLabel("Auxiliary heads").isHidden());
  assert.doesNotMatch(again.url(), /heads|vote/);
  await closeVisit(again);
});

test("a still picture's time is the median of five runs; the first run, and the frames a second of a camera, are told apart", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", {
    before: (page) => page.addInitScript(() => {
      const post = Worker.prototype.postMessage;
      globalThis.asked = 0;
      Worker.prototype.postMessage = function (request, ...rest) {
        if (request.call === "classify") globalThis.asked++;
        return post.call(this, request, ...rest);
      };
    }),
  });
  await predictions(page, "espresso");
  await page.getByText("Median of 5 runs.", { exact: true }).waitFor();
  await page.getByText(/^First run, with warm-up: [\d.]+\sms in total\.$/).waitFor();
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.asked), 6);
  assert.ok(await page.locator("#rate").isHidden(), "a picture that stands still has no frames a second");
  assert.equal(await page.locator("#answered-by").textContent(), "CPU");
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await predictions(page);
  await page.waitForFunction(() => globalThis.asked === 11);
  await page.getByText("Median of 5 runs.", { exact: true }).waitFor();
  await page.getByRole("radio", { name: "Auto" }).check();
  await page.locator("#answered-by").getByText(/^Auto: (CPU|WebGPU)$/).waitFor();

  await page.getByRole("link", { name: "Compare" }).click();
  const compared = page.getByRole("article", { name: /^EfficientNet-Lite0 / });
  await compared.getByText("Median of 5 runs.", { exact: true }).waitFor();
  await compared.getByText("First run", { exact: true }).waitFor();
  assert.ok(await compared.getByText("Frames a second", { exact: true }).isHidden());
  assert.match(await page.locator("#answers-by").textContent(), /^Auto: (CPU|WebGPU)$/);
  await closeVisit(page);
});

test("refused shaders are told, and the CPU is offered (worker stubbed)", { timeout: PATIENCE }, async () => {
  const device = { kind: "webgpu", engine: "convscope", adapter: "stub", software: false, f16: false, maxBindingBytes: 0, note: "" };
  const page = await visit(browser, "?network=efficientnet_lite0", {
    before: (page) => stubFirstWorker(page, {
      create: { value: device },
      load: { value: null },
      classify: { value: { predictions: [{ index: 0, label: "nonsense", probability: 1 }], timing: { preprocess: 1, inference: 1, total: 2 }, heads: [], vote: null } },
      rejectedShaders: { value: 2 },
    }),
  });
  await page.getByRole("status").getByText(/predictions may be wrong/).waitFor();
  await page.getByRole("button", { name: "Use the CPU" }).click();
  await predictions(page, "espresso");
  assert.ok(await page.getByRole("radio", { name: "CPU" }).isChecked());
  assert.ok(await page.getByText(/predictions may be wrong/).isHidden());
  await closeVisit(page);
});
