// The threads of an engine on the CPU, in a worker of a cross-origin isolated page and elsewhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, site, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Runs code in a module worker that has the package; what `code` gives is handed back. `given` is what it gets. */
const inWorker = async (page, code, given) => page.evaluate(({ code, given, base }) => new Promise((resolve, reject) => {
  const text = `
    const wasm = await import(${JSON.stringify(base)} + "pkg/convscope.js");
    const { binary } = await import(${JSON.stringify(base)} + "pkg/binary.js");
    const exports = await wasm.default({ module_or_path: binary });
    const given = ${JSON.stringify(given ?? null)};
    try { postMessage({ value: await (${code})(wasm, given, exports) }); } catch (error) { postMessage({ error: { code: error.code, message: String(error.message ?? error) } }); }`;
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { type: "module" });
  worker.onmessage = ({ data }) => { worker.terminate(); if (data.error) reject(new Error(JSON.stringify(data.error))); else resolve(data.value); };
  worker.onerror = (event) => reject(new Error(event.message ?? "the worker's script cannot be loaded"));
}), { code: String(code), given, base: site() });

const bare = () => visit(browser, "pkg/package.json"); // of the site, without the page and its policy

/** @param {string} id @param {number[]} counts */
async function logitsWith({ Engine }, { id, counts }) {
  const found = [];
  for (const threads of counts) {
    const engine = await Engine.create("cpu", { threads });
    await engine.loadRandom(id, 3);
    const { channels, height, width } = Engine.cards().find((card) => card.id === id).input;
    const logits = await engine.logits(id, Float32Array.from({ length: channels * height * width }, (_, index) => Math.sin(index)));
    found.push({ threads: engine.device.threads, adapter: engine.device.adapter, logits: [...logits] });
    engine.free();
  }
  return found;
}

test("several threads give what one gives, to the last bit", async () => {
  const page = await bare();
  assert.ok(await page.evaluate(() => crossOriginIsolated), "the site isolates its pages");
  for (const id of ["resnet18", "efficientnet_lite0"]) {
    const found = await inWorker(page, logitsWith, { id, counts: [1, 2, 3, 1] });
    assert.deepEqual(found.map(({ threads }) => threads), [1, 2, 3, 1]);
    assert.match(found[0].adapter, /, 1 thread$/);
    assert.match(found[1].adapter, /, 2 threads$/);
    assert.ok(found[0].logits.some((logit) => logit !== 0));
    for (const { threads, logits } of found) assert.deepEqual(logits, found[0].logits, `${id} with ${threads} threads`);
  }
  await closeVisit(page);
});

test("without a number the quickest one is taken, and kept for further engines", async () => {
  const page = await bare();
  const found = await inWorker(page, async ({ Engine }) => {
    const counts = [];
    for (let turn = 0; turn < 3; turn++) {
      const engine = await Engine.create("cpu");
      counts.push(engine.device.threads);
      engine.free();
    }
    return { counts, cores: navigator.hardwareConcurrency };
  });
  const [first, ...others] = found.counts;
  assert.ok(first >= 1 && first <= Math.max(1, found.cores), `${first} of ${found.cores}`);
  assert.deepEqual(others, [first, first]);
  await closeVisit(page);
});

test("whatever number is asked for, there is an engine", async () => {
  const page = await bare();
  const asked = [0, -3, 2.9, null];
  const found = await inWorker(page, async ({ Engine }, asked) => {
    const counts = [];
    for (const threads of [...asked, undefined]) {
      const engine = await Engine.create("cpu", { threads });
      counts.push(engine.device.threads);
      engine.free();
    }
    return counts;
  }, asked);
  assert.deepEqual(found.slice(0, 3), [1, 1, 2]);
  for (const count of found) assert.ok(Number.isInteger(count) && count >= 1, String(found));
  await closeVisit(page);
});

test("there is one thread where the page is not isolated, and on the page's own thread", async () => {
  const page = await bare();
  const onPage = await page.evaluate(async (base) => {
    const { default: init, Engine } = await import(`${base}pkg/convscope.js`);
    const { binary } = await import(`${base}pkg/binary.js`);
    await init({ module_or_path: binary });
    const engine = await Engine.create("cpu", { threads: 4 });
    await engine.loadRandom("squeezenet1_1", 1);
    const [{ inference }] = await engine.time("squeezenet1_1", { data: new Uint8ClampedArray(4 * 227 * 227), width: 227, height: 227 }, 1);
    return { threads: engine.device.threads, inference };
  }, site());
  assert.equal(onPage.threads, 1);
  assert.ok(onPage.inference > 0);
  await closeVisit(page);

  const other = await visit(browser, "pkg/package.json", { before: (page) => page.route("**/pkg/package.json", async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    delete headers["cross-origin-opener-policy"];
    delete headers["cross-origin-embedder-policy"];
    await route.fulfill({ response, headers });
  }) });
  assert.equal(await other.evaluate(() => crossOriginIsolated), false);
  const [{ threads, logits }] = await inWorker(other, logitsWith, { id: "lenet5", counts: [4] });
  assert.equal(threads, 1);
  assert.equal(logits.length, 10);
  await closeVisit(other);
});

