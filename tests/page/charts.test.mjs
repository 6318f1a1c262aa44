// The charts of a result: drawn, told in words and tables, saved as files; and what the page does without their library.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";
import { logTicks } from "../../www/compare/pure/chartParts.js";
import { SENT, SENT_WITH_BURN, SENT_WITH_INT8, fragmentOf } from "./sender.mjs";

const TITLES = ["Accuracy against inference time", "Inference: every timing, median and p90", "Parameters against activation memory", "The challenge, year by year"];
const QUERY = `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf(SENT)}`;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * @param {import("playwright-core").Page} page
 * @param {string} title
 */
const chart = (page, title) => page.getByRole("img", { name: title, exact: true });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} button
 */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button, exact: true }).click()]);
  return readFile(await download.path());
}

/** Each network's milliseconds, parameters, activations' bytes and accuracy, about as they are. */
const NETWORKS = {
  lenet5: [0.15, 61_706, 37_632, 99.4], alexnet: [38, 61e6, 2.3e6, 56.5], vgg16: [290, 138e6, 25e6, 71.6], vgg19: [350, 143e6, 26e6, 72.4], googlenet: [44, 6.6e6, 9e6, 69.8],
  resnet18: [52, 11.7e6, 6.4e6, 69.8], resnet34: [98, 21.8e6, 6.5e6, 73.3], resnet50: [120, 25.6e6, 9.6e6, 76.1], resnet101: [221, 44.5e6, 10.6e6, 77.4], resnet152: [320, 60.2e6, 11.6e6, 78.3],
  squeezenet1_1: [22, 1.24e6, 8.7e6, 58.2], mobilenet_v2: [27, 3.5e6, 7.2e6, 71.9], efficientnet_b0: [48, 5.3e6, 9.8e6, 77.7], efficientnet_lite0: [29, 4.65e6, 4.8e6, 75.1], efficientnet_lite2: [55, 6.1e6, 6.2e6, 77.6],
};
const RANDOM = ["alexnet", "vgg19", "resnet101"];
const TIMINGS = 1000;

/** All networks with all their timings, as they are kept in the browser. */
const MANY = {
  ...SENT,
  rows: Object.entries(NETWORKS).map(([network, [median, parameters, activationBytes, top1]]) => ({
    ...SENT.rows[0], network, variant: RANDOM.includes(network) ? "random" : "q8", median, low: 0.99 * median, high: 1.01 * median, min: 0.95 * median, p90: 1.1 * median, first: 2 * median,
    runs: TIMINGS, parameters, activationBytes, top1, times: Array.from({ length: TIMINGS }, (_, i) => median * (0.95 + (0.2 * ((i * 37) % 100)) / 100)),
  })),
};

/**
 * What lies on what, in pixels of the page.
 * @param {import("playwright-core").Page} page
 */
const overlaps = (page) => page.locator(".chart svg[role=img]").evaluateAll((charts) => charts.flatMap((svg) => {
  const box = (/** @type {Element} */ shown) => ({ text: shown.textContent, ...shown.getBoundingClientRect().toJSON() });
  const names = [...svg.querySelectorAll(".labels text")].map(box);
  const texts = [...svg.querySelectorAll("text")].filter((text) => !text.closest("[transform*=rotate], .labels") && !text.getAttribute("transform")?.includes("rotate")).map(box);
  const points = [...svg.querySelectorAll("circle")].filter((circle) => circle.r.baseVal.value > 2.5).map(box);
  const touch = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  const inCircle = (a, b) => Math.hypot(Math.max(a.left - (b.left + b.width / 2), 0, b.left + b.width / 2 - a.right), Math.max(a.top - (b.top + b.height / 2), 0, b.top + b.height / 2 - a.bottom)) < b.width / 2 - 1.5;
  return [
    ...names.flatMap((a, i) => [...names.slice(i + 1), ...texts].filter((b) => touch(a, b)).map((b) => `${svg.ariaLabel}: “${a.text}” lies on “${b.text}”`)),
    ...names.flatMap((a) => points.filter((b) => inCircle(a, b)).map(() => `${svg.ariaLabel}: “${a.text}” lies on a point`)),
    ...texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => touch(a, b)).map((b) => `${svg.ariaLabel}: “${a.text}” lies on “${b.text}”`)),
  ];
}));

