// Every address in docs/ shows the view that it names, with what it chooses there, and no trouble is told.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { closeVisit, launch, predictions, site, visit } from "./browser.mjs";

const DOCS = new URL("../../docs/", import.meta.url);
const STORY = [1998, 2012, 2014, 2015, 2016, 2018, 2019, 2020];

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** @param {string} name */
const text = (name) => readFileSync(new URL(name, DOCS), "utf8");

/** Addresses of the page, each once. @param {string} name */
const addresses = (name) => [...new Set([...text(name).matchAll(/`(\?[^`\s]+)`/g)].map(([, address]) => address))];

/** What has to be seen at an address. @param {URLSearchParams} query @returns {{ view: string, ready: string }} */
function wanted(query) {
  if (query.has("networks")) return { view: "compare", ready: { benchmark: "#bench-start:enabled", folder: "#folder-choose" }[query.get("tab") ?? ""] ?? "#matrix td" };
  if (query.has("lab")) return { view: "lab", ready: "#lab-form input" };
  if (!query.has("inside")) return { view: "single", ready: "#status:not(:empty)" };
  const tabs = { diagram: ".drawing .node", features: "#features-layer option", attention: ".attention-classes-list button" };
  return { view: "inside", ready: tabs[query.get("tab") ?? ""] ?? '#layer-table tbody[aria-busy="false"] tr' };
}

const AT_ONCE = 3;

for (const name of readdirSync(DOCS).filter((name) => name.endsWith(".md"))) {
  test(`every address in docs/${name} shows what it names`, { timeout: 120_000 }, async () => {
    const known = new Set((await (await fetch(`${site()}pkg/cards.json`)).json()).map((/** @type {{ id: string }} */ { id }) => id));
    const all = addresses(name);
    assert.ok(all.length >= 5, `${name} has only ${all.length} addresses`);
    const waiting = [...all];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      const page = await visit(browser, "?network=lenet5&device=cpu");
      for (let address; (address = waiting.shift()); ) await open(page, address, known);
      await closeVisit(page);
    }));
  });
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} address
 * @param {Set<string>} known ids of networks
 */
async function open(page, address, known) {
  const query = new URLSearchParams(address);
  const networks = ["network", "inside", "with", "networks"].flatMap((key) => query.get(key)?.split(",") ?? []);
  for (const id of networks) assert.ok(known.has(id), `${address}: there is no network ${id}`);
  await page.goto(`${site()}${address}&device=cpu`);
  const { view, ready } = wanted(query);
  await page.waitForFunction((view) => document.body.dataset.view === view, view);
  await page.locator(ready).first().waitFor({ state: "attached" });
  const told = await page.locator("#errors .message.error, #notices .message").allInnerTexts();
  assert.deepEqual(told, [], address);
  const kept = new URLSearchParams(new URL(page.url()).search); // what the page does not understand it leaves out
  for (const [key, value] of query) assert.ok(kept.get(key) === value || isUsual(key, value), `${address}: ${key} became ${kept.get(key)}`);
}

/** What an address need not say, since it is so without it. @param {string} key @param {string} value */
const isUsual = (key, value) => (key === "tab" && value === "layers") || (key === "network" && value === "efficientnet_lite0") || (key === "source" && value === "sample:coffee");

test("there is a lesson for each year of the line, in its order", () => {
  const years = [...text("teaching.md").matchAll(/^## \d+\. (.*)$/gm)].flatMap(([, title]) => title.match(/\b\d{4}\b/g)?.map(Number) ?? []);
  assert.deepEqual([...new Set(years)], STORY);
});

test("the answers in the lessons are the page's", async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu&source=sample:chelsea");
  const cat = (await predictions(page, "Egyptian cat")).slice(0, 3).map(({ label, probability }) => `“${label}” ${Math.round(probability * 100)} %`);
  assert.ok(text("teaching.md").includes(cat.join(", ")), cat.join(", "));
  const compared = "?networks=squeezenet1_1,efficientnet_lite0,efficientnet_lite1,efficientnet_lite2&device=cpu&source=sample:";
  const verdict = page.locator("#verdict");
  for (const [photo, says] of [["coffee", /All 4 say “espresso”/], ["chelsea", /3 of 4 say “Egyptian cat”/], ["rocket", /No majority/]]) {
    await page.goto(site() + compared + photo);
    await verdict.filter({ hasText: says }).waitFor();
  }
  const firsts = await page.locator("#answers-cards .label").allTextContents();
  for (const label of ["obelisk", "missile", "space shuttle", "drilling platform"]) assert.ok(firsts.includes(label), `${label} is not among ${firsts.join(", ")}`);
  await closeVisit(page);
});
