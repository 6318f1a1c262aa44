// Files as training programs write them, through the page's real reader: their answers are those of the same weights on the server.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, errorSays, launch, predictions, visit } from "./browser.mjs";
import { installed, only, safetensors } from "./checkpoints.mjs";
import { drop } from "./ownFiles.mjs";

const NAMES = ["Coffee", "Tin, old", "Mug"]; // of three classes of ImageNet, in another order than theirs
const SQUEEZENET = "squeezenet1_1";
const OURS = `SqueezeNet 1.1, own weights “cups”`;

let browser;
let folder;
let cups;
/** The numbers of three classes that SqueezeNet sees in the coffee, and how probable each is among them. @type {{ index: number, share: number }[]} */
let three;
before(async () => {
  browser = await launch({ webgpu: false });
  folder = await mkdtemp(join(tmpdir(), "convscope-"));
  const page = await visit(browser, `?network=${SQUEEZENET}&device=cpu&source=sample:coffee`);
  const said = await predictions(page);
  const labels = await page.evaluate(async (id) => {
    const { default: init, Engine } = await import(new URL("pkg/convscope.js", location.href).href);
    await init({ module_or_path: new URL("pkg/convscope_bg.wasm", location.href) });
    return Engine.labels(id);
  }, SQUEEZENET);
  await closeVisit(page);
  const [a, b, c] = said;
  const all = a.probability + b.probability + c.probability;
  three = [b, a, c].map(({ label, probability }) => ({ index: labels.indexOf(label), share: probability / all }));
  const tensors = only(await installed(SQUEEZENET), "conv10", three.map(({ index }) => index));
  cups = { name: "cups.safetensors", buffer: safetensors(tensors) };
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const panel = (page) => page.getByRole("dialog", { name: "Weights of your own" });
const run = (page) => panel(page).getByRole("button", { name: "Run it", exact: true });
const labelFile = { name: "classes.txt", buffer: Buffer.from(NAMES.join("\n")) };

/** Opens the network of three classes. @param {string} query */
async function withCups(query) {
  const page = await visit(browser, query);
  await page.locator("input[name=device][value=cpu]:checked").waitFor({ state: "attached" }); // all controls have come
  await drop(page, cups, labelFile);
  await panel(page).getByText("It fits SqueezeNet 1.1 with 3 classes.").waitFor();
  await panel(page).getByText("“classes.txt”: Coffee, Tin, old, Mug.").waitFor();
  await run(page).click();
  await panel(page).waitFor({ state: "hidden" });
  return page;
}

/** The shares by name, with no more difference than rounding to eight bits makes. */
function assertShares(said) {
  assert.equal(said.length, 3);
  for (const { label, probability } of said) {
    const { share } = three[NAMES.indexOf(label)];
    assert.ok(Math.abs(probability - share) < 0.02, `${label}: ${probability}, not ${share}`);
  }
}

test("LeNet-5's own tensors, opened as a file, give the same answers to a rounding", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu");
  await page.locator("#status").getByText("LeNet-5", { exact: true }).waitFor();
  const { x, y, width, height } = await page.locator("#pad").boundingBox();
  await page.mouse.move(x + width * 0.3, y + height * 0.2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.7, y + height * 0.2, { steps: 5 });
  await page.mouse.move(x + width * 0.4, y + height * 0.85, { steps: 5 });
  await page.mouse.up();
  const official = await predictions(page, "7");
  await drop(page, { name: "digits.safetensors", buffer: safetensors(await installed("lenet5")) });
  await panel(page).getByText("safetensors: 61,706 parameters in 10 tensors.").waitFor();
  await run(page).click();
  await page.locator("#status").getByText("LeNet-5, own weights “digits”", { exact: true }).waitFor();
  const own = await predictions(page, "7");
  assert.deepEqual(own.map(({ label }) => label), official.map(({ label }) => label));
  for (const [i, { probability }] of own.entries()) assert.ok(Math.abs(probability - official[i].probability) < 1e-3, `${probability}, not ${official[i].probability}`);
  await closeVisit(page);
});

test("a network with three classes answers with their names and shares, kept over a reload", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?network=${SQUEEZENET}&device=cpu&source=sample:coffee`);
  await predictions(page);
  await drop(page, cups, labelFile);
  await panel(page).getByText("safetensors: 724,035 parameters in 52 tensors.").waitFor();
  await panel(page).getByRole("checkbox").check();
  await run(page).click();
  await page.locator("#status").getByText(OURS, { exact: true }).waitFor();
  assertShares(await predictions(page, NAMES[1]));
  assert.equal(await page.locator("#shares-classes").textContent(), "3");
  await page.locator("#card-facts").getByText("1,235,496 with 1,000 classes").waitFor();
  await page.reload();
  await page.locator("#status").getByText(OURS, { exact: true }).waitFor();
  assertShares(await predictions(page, NAMES[1]));
  await closeVisit(page);
});

test("with other classes, it has no say in the comparison's vote, and the benchmark counts its own parameters", { timeout: PATIENCE }, async () => {
  const page = await withCups(`?networks=${SQUEEZENET},efficientnet_lite0&device=cpu&source=sample:coffee`);
  const card = page.locator(".entry", { has: page.getByRole("heading", { name: new RegExp(`^${OURS}`) }) });
  await card.getByText("Knows other classes, so it has no say in the vote.").waitFor();
  await card.getByText("Tin, old", { exact: true }).waitFor();
  await page.locator("#verdict").getByText(/^(Both say|No majority: the 2 networks)/).waitFor();
  assert.equal(await page.locator("#matrix-table tbody tr").count(), 2);

  await page.getByRole("button", { name: "Benchmark", exact: true }).click();
  await page.locator("#bench-seconds").evaluate((select) => (select.options[0].value = "0.3"));
  await page.locator("#bench-seconds").selectOption({ index: 0 });
  await page.locator("#bench-start").click();
  await page.locator("#share-tools").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save JSON" }).click()]);
  const { rows } = JSON.parse(await readFile(await download.path(), "utf8"));
  const own = rows.find(({ variant }) => variant === "cups");
  assert.deepEqual([own.network, own.parameters, own.top1, own.top5], [SQUEEZENET, 724_035, null, null]);
  assert.ok(own.macs < rows.find(({ network, variant }) => network === SQUEEZENET && variant === "q8").macs);
  await closeVisit(page);
});

test("looked into, its last layers have three channels with its names, and its classes are found by them", { timeout: PATIENCE }, async () => {
  const page = await withCups(`?inside=${SQUEEZENET}&device=cpu&source=sample:coffee`);
  await page.waitForURL(/inside=squeezenet1_1-cups/);
  const last = page.locator("#layer-table tbody tr", { hasText: "conv10" });
  await last.locator("[data-column=output]").getByText("3 × 14 × 14", { exact: true }).waitFor();
  await last.locator("[data-column=parameters]").getByText("1,539", { exact: true }).waitFor();
  await page.getByRole("button", { name: "What it looks at" }).click();
  await page.locator("#attention-classes").getByRole("button", { name: /^Tin, old/ }).waitFor();
  await page.locator("#attention-search").fill("mug");
  await page.getByRole("option", { name: /Mug/ }).click();
  await page.waitForURL(/class=2/);
  await page.locator("figcaption").getByText(/^Mug, /).first().waitFor();
  await page.locator("#attention-search").fill("zebra");
  await page.getByText("It knows 3 classes, numbered from 0 to 2").waitFor();
  await closeVisit(page);
});

test("a folder that is named after its classes counts how often it is right", { timeout: PATIENCE }, async () => {
  for (const name of ["tin old", "other"]) await mkdir(join(folder, name), { recursive: true });
  for (const [name, file] of [["tin old", "a.png"], ["tin old", "b.png"], ["other", "c.png"]]) await writeFile(join(folder, name, file), await coffee());
  const page = await withCups("?networks=efficientnet_lite0&tab=folder&device=cpu");
  await page.locator("#folder-input").setInputFiles(folder);
  await page.locator("#folder-announcement").getByText("The folder has been evaluated.").waitFor({ state: "attached" });
  await page.locator("#folder-summary").getByText(/3 pictures.*; 2 with a label\. No class has the name of this folder: “other”\./).waitFor();
  const line = await page.locator("#folder-scores tbody tr", { hasText: OURS }).locator("td").allTextContents();
  assert.deepEqual(line.slice(0, 4), ["100.0\u00a0%", "34.2–100.0\u00a0%", "–", "–"], "of three classes the right one is always among five");
  assert.equal(await page.locator("#folder-agreements").isHidden(), true, "they do not know the same classes");
  await closeVisit(page);
});

test("weights whose answers are no numbers are told, and give no class", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, `?network=${SQUEEZENET}&device=cpu&source=sample:coffee`);
  await predictions(page, "espresso");
  const tensors = new Map([...(await installed(SQUEEZENET))].map(([name, { shape, values }]) => [name, { shape, values: values.map((value) => 1000 * value) }]));
  await drop(page, { name: "diverged.safetensors", buffer: safetensors(tensors) });
  await run(page).click();
  await panel(page).waitFor({ state: "hidden" });
  await errorSays(page, /What the network computes is not a number: its weights were saved from a training that diverged, or are damaged\./);
  assert.doesNotMatch(await page.locator("#predictions").textContent(), /NaN/);
  await page.locator("#weights").selectOption("q8");
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a file that is cut short, or that fits nothing, is refused with a sentence", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu");
  await page.getByRole("radio", { name: "CPU" }).and(page.locator(":checked")).waitFor();
  for (const file of [{ ...cups, buffer: cups.buffer.subarray(0, 1_000_000) }, { ...cups, buffer: safetensors(new Map([["a.weight", { shape: [2], values: new Float32Array(2) }]])) }, { name: "empty.pth", buffer: Buffer.alloc(0) }]) {
    await drop(page, file);
    const said = panel(page).locator("#own-trouble");
    await said.getByText(/\S.*\.$/).waitFor();
    assert.ok(await run(page).isHidden());
    await panel(page).getByRole("button", { name: "Close" }).click();
    await said.waitFor({ state: "hidden" });
  }
  await page.locator("#status").getByText("LeNet-5", { exact: true }).waitFor();
  await closeVisit(page);
});