test("a browser without memory for threads takes a binary of its own", async () => {
  const page = await visit(browser, "pkg/package.json", { before: (page) => page.addInitScript(() => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = /** @type {any} */ (function (descriptor) {
      if (descriptor.shared) throw new TypeError("no shared memory here");
      return new Memory(descriptor);
    });
  }) });
  const found = await page.evaluate(async (base) => {
    const { binary, bytes } = await import(`${base}pkg/binary.js`);
    const { default: init, Engine } = await import(`${base}pkg/convscope.js`);
    await init({ module_or_path: binary });
    const engine = await Engine.create("cpu");
    await engine.loadRandom("lenet5", 1);
    const logits = await engine.logits("lenet5", new Float32Array(32 * 32).fill(1));
    const { size } = await (await fetch(binary)).blob();
    return { name: binary.href.split("/").pop(), whole: size === bytes, threads: engine.device.threads, logits: logits.length };
  }, site());
  assert.deepEqual(found, { name: "convscope_single_bg.wasm", whole: true, threads: 1, logits: 10 });
  await closeVisit(page);
});

test("a browser that grants less memory than WebAssembly can address gets an engine", async () => {
  const page = await visit(browser, "pkg/package.json", { before: (page) => page.addInitScript(() => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = /** @type {any} */ (function (descriptor) {
      if (descriptor.maximum > 16384) throw new RangeError("the memory's maximum is too large");
      return new Memory(descriptor);
    });
  }) });
  const count = await page.evaluate(async (base) => {
    const { default: init, Engine } = await import(`${base}pkg/convscope.js`);
    const { binary } = await import(`${base}pkg/binary.js`);
    await init({ module_or_path: binary });
    return Engine.cards().length;
  }, site());
  assert.ok(count > 5);
  await closeVisit(page);
});

test("a thread that stops ends in an error with a code, and a new engine computes again", async () => {
  const page = await bare();
  const found = await inWorker(page, async ({ Engine }) => {
    // The thread's script is replaced by one that starts and then stops in the middle of its work.
    const Started = globalThis.Worker;
    globalThis.Worker = /** @type {any} */ (class extends Started {
      constructor(url, options) {
        const text = `
          import { initSync } from ${JSON.stringify(new URL("convscope.js", url).href)};
          addEventListener("message", ({ data: { memory, lost } }) => { postMessage("ready"); setTimeout(() => Atomics.add(new Int32Array(memory.buffer), lost / 4, 1), 50); }, { once: true });`;
        super(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), options);
      }
    });
    const engine = await Engine.create("cpu", { threads: 2 });
    await engine.loadRandom("squeezenet1_1", 1);
    const frame = { data: new Uint8ClampedArray(4 * 227 * 227), width: 227, height: 227 };
    const trouble = await engine.time("squeezenet1_1", frame, 1).then(() => null, ({ code, message }) => ({ code, message }));
    globalThis.Worker = Started;
    const again = await Engine.create("cpu", { threads: 2 });
    await again.loadRandom("squeezenet1_1", 1);
    const times = await again.time("squeezenet1_1", frame, 1);
    return { trouble, threads: again.device.threads, times: times.length };
  });
  assert.equal(found.trouble?.code, "crashed");
  assert.match(found.trouble.message, /^One of the engine's threads stopped\./);
  assert.deepEqual([found.threads, found.times], [2, 1]);
  await closeVisit(page);
});

test("threads whose script cannot be loaded leave one thread and a sentence", async () => {
  const page = await bare();
  const found = await inWorker(page, async ({ Engine }) => {
    const Started = globalThis.Worker;
    globalThis.Worker = /** @type {any} */ (class extends Started {
      constructor(url, options) { super(new URL("missing.js", url), options); }
    });
    return (await Engine.create("cpu", { threads: 2 })).device;
  });
  assert.equal(found.threads, 1);
  assert.match(found.note, /^No threads could be started \(.+\); one thread computes\.$/);
  await closeVisit(page);
});

test("freed engines give their threads back", async () => {
  const page = await bare();
  const found = await inWorker(page, async ({ Engine }, _, exports) => {
    const bytes = [];
    for (let turn = 0; turn < 12; turn++) {
      const engine = await Engine.create("cpu", { threads: 2 + (turn % 2) });
      await engine.loadRandom("lenet5", 1);
      engine.free();
      await new Promise((resolve) => setTimeout(resolve, 50));
      bytes.push(exports.memory.buffer.byteLength);
    }
    return bytes;
  });
  // A stack has 128 KiB: threads that stayed would take another 18 of them.
  assert.equal(found.at(-1), found[3], String(found));
  await closeVisit(page);
});