for (const [width, font] of [[1280, 12], [390, 12], [1920, 16]]) {
  test(`all networks, ${width} pixels wide with text of ${font}: names beside points and on nothing, scales apart, hollow points`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, "?networks=lenet5&device=cpu&tab=benchmark", { context: { viewport: { width, height: 800 } }, before: (page) => page.addInitScript((result) => localStorage.setItem("convscope-results", JSON.stringify([{ id: 1, result }])), MANY) });
    await page.locator(`.chart svg[role=img][font-size="${font}"]`).nth(3).waitFor();
    await page.getByText(/AlexNet took/).first().waitFor({ state: "attached" }); // with the networks' names
    await chart(page, TITLES[3]).locator(".labels text").first().waitFor();
    assert.deepEqual(await overlaps(page), []);
    const names = await page.locator(".chart svg[role=img]").evaluateAll((charts) => charts.map((svg) => [...svg.querySelectorAll(".labels text")].map(({ textContent }) => textContent)));
    assert.deepEqual(names.map(({ length }) => length), [14, 0, 14, 9], names.join(" | "));

    const hollow = (/** @type {string} */ title) => chart(page, title).locator("circle").evaluateAll((circles) => circles.filter((circle) => getComputedStyle(circle).fill === "none").length);
    assert.equal(await hollow(TITLES[0]), 3);
    assert.equal(await hollow(TITLES[2]), 3);
    assert.equal(await hollow(TITLES[3]), 3);
    const words = await page.locator(".chart > .note").allTextContents();
    for (const text of words) assert.match(text, /Hollow points ran with random weights\./);
    assert.match(words[1], /every second or further one is drawn, spread evenly.*LeNet-5 has a scale of its own, because it is more than 10 times quicker/);
    assert.match(words[2], /LeNet-5 \(61\.7K parameters, 0\.04\sMB\) is left out/);
    assert.match(words[3], /Not on it: LeNet-5, which is older than the challenge and reads digits; SqueezeNet 1\.1, MobileNetV2, EfficientNet-B0, EfficientNet-Lite0 and EfficientNet-Lite2, not entered in the challenge\.$/);
    const dots = await chart(page, TITLES[1]).locator("circle").count();
    assert.ok(dots > 1000 && dots <= 1200, `${dots} dots of ${15 * TIMINGS} timings`);
    const panels = chart(page, TITLES[1]).locator(":scope > svg");
    assert.equal(await panels.count(), 2);
    const extent = await panels.nth(1).evaluate((panel) => {
      const x = [...panel.querySelectorAll("circle")].map((circle) => circle.getBoundingClientRect().x);
      return (Math.max(...x) - Math.min(...x)) / panel.getBoundingClientRect().width;
    });
    assert.ok(extent > 0.35, `the others take ${extent} of the width`);
    assert.equal(await chart(page, TITLES[3]).locator(":scope > svg").count(), 2, "the errors, and the inference apart");
    await closeVisit(page);
  });
}

