// Firefox looks only every 100 ms whether a device is done, unless something is submitted to it; the engine then submits.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
const RUNS = 3;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Counts submissions. With `deaf` the page hears that a buffer can be read or that work is done only when something is submitted. */
const listen = (/** @type {import("playwright-core").Page} */ page, /** @type {boolean} */ deaf) => page.addInitScript((deaf) => {
  const scope = /** @type {any} */ (globalThis);
  const { GPUQueue, GPUBuffer } = scope;
  const heard = new Set();
  const { submit, onSubmittedWorkDone } = GPUQueue.prototype;
  scope.submissions = 0;
  GPUQueue.prototype.submit = function (/** @type {any} */ commands) {
    scope.submissions += 1;
    submit.call(this, commands);
    for (const hear of heard) hear();
    heard.clear();
  };
  if (!deaf) return;
  const atTheNext = () => new Promise((resolve) => heard.add(() => resolve(undefined)));
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (/** @type {any[]} */ ...how) { return mapAsync.apply(this, how).then(atTheNext); };
  GPUQueue.prototype.onSubmittedWorkDone = function () { return onSubmittedWorkDone.call(this).then(atTheNext); };
}, deaf);

/** LeNet-5's answers on WebGPU and on the CPU, and how often something was submitted for a run on WebGPU. @param {import("playwright-core").Page} page */
const answers = (page) => page.evaluate(async (runs) => {
  const scope = /** @type {any} */ (globalThis);
  const { default: init, Engine } = await import(new URL("pkg/convscope.js", location.origin).href);
  const { binary } = await import(new URL("pkg/binary.js", location.origin).href);
  await init({ module_or_path: binary });
  const input = Float32Array.from({ length: 32 * 32 }, (_, place) => Math.sin(place));
  const engine = await Engine.create("webgpu");
  await engine.loadRandom("lenet5", 1);
  const before = scope.submissions;
  let webgpu = [];
  for (let run = 0; run < runs; run += 1) webgpu = [...await engine.logits("lenet5", input)];
  const each = (scope.submissions - before) / runs;
  // It waits until work is done, where an answer waits for a buffer.
  const layers = (await engine.profile("lenet5", 1)).length;
  const other = await Engine.create("cpu", { threads: 1 });
  await other.loadRandom("lenet5", 1);
  return { webgpu, cpu: [...await other.logits("lenet5", input)], each, layers };
}, RUNS);

test("the engine has Firefox look whether the device is done", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "pkg/package.json", { before: (page) => listen(page, true), context: { userAgent: FIREFOX } });
  const { webgpu, cpu, layers } = await answers(page);
  assert.ok(layers > 0);
  assert.equal(webgpu.length, 10);
  webgpu.forEach((logit, digit) => assert.ok(Math.abs(logit - cpu[digit]) < 1e-4, `${digit}: ${logit} and ${cpu[digit]}`));
  await closeVisit(page);
});

test("in other browsers a run is one submission", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "pkg/package.json", { before: (page) => listen(page, false) });
  const { each } = await answers(page);
  assert.equal(each, 1);
  await closeVisit(page);
});
