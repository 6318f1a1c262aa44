// The tab "Layers" of the inside view: its table, its strips, its measurement and the memory of activations.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { becomes, closeVisit, errorSays, launch, visit } from "./browser.mjs";
import { busyTimes } from "./tasks.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Opens a network's layers and waits until the table has them all. */
async function open(query, options) {
  const page = await visit(browser, query, options);
  await whole(page);
  return page;
}

/** Waits until the table has all rows that it is to show. */
const whole = (page) => page.locator('#layer-table tbody[aria-busy="false"] tr').first().waitFor();

/** The texts of a column of the table. */
const column = (page, name) => page.locator(`#layer-table tbody [data-column="${name}"]`).allTextContents();

/** The numbers of a column; texts such as "in conv2" are left out. */
const numbers = async (page, name) => (await column(page, name)).map((text) => Number(text.replaceAll(",", ""))).filter(Number.isFinite);

/** A line of the table's foot. */
const total = (page, label, name) => page.locator("#layer-table tfoot tr").filter({ hasText: label }).locator(`[data-column="${name}"]`).textContent();

const head = (page, name) => page.locator(`#layer-table thead [data-column="${name}"]`);

const cardOf = (page, id) => page.evaluate(async (id) => (await import(new URL("www/state.js", location.href).href)).cardOf(id), id);

async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button, exact: true }).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/** Measures, and waits until it is done. */
async function measure(page) {
  await page.locator("#measure:enabled").waitFor();
  await page.locator("#measure").click();
  await page.locator("#measure-notes").getByText(/Measured (once|\d+ times)/).first().waitFor();
  await page.locator("#measure:enabled").waitFor();
}

/** The time that a note says all layers take together, and that of the last whole prediction. */
async function noted(page) {
  const text = await page.locator("#measure-notes").textContent();
  const [, layers, prediction] = /All layers together take ([\d.]+)\sms; the last whole prediction took ([\d.]+)\sms/.exec(text) ?? [];
  return { text, layers: Number(layers), prediction: Number(prediction) };
}

test("VGG-16's layers are there before the visitor agrees to load it, and add up to what its card says", async () => {
  const page = await open("?inside=vgg16&device=cpu");
  await page.getByRole("button", { name: "Load VGG-16" }).waitFor();
  assert.equal((await column(page, "name")).length, 21);
  const card = await cardOf(page, "vgg16");
  const sum = (all) => all.reduce((a, b) => a + b, 0);
  assert.equal(sum(await numbers(page, "parameters")), card.parameters);
  assert.equal(await total(page, "All: 21 layers", "parameters"), card.parameters.toLocaleString("en"));
  const file = await saved(page, "Save JSON");
  assert.equal(file.name, "vgg16-layers.json");
  const { totals, layers, measured } = JSON.parse(file.text);
  assert.deepEqual([totals.parameters, layers.length, measured], [card.parameters, 21, null]);
  assert.ok(Math.abs(totals.macs / card.macs - 1) < 0.001, `${totals.macs} is not ${card.macs}, which the card gives to four digits`);
  const csv = (await saved(page, "Save CSV")).text.trimEnd().split("\n");
  assert.equal(csv.length, 22);
  assert.match(csv[19], /^fc6,linear,ReLU,/);
  assert.match(await page.locator("#strips").textContent(), /fc6 alone has 74\s% of the 138 million parameters\./);
  assert.ok(await page.locator("#measure").isDisabled());
  assert.match(await page.locator("#measure-note").textContent(), /VGG-16 cannot be measured yet\. Waiting for your consent/);
  await closeVisit(page);
});

test("the memory of VGG-16's activations follows batch and precision, beside what the course teaches and what the engine takes", async () => {
  const page = await open("?inside=vgg16&device=cpu");
  const bytes = (bar) => page.locator(`[data-bar="${bar}"] b`).textContent();
  assert.equal(await bytes("outputs"), "60.3\u00a0MB");
  assert.equal(await bytes("training"), "121\u00a0MB");
  await page.getByRole("radio", { name: "128", exact: true }).check();
  await page.getByRole("radio", { name: "16 bits", exact: true }).check();
  assert.equal(await bytes("outputs"), "3862\u00a0MB");
  assert.equal(await bytes("parameters"), "277\u00a0MB");
  await page.getByRole("radio", { name: "8 bits", exact: true }).check();
  assert.equal(await bytes("training"), "–");
  assert.match(await page.locator("#activations").textContent(), /CS231n teaches about 24 million elements, 96\sMB forward.*15\.1 million, 60\.3\sMB, or 15\.2 million with the input/);
  await page.getByRole("button", { name: "Load VGG-16" }).waitFor(); // by then the engine has told what it would take
  assert.match(await bytes("engine"), /^\d+(\.\d)?\sMB$/);
  await closeVisit(page);
});

