// Graphics devices that are lost, networks that the device has no room for, and memory that runs out: what ran before comes back, or a sentence says what runs instead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, predictions, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";

/** Milliseconds in which what ran before is back. Four seconds are enough on a machine of two cores that does nothing else. */
const BACK_IN = 20_000;

/** Each with a browser of its own: those of other tests would lose their devices too. @param {(browser: import("playwright-core").Browser) => Promise<void>} use @param {string[]} [flags] */
async function withBrowser(use, flags = []) {
  const browser = await launch({ flags });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/** Code before that of the engine's worker which asks for devices. @param {string} code */
const inWorker = (code) => async (/** @type {import("playwright-core").Page} */ page) => {
  await page.route("**/src/web/gpu.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}\n${await response.text()}` });
  });
};

/** Has a message on the channel "faults" destroy the device, as a driver's reset does. */
const DESTROYABLE = `
const requestDevice = globalThis.GPUAdapter?.prototype.requestDevice;
if (requestDevice) GPUAdapter.prototype.requestDevice = async function (...args) {
  const device = await requestDevice.apply(this, args);
  new BroadcastChannel("faults").onmessage = () => device.destroy();
  return device;
};`;

/** Has the adapter and its device tell smaller limits than they have. @param {number} bytes */
const limited = (bytes) => `
for (const name of ["maxBufferSize", "maxStorageBufferBindingSize"]) {
  const { get } = Object.getOwnPropertyDescriptor(GPUSupportedLimits.prototype, name);
  Object.defineProperty(GPUSupportedLimits.prototype, name, { get() { return Math.min(get.call(this), ${bytes}); } });
}
const { createBuffer } = GPUDevice.prototype;
const told = new BroadcastChannel("buffers");
GPUDevice.prototype.createBuffer = function (descriptor) {
  told.postMessage(descriptor.size);
  return createBuffer.call(this, descriptor);
};`;

/** @param {import("playwright-core").Browser} browser */
const crash = async (browser) => (await browser.newBrowserCDPSession()).send("Browser.crashGpuProcess");
/** @param {import("playwright-core").Page} page */
const destroy = (page) => page.evaluate(() => new BroadcastChannel("faults").postMessage("destroy"));

/** @param {import("playwright-core").Page} page */
const standing = (page) => page.evaluate(() => import("/www/state.js").then(({ state }) => ({ running: state.running, device: state.device, computes: state.deviceInfo?.kind, view: state.view, picture: state.source })));

const STEP = 30_000;

/** Until the page's state, `pageState`, is so. A condition that gave a promise would hold at once. @param {import("playwright-core").Page} page @param {() => unknown} holds */
async function until(page, holds) {
  await page.evaluate(() => import("/www/state.js").then(({ state }) => void Object.assign(globalThis, { pageState: state })));
  await page.waitForFunction(holds, null, { timeout: STEP });
}

/** Has the picture looked at again, until the engine that is still taken to work has been found lost. @param {import("playwright-core").Page} page */
const lookAgain = (page) => page.evaluate(() => import("/www/state.js").then(({ state, update }) => {
  const before = state.deviceInfo;
  Object.assign(globalThis, { before });
  const timer = setInterval(() => {
    if (state.deviceInfo === before) update({ picture: state.picture + 1 });
    else clearInterval(timer);
  }, 300);
}));

/** Until another engine has answered. @param {import("playwright-core").Page} page */
const back = (page) => until(page, () => {
  const { pageState: { running: [first], deviceInfo, answers }, before } = /** @type {any} */ (globalThis);
  return deviceInfo && deviceInfo !== before && first && answers[first.key]?.timing;
});

const LOST = /graphics device was lost\. It is being started again, and the network is loaded again/;