for (const width of [1280, 390]) {
  test(`four charts, ${width} pixels wide, without a word from the page's policy`, { timeout: PATIENCE }, async () => {
    const complaints = [];
    const page = await visit(browser, QUERY, { context: { viewport: { width, height: 800 } }, before: async (page) => {
      page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
    } });
    for (const title of TITLES) await chart(page, title).waitFor();
    // Drawn at once, and again as soon as the engine has told the networks' names.
    await page.getByText(/AlexNet took/).first().waitFor({ state: "attached" });
    const shown = await page.locator(".chart").evaluateAll((figures) => figures.map((figure) => {
      const svg = figure.querySelector("svg[role=img]");
      const inner = svg.getBoundingClientRect();
      const outer = figure.getBoundingClientRect();
      return {
        inside: inner.left >= outer.left && inner.right <= outer.right,
        marks: svg.querySelectorAll("circle, rect, path, line").length,
        words: document.getElementById(svg.getAttribute("aria-describedby")).textContent,
        rows: figure.querySelectorAll("tbody tr").length,
        heads: figure.querySelectorAll("thead th").length,
      };
    }));
    assert.ok(shown.every(({ inside, marks, heads }) => inside && marks > 5 && heads >= 3), JSON.stringify(shown));
    assert.deepEqual(shown.map(({ rows }) => rows), [10, 12, 6, 10]); // LeNet-5 twice left out; all; each network once; the challenge and a human
    assert.match(shown[0].words, /quickest is EfficientNet-Lite0 with 4\.00\sms/);
    assert.match(shown[3].words, /from 28\.2 % in 2010 to 2\.25 % in 2017.*5\.1 %.*AlexNet took 60\.0\sms/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the window");

    await page.getByLabel("Measured inference below the years' chart").uncheck();
    await page.getByText(/^The winners' top-5 error/).filter({ hasNotText: "took" }).waitFor();
    assert.equal(await chart(page, TITLES[3]).locator(":scope > svg").count(), 1);
    assert.deepEqual(complaints, []);
    await closeVisit(page);
  });
}

test("few networks: one in the singular, three ticks or more, and names that stand above the human line", { timeout: PATIENCE }, async () => {
  const of = (/** @type {string[]} */ ...networks) => SENT.rows.filter(({ device, network }) => device === "cpu" && networks.includes(network));
  const open = (/** @type {any[]} */ rows) => visit(browser, `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf({ ...SENT, rows })}`, { context: { viewport: { width: 390, height: 800 } } });
  const one = await open(of("alexnet"));
  await one.getByText(/Below: AlexNet took 60\.0\sms for an inference, in the year in which its family took part,/).waitFor({ state: "attached" });
  await one.getByText("1 row. An inference of AlexNet takes 60.0\u00a0ms, and its accuracy is 57.1 %.").waitFor({ state: "attached" });
  await closeVisit(one);

  const like = { lenet5: {}, alexnet: { activationBytes: 11.4e6 }, vgg16: { median: 58, activationBytes: 12.1e6 } };
  const page = await open(of("lenet5", "alexnet", "vgg16").map((row) => ({ ...row, ...like[row.network] })));
  await page.getByText(/VGG-16 is both the quickest \(58\.0\sms\) and the most accurate \(71\.6 %\)\./).waitFor({ state: "attached" });
  await page.getByText(/^2 networks\. .*LeNet-5.* is left out/).waitFor({ state: "attached" });
  const ticks = (/** @type {string} */ title) => chart(page, title).locator(":scope > svg").evaluateAll((panels) => panels.map((panel) => panel.querySelectorAll('[aria-label^="y-axis tick label"] text').length));
  for (const count of [...await ticks(TITLES[2]), ...await ticks(TITLES[3])]) assert.ok(count >= 3, `${count} ticks`);
  const { line, names, wider } = await chart(page, TITLES[3]).locator(":scope > svg").first().evaluate((panel) => {
    const boxes = (/** @type {string} */ selector) => [...panel.querySelectorAll(selector)].map((shown) => shown.getBoundingClientRect());
    const texts = [...panel.querySelectorAll("[aria-label=text] text")];
    const bars = boxes("[aria-label=rect] rect");
    const values = texts.filter(({ textContent }) => /^\d+(\.\d+)?$/.test(textContent)).map((text) => text.getBoundingClientRect());
    return {
      line: boxes("[aria-label=rule] line").map(({ top }) => top).sort((a, b) => b - a)[0],
      names: texts.filter(({ textContent }) => /^(ResNet|Trimps-Soushen|SENet)$/.test(textContent)).map((text) => text.getBoundingClientRect().bottom),
      wider: values.filter((value, i) => value.width > bars[i].width).length,
    };
  });
  assert.equal(names.length, 3);
  assert.ok(names.every((bottom) => bottom < line), `${names} end below ${line}`);
  assert.equal(wider, 0, "numbers that are wider than their bars");
  await closeVisit(page);
});

test("a scale has as many round numbers as there is room for, and three where it is short", () => {
  assert.deepEqual(logTicks([1, 1000], 5), [1, 10, 100, 1000]);
  assert.deepEqual(logTicks([10.2, 13.5], 8), [10.5, 11, 11.5, 12, 12.5, 13, 13.5]);
  assert.deepEqual(logTicks([0.0102, 0.0135], 4), [0.011, 0.012, 0.013]);
  for (let least = 1; least < 10; least *= 1.07) {
    for (const span of [1.2, 1.4, 2, 5]) {
      const ticks = logTicks([least, least * span], 7);
      assert.ok(ticks.length >= 3 && ticks.length <= 7, `${ticks} from ${least} to ${least * span}`);
    }
  }
});

test("burn's rows have a colour and a name of their own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf(SENT_WITH_BURN)}`);
  const [accuracy, inference] = [page.locator(".chart").nth(0), page.locator(".chart").nth(1)];
  await inference.getByText("AlexNet · WebGPU, burn", { exact: true }).first().waitFor({ state: "attached" });
  for (const chart of [accuracy, inference]) {
    assert.deepEqual(await chart.locator(".plot-swatch").allTextContents(), ["CPU", "WebGPU", "CPU, burn", "WebGPU, burn"]);
    const colours = await chart.locator(".plot-swatch svg").evaluateAll((swatches) => swatches.map((swatch) => getComputedStyle(swatch).fill));
    assert.equal(new Set(colours).size, 4, colours.join());
  }
  assert.equal(await inference.locator("tbody tr").count(), 24);
  assert.equal(await page.locator("#bench-table tbody tr", { hasText: "CPU, burn" }).count(), 6);
  await closeVisit(page);
});

test("rows in 8-bit arithmetic have a colour and a name of their own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf(SENT_WITH_INT8)}`);
  const inference = page.locator(".chart").nth(1);
  await inference.getByText("AlexNet · CPU, 8-bit", { exact: true }).first().waitFor({ state: "attached" });
  assert.deepEqual(await inference.locator(".plot-swatch").allTextContents(), ["CPU", "CPU, 8-bit", "WebGPU"]);
  const colours = await inference.locator(".plot-swatch svg").evaluateAll((swatches) => swatches.map((swatch) => getComputedStyle(swatch).fill));
  assert.equal(new Set(colours).size, 3, colours.join());
  await closeVisit(page);
});

test("charts are saved as files that stand alone", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, QUERY, { context: { acceptDownloads: true, colorScheme: "dark" } });
  await chart(page, TITLES[1]).waitFor();
  await chart(page, TITLES[3]).waitFor();
  const svg = String(await saved(page, `Save “${TITLES[1]}” as SVG`));
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<title[^>]*>Inference: every timing/);
  assert.match(svg, /AlexNet · CPU/);
  assert.doesNotMatch(svg, /var\(|currentColor|<script|<style|class=/);

  const png = await saved(page, `Save “${TITLES[1]}” as PNG`);
  const size = { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.ok(size.width > 600 && size.height > 400, JSON.stringify(size));
  assert.ok(png.length > 10_000, `a picture of ${png.length} bytes has nothing on it`);
  await closeVisit(page);
});

test("without the charts' library the numbers stay, and a sentence says what to do", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, QUERY, { before: (page) => page.route("**/vendor/plot*", (route) => route.abort()) });
  await page.getByText(/^The charts cannot be drawn\. plot\.umd\.min\.js could not be loaded\. .*cargo xtask setup/).waitFor();
  assert.equal(await page.locator("#bench-table tbody tr").count(), 12);
  await closeVisit(page);
});