const isNear = (layers, prediction) => layers > prediction / 2 && layers < prediction * 2;

/** Measured again, in a few visits, where other programs kept the machine busy during one of the two. */
async function measuredLite(t) {
  for (let attempt = 0; ; attempt++) {
    const page = await open("?inside=efficientnet_lite0&device=cpu&source=sample:coffee");
    await becomes(page, async () => (await import(new URL("www/state.js", location.href).href)).state.answers.efficientnet_lite0);
    await measure(page);
    const found = await noted(page);
    t.diagnostic(found.text);
    if (isNear(found.layers, found.prediction) || attempt === 3) return { page, ...found };
    await closeVisit(page);
  }
}

test("EfficientNet-Lite0 is measured on the CPU, and its layers take about as long as a prediction", async (t) => {
  const { page, text, layers, prediction } = await measuredLite(t);
  assert.match(text, /Computed by ConvScope on the CPU: WebAssembly SIMD/);
  assert.ok(isNear(layers, prediction), `the layers take ${layers} ms, a prediction ${prediction}`);
  const sum = (await numbers(page, "time")).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - layers) < 0.05 * layers, `${sum} is not ${layers}`);
  assert.ok(Math.abs(Number(await total(page, "All: 60 layers", "time")) - layers) <= 0.006 * layers, "the total is the sum of the note"); // both are rounded to three digits
  assert.match(await page.locator("#strips").textContent(), /takes longest, [\d.]+\s% of the [\d.]+\sms/);

  await head(page, "time").getByRole("button").click();
  assert.equal(await head(page, "time").getAttribute("aria-sort"), "descending");
  await whole(page);
  const slowest = await numbers(page, "time");
  assert.deepEqual(slowest, slowest.toSorted((a, b) => b - a));
  assert.ok(slowest[0] > slowest.at(-1));
  await head(page, "time").getByRole("button").press("Enter");
  assert.equal(await head(page, "time").getAttribute("aria-sort"), "ascending");

  const { measured, layers: savedLayers } = JSON.parse((await saved(page, "Save JSON")).text);
  assert.ok(measured.runs >= 1 && Math.abs(Date.now() - Date.parse(measured.date)) < 300_000);
  for (const { name, computedBy, milliseconds } of savedLayers) assert.ok(computedBy ? milliseconds === null : milliseconds > 0, `${name} has no time`);
  await closeVisit(page);
});

test("a measurement can be cancelled, and leaves no times", async () => {
  const page = await open("?inside=efficientnet_lite0&device=cpu");
  await page.locator("#measure:enabled").waitFor();
  await page.locator("#measure").press("Enter");
  await page.locator("#measure-cancel:focus").press("Enter");
  await page.locator("#measure:enabled:focus").waitFor();
  assert.equal(await page.locator("#measure-notes").textContent(), "");
  assert.ok(await page.locator("#measure-trouble").isHidden());
  assert.deepEqual(await numbers(page, "time"), []);
  await closeVisit(page);
});

test("LeNet-5 is measured with WebGPU, and a software adapter is marked", async (t) => {
  const page = await open("?inside=lenet5&device=webgpu");
  await measure(page);
  const text = await page.locator("#measure-notes").textContent();
  t.diagnostic(text);
  assert.match(text, /Computed by ConvScope on WebGPU: .*software adapter/);
  assert.ok((await numbers(page, "time")).every((time) => time > 0));
  await closeVisit(page);
});

test("where burn computes, the page says why there are no times", async () => {
  const page = await open("?inside=lenet5&device=cpu&engine=burn");
  assert.match(await page.locator("#measure-note").textContent(), /^burn runs the layers as one computation.*Choose ConvScope/);
  assert.ok(await page.locator("#measure").isDisabled());
  await closeVisit(page);
});

