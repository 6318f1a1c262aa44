// The charts of a result: drawn, told in words and tables, saved as files; and what the page does without their library.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";
import { SENT, SENT_WITH_BURN, fragmentOf } from "./sender.mjs";

const TITLES = ["Accuracy against latency", "Latency: first run, median and p90", "Parameters against activation memory", "The challenge, year by year"];
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

    await page.getByLabel("Measured latency on the years' chart").uncheck();
    await page.getByText(/^The winners' top-5 error/).filter({ hasNotText: "took" }).waitFor();
    assert.deepEqual(complaints, []);
    await closeVisit(page);
  });
}

test("burn's rows have a colour and a name of their own", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf(SENT_WITH_BURN)}`);
  const [accuracy, latency] = [page.locator(".chart").nth(0), page.locator(".chart").nth(1)];
  await latency.getByText("AlexNet · WebGPU, burn", { exact: true }).first().waitFor({ state: "attached" });
  for (const chart of [accuracy, latency]) {
    assert.deepEqual(await chart.locator(".plot-swatch").allTextContents(), ["CPU", "WebGPU", "CPU, burn", "WebGPU, burn"]);
    const colours = await chart.locator(".plot-swatch svg").evaluateAll((swatches) => swatches.map((swatch) => getComputedStyle(swatch).fill));
    assert.equal(new Set(colours).size, 4, colours.join());
  }
  assert.equal(await latency.locator("tbody tr").count(), 24);
  assert.equal(await page.locator("#bench-table tbody tr", { hasText: "CPU, burn" }).count(), 6);
  await closeVisit(page);
});

test("charts are saved as files that stand alone", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, QUERY, { context: { acceptDownloads: true, colorScheme: "dark" } });
  await chart(page, TITLES[1]).waitFor();
  await chart(page, TITLES[3]).waitFor();
  const svg = String(await saved(page, `Save “${TITLES[1]}” as SVG`));
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<title[^>]*>Latency: first run/);
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
