// Known pictures get known names, on each device and from each source.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, film, launch, predictions, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";

const SLOWEST_FIRST = 6000; // milliseconds to the first prediction; the aim is 3000

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * @param {string} device
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} [before]
 */
async function espresso(device, before) {
  const page = await visit(browser, `?device=${device}&source=sample:coffee`, { before });
  const found = await predictions(page, "espresso");
  const shown = {
    found,
    first: await page.evaluate(() => performance.getEntriesByName("first-prediction")[0].startTime),
    adapter: await page.locator("#adapter").textContent(),
    software: await page.locator("#software").isVisible(),
  };
  await closeVisit(page);
  return shown;
}

/** @type {Awaited<ReturnType<typeof espresso>>} */
let onCpu;

test("the cup of coffee is an espresso on the CPU, and soon", async (t) => {
  onCpu = await espresso("cpu");
  assert.equal(onCpu.found.length, 5);
  assert.equal(onCpu.found[0].label, "espresso");
  assert.ok(onCpu.found[0].probability > 0.8, `probability ${onCpu.found[0].probability}`);
  assert.match(onCpu.found[0].text, /^espresso \d+\.\d\s%$/);
  t.diagnostic(`first prediction after ${Math.round(onCpu.first)} ms`);
  assert.ok(onCpu.first < SLOWEST_FIRST, `first prediction after ${Math.round(onCpu.first)} ms`);
});

test("a browser without relaxed SIMD takes the other binary, which says the same", async () => {
  /** @type {Set<string>} */
  const binaries = new Set();
  const plain = await espresso("cpu", async (page) => {
    page.on("request", (request) => { if (request.url().endsWith(".wasm")) binaries.add(new URL(request.url()).pathname); });
    await page.addInitScript(() => { WebAssembly.validate = () => false; });
  });
  assert.deepEqual([...binaries], ["/pkg/convscope_bg.wasm"]);
  assert.match(plain.adapter, /: WebAssembly SIMD, \d+ threads?$/);
  assert.deepEqual(plain.found.map(({ label }) => label), onCpu.found.map(({ label }) => label));
  for (const [place, { probability }] of plain.found.entries()) {
    assert.ok(Math.abs(probability - onCpu.found[place].probability) < 1e-5, `${probability} is not ${onCpu.found[place].probability}`);
  }
});

test("WebGPU says the same as the CPU", { timeout: PATIENCE }, async () => {
  const onGpu = await espresso("webgpu");
  assert.match(onGpu.adapter, /WebGPU/);
  assert.ok(onGpu.software, "SwiftShader is a software adapter and must be marked as one");
  for (const { label, probability } of onGpu.found) {
    const same = onCpu.found.find((other) => other.label === label);
    if (!same) {
      assert.ok(probability <= onCpu.found.at(-1).probability + 1e-3, `${label} is missing on the CPU`);
      continue;
    }
    assert.ok(Math.abs(same.probability - probability) < 1e-3, `${label}: ${same.probability} on the CPU, ${probability} on WebGPU`);
  }
});

/** On the page: what a network says of the webcam's planes, and of the same picture where a browser hands out none. */
async function bothWays() {
  const { frameOfVideo } = await import(new URL("www/camera.js", location.href).href);
  const { default: init, Engine } = await import(new URL("pkg/convscope.js", location.href).href);
  await init();
  const engine = await Engine.create("cpu");
  const weights = new URL("www/weights/", location.href);
  const { networks } = await (await fetch(new URL("manifest.json", weights))).json();
  const { shards: [{ file }] } = networks.find(({ id, variant }) => id === "efficientnet_lite0" && variant === "q8");
  await engine.load("efficientnet_lite0", [new Uint8Array(await (await fetch(new URL(file, weights))).arrayBuffer())]);
  const said = async () => {
    const frame = await frameOfVideo(document.querySelector("#video"), 256);
    return { format: frame.format, ...(await engine.classify("efficientnet_lite0", frame)) };
  };
  const planes = await said();
  delete globalThis.VideoFrame;
  return [planes, await said()];
}