for (const [how, lose] of /** @type {[string, (browser: any, page: any) => Promise<unknown>][]} */ ([["device that is lost", (_, page) => destroy(page)], ["process that is killed", (browser) => crash(browser)]])) {
  test(`a graphics ${how} leads to a new engine with the same network, picture and view, within seconds`, { timeout: PATIENCE }, async () => {
    await withBrowser(async (browser) => {
      const page = await visit(browser, "?network=squeezenet1_1&device=webgpu&source=sample:chelsea", { before: inWorker(DESTROYABLE) });
      const before = await predictions(page);
      const [address, stood] = [page.url(), await standing(page)];
      assert.equal(stood.computes, "webgpu");
      const started = performance.now();
      await lose(browser, page);
      await lookAgain(page);
      await back(page);
      const seconds = (performance.now() - started) / 1000;
      console.log(`# back after ${seconds.toFixed(1)} s`);
      assert.ok(seconds < BACK_IN / 1000, `it took ${seconds} s`);
      await page.getByText(LOST).waitFor();
      const after = await predictions(page);
      assert.deepEqual(after.map(({ label }) => label), before.map(({ label }) => label));
      for (const [i, { probability }] of after.entries()) assert.ok(Math.abs(probability - before[i].probability) < 1e-3);
      assert.deepEqual(await standing(page), stood);
      assert.equal(page.url(), address);
      assert.equal(await page.getByRole("alert").textContent(), "");
      await closeVisit(page);
    });
  });
}

test("a graphics process that is killed again and again ends on the CPU, with a sentence", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=squeezenet1_1&device=webgpu&source=sample:chelsea");
    const [{ label }] = await predictions(page);
    for (let kills = 0; kills < 5 && (await standing(page)).computes === "webgpu"; kills++) {
      await crash(browser);
      await lookAgain(page);
      await back(page);
    }
    assert.deepEqual(await page.evaluate(() => import("/www/state.js").then(({ state }) => [state.device, state.deviceInfo?.kind])), ["cpu", "cpu"]);
    await page.getByText(/so the CPU computes\./).waitFor();
    assert.equal((await predictions(page))[0].label, label);
    assert.match(page.url(), /network=squeezenet1_1&device=cpu&source=sample:chelsea$/);
    await closeVisit(page);
  });
});

test("a graphics device that is lost while the camera is live comes back with the camera", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=lenet5&device=webgpu", { before: inWorker(DESTROYABLE) });
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    await page.evaluate(() => import("/www/state.js").then(({ state }) => Object.assign(globalThis, { before: state.deviceInfo })));
    const started = performance.now();
    await destroy(page);
    await back(page);
    assert.ok(performance.now() - started < BACK_IN);
    await page.getByText(LOST).waitFor();
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    const { computes, picture } = await standing(page);
    assert.deepEqual([computes, picture.kind], ["webgpu", "camera"]);
    await closeVisit(page);
  }, FAKE_CAMERA);
});

test("a graphics device that is lost while a network is loaded is opened again, and the network with it", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=squeezenet1_1&device=webgpu&source=sample:chelsea", {
      before: inWorker(`${DESTROYABLE}
const { createComputePipelineAsync } = globalThis.GPUDevice?.prototype ?? {};
if (createComputePipelineAsync) GPUDevice.prototype.createComputePipelineAsync = async function (descriptor) {
  new BroadcastChannel("compiles").postMessage("");
  await new Promise((resolve) => setTimeout(resolve, 300));
  return createComputePipelineAsync.call(this, descriptor);
};`),
    });
    await until(page, () => Object.values(pageState.standings).some(({ phase }) => phase === "loading"));
    await destroy(page);
    await page.getByText(LOST).waitFor();
    assert.match((await predictions(page))[0].label, /cat|tabby/i);
    const { running, computes } = await standing(page);
    assert.deepEqual([running.map(({ key }) => key), computes], [["squeezenet1_1"], "webgpu"]);
    assert.equal(await page.getByRole("alert").textContent(), "");
    await closeVisit(page);
  });
});

test("a network of which a part is too large for the device is refused before anything of it is made, and a smaller one is offered", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=lenet5&device=webgpu&source=sample:coffee", { before: inWorker(limited(5_000_000)) });
    await predictions(page);
    await page.evaluate(() => {
      /** @type {number[]} */
      const made = [];
      new BroadcastChannel("buffers").onmessage = ({ data }) => void made.push(data);
      Object.assign(globalThis, { made });
    });
    const made = () => page.evaluate(() => /** @type {any} */ (globalThis).made);
    await page.getByLabel("Network").selectOption("efficientnet_lite2");
    await errorSays(page, /^EfficientNet-Lite2 is not ready\. This network needs \d+ MB in one piece, and this graphics device gives 5 MB at most\. Choose weights of fewer bits where there are some, a smaller network, or the CPU\. LeNet-5 goes on\.$/);
    assert.deepEqual(await made(), [], "a buffer was made for what was refused");
    await page.getByRole("button", { name: "Load SqueezeNet 1.1" }).click();
    await until(page, () => pageState.running[0]?.key === "squeezenet1_1");
    assert.equal(await page.getByRole("alert").textContent(), "");
    const sizes = await made();
    assert.ok(sizes.length > 0 && Math.max(...sizes) <= 5_000_000);
    assert.match(page.url(), /network=squeezenet1_1&device=webgpu/);
    await closeVisit(page);
  });
});