test("a chosen layer is in the address, in the strips and in the table", async () => {
  const page = await open("?inside=squeezenet1_1&device=cpu&layer=fire2/squeeze1x1");
  const current = page.locator('#layer-table tr[aria-current="true"]');
  assert.equal(await current.getAttribute("data-layer"), "fire2/squeeze1x1");
  const marked = () => page.locator(".marked").evaluateAll((all) => all.map((one) => `${one.getAttribute("visibility")} ${one.getAttribute("x")}`));
  const place = (await column(page, "name")).indexOf("fire2/squeeze1x1");
  assert.deepEqual(await marked(), Array(4).fill(`visible ${place}`));

  await page.locator(".layer-slider").focus();
  await page.keyboard.press("ArrowRight");
  const next = (await column(page, "name"))[place + 1];
  await page.waitForFunction((next) => new URLSearchParams(location.search).get("layer") === next, next);
  assert.equal(await current.getAttribute("data-layer"), next);
  assert.match(await page.locator(".layer-slider").getAttribute("aria-valuetext"), new RegExp(`^${next}, convolution\\. Parameters: `));

  await page.locator(".strip-chart").nth(1).click({ position: { x: 2, y: 20 } });
  await page.waitForFunction((first) => new URLSearchParams(location.search).get("layer") === first, (await column(page, "name"))[0]);
  assert.deepEqual(await marked(), Array(4).fill("visible 0"));
  assert.equal(await page.locator(".strip-layer b").textContent(), (await column(page, "name"))[0]);

  await current.getByRole("button").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction((second) => new URLSearchParams(location.search).get("layer") === second, (await column(page, "name"))[1]);
  await closeVisit(page);
});

test("the filter leaves the layers with its words, and their totals", async () => {
  const page = await open("?inside=efficientnet_lite0&device=cpu");
  await page.locator("#layer-filter").fill("depthwise");
  const kinds = await column(page, "kind");
  assert.ok(kinds.length > 10 && kinds.every((kind) => kind.startsWith("depthwise convolution")), kinds.join());
  const sum = (await numbers(page, "parameters")).reduce((a, b) => a + b, 0);
  assert.equal(await total(page, `With these words: ${kinds.length} layers`, "parameters"), sum.toLocaleString("en"));
  await page.locator("#layer-filter").fill("blocks.2 add");
  assert.deepEqual(await column(page, "name"), ["blocks.2.add"]);
  await page.locator("#layer-filter").fill("nothing of it");
  assert.match(await page.locator("#layer-table-note").textContent(), /No layer has these words/);
  await page.locator("#layer-filter").fill("");
  await page.waitForFunction(() => document.querySelectorAll("#layer-table tbody tr").length === 60);
  await closeVisit(page);
});

test("a second network stands below the first, on the same scale or on its own", async () => {
  const page = await open("?inside=squeezenet1_1&with=vgg16&device=cpu");
  await page.locator(".strips").nth(1).waitFor();
  assert.deepEqual(await page.locator(".strips h3").allTextContents(), ["SqueezeNet 1.1 38 layers", "VGG-16 21 layers"]);
  assert.match(await page.locator("#strips-comparison").textContent(), /^SqueezeNet 1\.1 has 0\.9\s% of the parameters of VGG-16, \d+\s% of the memory of activations and [\d.]+\s% of the multiply–accumulates\.$/);
  const tallest = () => page.locator('.strips:first-child [data-strip="parameters"]').evaluate((chart) => {
    const tops = [...chart.querySelectorAll(".column")].map((one) => chart.getBoundingClientRect().bottom - one.getBoundingClientRect().top);
    return Math.max(...tops) / chart.getBoundingClientRect().height;
  });
  assert.ok(await tallest() < 0.05, "on VGG-16's scale");
  assert.equal(await page.locator("#scale-advice").textContent(), "", "its activations are seen");
  await page.getByLabel("Same scale").uncheck();
  assert.ok(await tallest() > 0.9, "on its own scale");
  await page.getByRole("radio", { name: "VGG-16" }).check();
  await page.waitForFunction(() => document.querySelectorAll("#layer-table tbody tr").length === 21);
  await page.locator("#layer-table").getByRole("button", { name: "fc7" }).click();
  assert.equal(await page.locator(".strips:nth-child(2) .strip-layer b").textContent(), "fc7");
  assert.ok(!new URL(page.url()).searchParams.has("layer"), "the address has the first network's layer");
  await closeVisit(page);
});

test("a network that is too small to be seen on the scale of another one is named, with what to do", async () => {
  const page = await open("?inside=resnet18&with=lenet5&device=cpu");
  const advice = page.locator("#scale-advice");
  await advice.getByText("On the same scale, LeNet-5 is too small to be seen: turn “Same scale” off, and each network has a scale of its own.").waitFor();
  await page.getByLabel("Same scale").uncheck();
  assert.equal(await advice.textContent(), "");
  await closeVisit(page);
});