test("a webcam that shows the coffee", { timeout: PATIENCE }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "convscope-"));
  const file = join(folder, "coffee.mjpeg");
  await writeFile(file, await film(browser, await coffee()));
  const withCamera = await launch({ flags: [...FAKE_CAMERA, `--use-file-for-fake-video-capture=${file}`] });
  try {
    const page = await visit(withCamera, "?device=cpu&source=sample:chelsea");
    assert.notEqual((await predictions(page))[0].label, "espresso");
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await predictions(page, "espresso");
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    assert.match(page.url(), /source=camera/);

    const [planes, drawn] = await page.evaluate(bothWays);
    assert.equal(planes.format, "I420");
    assert.equal(drawn.format, undefined);
    assert.deepEqual(planes.predictions.map(({ label }) => label).slice(0, 2), drawn.predictions.map(({ label }) => label).slice(0, 2));
    assert.ok(Math.abs(planes.predictions[0].probability - drawn.predictions[0].probability) < 0.03, `${planes.predictions[0].probability} from planes, ${drawn.predictions[0].probability} drawn`);

    await page.getByLabel("Mirror the display only").check();
    assert.match(await page.locator("#video").evaluate((video) => getComputedStyle(video).transform), /^matrix\(-1,/);

    const tracks = await page.locator("#video").evaluateHandle((video) => video.srcObject.getTracks());
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator("#video").waitFor({ state: "hidden" });
    assert.deepEqual(await tracks.evaluate((all) => all.map((track) => track.readyState)), ["ended"]);
    assert.notEqual((await predictions(page))[0].label, "espresso");
  } finally {
    await withCamera.close();
    await rm(folder, { recursive: true });
  }
});

test("a 3 drawn on the pad", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu");
  const pad = page.getByRole("img", { name: /^Drawing pad, empty/ });
  await pad.waitFor();
  await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();

  await draw(page, three());
  assert.equal((await predictions(page, "3"))[0].label, "3");
  await page.getByRole("img", { name: "Drawing pad, 1 stroke, read as 3" }).waitFor();

  await page.getByRole("button", { name: "Undo" }).click();
  await pad.waitFor();
  assert.equal(await page.locator("#predictions li").count(), 0);

  await draw(page, three());
  await predictions(page, "3");
  await page.getByRole("button", { name: "Clear" }).click();
  await pad.waitFor();
  await closeVisit(page);
});

/** Two bowls, the upper one a little smaller: points between 0 and 1. */
function three() {
  const arc = (cx, cy, radius, from, to) => Array.from({ length: 24 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / 23) * Math.PI) / 180;
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
  });
  return [...arc(0.48, 0.34, 0.15, -150, 90), ...arc(0.48, 0.66, 0.17, -90, 150)];
}

/**
 * @param {import("playwright-core").Page} page
 * @param {number[][]} points
 */
async function draw(page, points) {
  const box = await page.locator("#pad").boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...at(point));
  await page.mouse.up();
}

test("a picture pasted, dropped or opened", { timeout: PATIENCE }, async () => {
  const photo = (await coffee()).toString("base64");
  const page = await visit(browser, "?device=cpu&source=sample:chelsea");
  await predictions(page);
  assert.notEqual((await predictions(page))[0].label, "espresso");

  for (const how of ["paste", "drop"]) {
    await page.evaluate(([base64, how]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], `${how}.png`, { type: "image/png" }));
      dispatchEvent(how === "paste" ? new ClipboardEvent("paste", { clipboardData: data }) : new DragEvent("drop", { dataTransfer: data }));
    }, [photo, how]);
    await page.getByText(`${how}.png`, { exact: true }).waitFor();
    await predictions(page, "espresso");
    await page.getByRole("button", { name: "Chelsea the cat" }).click();
    await page.getByText(/^Chelsea the cat\. /).waitFor();
  }

  await page.locator("#file").setInputFiles({ name: "open.png", mimeType: "image/png", buffer: await coffee() });
  await page.getByText("open.png", { exact: true }).waitFor();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a network for digits says of a photo that it knows nothing else, and what a percentage is", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu&source=sample:chelsea");
  await predictions(page);
  await page.getByText("LeNet-5 knows only the ten digits: whatever it is shown, it names one of them.", { exact: true }).waitFor();
  await page.getByText("Each percentage is a share among the 10 classes that the network knows (softmax), not the chance that it is right.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Draw a digit" }).click();
  await page.getByRole("img", { name: /^Drawing pad, empty/ }).waitFor();
  assert.ok(await page.locator("#shares").isHidden(), "there are no percentages yet");
  await draw(page, three());
  await predictions(page, "3");
  assert.ok(await page.locator("#digits-only").isHidden());

  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByRole("img", { name: /^Drawing pad, empty/ }).waitFor();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("img", { name: "Drawing pad, 1 stroke, read as 3" }).waitFor();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await page.getByRole("img", { name: /^Drawing pad, empty/ }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Undo", exact: true }).isDisabled(), "what came back once comes back again");

  await page.getByLabel("Network").selectOption("efficientnet_lite0");
  await predictions(page, "espresso");
  await page.getByText(/^Each percentage is a share among the 1,000 classes/).waitFor();
  await closeVisit(page);
});