test("a device that has no memory left for the weights says so, and a smaller network is offered", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=lenet5&device=webgpu&source=sample:coffee", {
      before: inWorker(`
const { createBuffer } = GPUDevice.prototype;
GPUDevice.prototype.createBuffer = function (descriptor) {
  if (descriptor.size > 5_000_000) this.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error: new GPUOutOfMemoryError("no memory for a buffer") }));
  return createBuffer.call(this, descriptor);
};`),
    });
    await predictions(page);
    await page.getByLabel("Network").selectOption("efficientnet_lite2");
    await errorSays(page, /^EfficientNet-Lite2 is not ready\. There is not enough memory for this \(no memory for a buffer\)\. Close other tabs or choose a smaller network\. LeNet-5 goes on\.$/);
    await page.getByRole("button", { name: "Load SqueezeNet 1.1" }).waitFor();
    await until(page, () => pageState.running[0]?.key === "lenet5");
    await closeVisit(page);
  });
});

test("a network for which WebAssembly's memory cannot grow is refused, and those before go on", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "pkg/package.json");
    const outcome = await page.evaluate(async () => {
      const { default: init, Engine } = await import(new URL("/pkg/convscope.js", location.href).href);
      const memory = new WebAssembly.Memory({ initial: 1024, maximum: 2 ** 30 / 65536, shared: true });
      await init({ memory });
      const engine = await Engine.create("cpu");
      for (const key of ["vgg16", "another"]) await engine.loadRandom("vgg16", 1, key);
      const failure = await engine.loadRandom("vgg16", 1, "one too many").then(() => null, ({ code, message }) => ({ code, message }));
      const { predictions } = await engine.loadRandom("lenet5", 1).then(() => engine.time("lenet5", { data: new Uint8ClampedArray(4 * 784), width: 28, height: 28 }, 1)).then((timings) => ({ predictions: timings.length }));
      return { failure, predictions, bytes: memory.buffer.byteLength };
    });
    assert.equal(outcome.failure?.code, "out-of-memory");
    assert.match(outcome.failure.message, /^This network takes \d+ MB of memory, which this browser does not give any more\. /);
    assert.equal(outcome.predictions, 1);
    assert.ok(outcome.bytes <= 2 ** 30);
    await closeVisit(page);
  });
});

test("while the page is hidden the camera rests, and goes on when it is shown", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=lenet5&device=cpu");
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    const runs = () => page.evaluate(() => import("/www/state.js").then(({ state }) => state.answers.lenet5?.runs ?? 0));
    const hide = (/** @type {boolean} */ hidden) => page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await until(page, () => pageState.answers.lenet5);
    await hide(true);
    await page.waitForTimeout(500); // what was under way has ended
    const before = await runs();
    await page.waitForTimeout(700);
    assert.equal(await runs(), before, "it computes although nobody sees it");
    await hide(false);
    await page.waitForFunction((before) => ![0, before].includes(/** @type {any} */ (globalThis).pageState.answers.lenet5?.runs ?? 0), before, { timeout: STEP });
    assert.equal(await page.getByRole("alert").textContent(), "");
    await closeVisit(page);
  }, FAKE_CAMERA);
});

test("where every storage is blocked the page works, and keeps nothing", { timeout: PATIENCE }, async () => {
  await withBrowser(async (browser) => {
    const page = await visit(browser, "?network=lenet5&device=cpu&source=sample:coffee", {
      before: (page) => page.addInitScript(() => {
        for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) Object.defineProperty(globalThis, name, { get() { throw new DOMException("denied", "SecurityError"); } });
      }),
    });
    /** @type {string[]} */
    const uncaught = [];
    page.on("pageerror", ({ message }) => void uncaught.push(message));
    await predictions(page);
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
    await page.getByRole("link", { name: "Compare", exact: true }).click();
    await page.locator("#answers-cards article").first().waitFor();
    assert.deepEqual(uncaught, []);
    assert.equal(await page.getByRole("alert").textContent(), "");
    await closeVisit(page);
  }, FAKE_CAMERA);
});