test("GoogLeNet's auxiliary layers are in the table and apart from its totals", async () => {
  const page = await open("?inside=googlenet&device=cpu");
  const card = await cardOf(page, "googlenet");
  await page.waitForFunction(() => document.querySelectorAll("#layer-table tbody tr").length === 91);
  assert.equal(await total(page, "All: 83 layers", "parameters"), card.parameters.toLocaleString("en"));
  assert.match(await total(page, "Only for auxiliary outputs: 8 layers", "parameters"), /^[\d,]{6,}$/);
  assert.match(await page.locator(".strips h3").textContent(), /83 layers/);
  await closeVisit(page);
});

test("a network that does not exist is named, and the page goes on", async () => {
  const page = await visit(browser, "?inside=nonsense&device=cpu");
  await errorSays(page, /nonsense/);
  await page.locator("#layer-table-note").getByText("There is no network “nonsense”. Choose one above.").waitFor();
  assert.ok(await page.locator("#measure").isDisabled());
  await page.locator("#inside-network").selectOption("lenet5");
  await whole(page);
  assert.equal((await column(page, "name")).length, 7);
  await page.locator("#measure:enabled").waitFor();
  await closeVisit(page);
});

test("ResNet-152's 208 layers keep the page waiting at no time", async () => {
  const page = await open("?inside=lenet5&device=cpu");
  const all = () => page.waitForFunction(() => document.querySelectorAll("#layer-table tbody tr").length === 208 && document.querySelector("#layer-table tbody").ariaBusy === "false");
  const long = await busyTimes(browser, page, async () => {
    await page.locator("#inside-network").selectOption("lenet5");
    await page.waitForFunction(() => document.querySelectorAll("#layer-table tbody tr").length === 7);
    await page.locator("#inside-network").selectOption("resnet152");
    await all();
    await head(page, "macs").getByRole("button").click();
    await all();
    await page.locator("#layer-filter").fill("add");
    await page.locator("#layer-filter").fill("");
    await all();
    await page.locator(".layer-slider").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(300);
  });
  assert.deepEqual(long, []);
  await closeVisit(page);
});

test("on a phone the table scrolls in its own box, and the page does not", async () => {
  const page = await open("?inside=efficientnet_lite0&with=lenet5&device=cpu", { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  await page.locator(".strips").nth(1).waitFor();
  const { box, content, width, touch } = await page.evaluate(() => {
    const scroll = document.querySelector(".layer-scroll");
    const controls = [...document.querySelectorAll("#inside-layers :is(button, select, input:not([type=radio], [type=checkbox]))")];
    return {
      box: scroll.clientWidth,
      content: scroll.scrollWidth,
      width: document.documentElement.scrollWidth,
      touch: controls.filter((control) => control.offsetParent && control.offsetHeight < 44).map((control) => control.id || control.textContent),
    };
  });
  assert.ok(content > box && box < 390, `${content} in ${box}`);
  assert.equal(width, 390);
  assert.deepEqual(touch, []);
  const scrolled = await page.locator(".layer-scroll").evaluate((box) => {
    box.scrollTo(300, 400);
    return { left: box.scrollLeft, top: box.scrollTop, head: box.querySelector("thead").getBoundingClientRect().top - box.getBoundingClientRect().top };
  });
  assert.deepEqual([scrolled.left, scrolled.top], [300, 400]);
  assert.ok(Math.abs(scrolled.head) < 3, `the head is ${scrolled.head} pixels below the box's edge`);
  await closeVisit(page);
});

test("the two networks are never the same, and what is chosen in one stays when the other changes", async () => {
  const page = await open("?inside=lenet5&with=squeezenet1_1&device=cpu&tab=layers&class=3");
  await page.getByLabel("Beside it", { exact: true }).selectOption("efficientnet_lite0");
  await page.waitForURL(/with=efficientnet_lite0/);
  assert.match(page.url(), /class=3/);
  await page.getByLabel("Look into", { exact: true }).selectOption("efficientnet_lite0");
  await page.waitForURL(/inside=efficientnet_lite0/);
  assert.doesNotMatch(page.url(), /with=|class=/);
  assert.equal(await page.getByLabel("Beside it", { exact: true }).inputValue(), "");
  await closeVisit(page);
});

test("a name that every object has is no network", async () => {
  const page = await visit(browser, "?inside=constructor&device=cpu");
  await page.locator('#layer-table tbody[aria-busy="false"] tr').first().waitFor();
  assert.equal(await page.getByLabel("Look into", { exact: true }).inputValue(), "efficientnet_lite0");
  await closeVisit(page);
});
