// What runs and what goes on when something cannot be had: the line-up, with a worker that does as it is told.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { FakeWorker, card, failure, settled, told, wellBehaved } from "./fakeWorker.mjs";

const CARDS = [card("a", 1e6), card("b", 2e6), card("c", 3e6), card("huge", 150e6)];

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {import("../../www/lineup.js").LineUp} */
let lineUp;
/** @type {typeof import("../../www/lineup.js").LineUp} */
let LineUp;
/** What was chosen again, in order. @type {string[]} */
let chosen = [];
let woken = 0;

before(async () => {
  Object.assign(globalThis, { Worker: FakeWorker });
  store = await import("../../www/state.js");
  ({ LineUp } = await import("../../www/lineup.js"));
});

beforeEach(() => {
  lineUp?.set(null);
  wellBehaved(CARDS);
  [chosen, woken] = [[], 0];
  store.update({ cards: [], rows: [], notices: [], problems: { network: null, source: null, frame: null }, device: "cpu", engine: "convscope" });
  lineUp = new LineUp(() => woken++);
});

/** @param {string} keys @param {Partial<import("../../www/state.js").Place>} [place] */
function choice(keys, place) {
  const entries = keys.split(" ").filter(Boolean).map((key) => ({ key, network: key, variant: null }));
  const full = /** @type {import("../../www/state.js").Place} */ ({ device: "cpu", engine: "convscope", arithmetic: "f32", threads: null, ...place });
  return { entries, place: full, view: "single", heads: false, stays: false, choose: () => void (chosen.push(keys), store.update(full)) };
}

/** @param {string} keys @param {Partial<import("../../www/state.js").Place>} [place] */
async function bring(keys, place) {
  lineUp.set(choice(keys, place));
  await settled();
}

const running = () => store.state.running.map(({ key }) => key).join(" ");
const phases = () => Object.fromEntries(Object.entries(store.state.standings).map(([key, { phase }]) => [key, phase]));
const problem = () => store.state.problems.network;
const loads = () => told.calls.filter((call) => /^load/.test(call)).map((call) => call.split(" ")[1]).join(" ");

test("an entry is opened, loaded and ready, and the looker is told", async () => {
  await bring("a");
  assert.equal(running(), "a");
  assert.deepEqual(phases(), { a: "ready" });
  assert.equal(store.state.running[0].weights, "random", "the server has no weights");
  assert.equal(woken, 1);
  assert.deepEqual(told.calls, ["start convscope", "create cpu", "memory a q8", "loadRandom a a"]);
  assert.equal(problem(), null);
});

test("the same choice again changes nothing", async () => {
  await bring("a b");
  const before = told.calls.length;
  await bring("a b");
  assert.equal(told.calls.length, before);
});

test("the entry before goes on until the new one is ready, and leaves then", async () => {
  await bring("a");
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  told.replies.loadRandom = () => new Promise((resolve) => (release = resolve));
  lineUp.set(choice("b"));
  await settled();
  assert.equal(running(), "a");
  assert.deepEqual(phases(), { b: "loading" });
  release();
  await settled();
  assert.equal(running(), "b");
  assert.equal(told.calls.at(-1), "unload a");
  assert.equal(told.workers.length, 1, "the engine stays");
});

test("the first of several that is ready takes over, and one that fails leaves the others", async () => {
  await bring("a");
  told.replies.loadRandom = ([id]) => { if (id === "b") throw failure("out-of-memory", "There is not enough memory for this."); };
  await bring("b c");
  assert.equal(running(), "c");
  assert.deepEqual(phases(), { b: "failed", c: "ready" });
  assert.equal(store.state.standings.b.text, "There is not enough memory for this.");
  assert.equal(problem(), null, "its card says it");
});

test("a choice that fails leaves the one before, and can be tried again", async () => {
  await bring("a");
  told.replies.loadRandom = () => { throw failure("out-of-memory", "There is not enough memory for this."); };
  await bring("b");
  assert.equal(running(), "a");
  assert.deepEqual(chosen, ["a"]);
  assert.equal(problem()?.text, "B is not ready. There is not enough memory for this. A goes on.");
  assert.deepEqual(phases(), { a: "ready" });

  delete told.replies.loadRandom;
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "b");
  assert.equal(problem(), null);
  assert.deepEqual(chosen, ["a", "b"]);
});

test("a retry of an older choice is gone when another choice is made", async () => {
  await bring("a");
  told.replies.loadRandom = () => { throw failure("out-of-memory", "There is not enough memory for this."); };
  await bring("b");
  const retry = problem()?.retry;
  delete told.replies.loadRandom;
  await bring("c");
  retry?.();
  await settled();
  assert.equal(running(), "c");
});

test("with nothing before it, a failed choice is told and can be tried again", async () => {
  told.replies.create = () => { throw failure("unsupported", "This browser cannot run it."); };
  await bring("a");
  assert.equal(running(), "");
  assert.deepEqual(phases(), { a: "failed" });
  assert.equal(problem()?.text, "A is not ready. This browser cannot run it.");
  told.replies.create = () => ({ kind: "cpu" });
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "a");
});

test("a place that cannot be had leaves all where they are", async () => {
  await bring("a b");
  told.replies.create = () => { throw failure("unsupported", "There is no such device."); };
  store.update({ device: "auto" });
  await bring("a b", { device: "auto" });
  assert.equal(running(), "a b");
  assert.equal(store.state.device, "cpu");
  assert.equal(problem()?.text, "No network is ready. There is no such device. The networks go on.");
  assert.equal(told.workers.filter(({ ended }) => !ended).length, 1);
});

test("at another place the networks go on until the first is ready there", async () => {
  await bring("a b");
  await bring("a b", { device: "auto" });
  assert.equal(running(), "a b");
  assert.equal(loads(), "a b a b");
  assert.deepEqual(told.workers.map(({ ended }) => ended), [true, false]);
});

test("much memory is asked for, and what was before goes on", async () => {
  await bring("a");
  await bring("huge");
  assert.equal(running(), "a");
  assert.equal(problem()?.question, "Load HUGE");
  assert.match(problem()?.text ?? "", /^HUGE takes 600\sMB of memory\. .* A goes on\.$/);
  assert.equal(loads(), "a");
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "huge");
  await bring("a");
  await bring("huge");
  assert.equal(running(), "huge", "who has consented is not asked again");
});

test("of several only those that take much memory together are asked for", async () => {
  await bring("a huge b");
  assert.equal(running(), "a b");
  assert.deepEqual(phases(), { a: "ready", huge: "asking", b: "ready" });
  assert.equal(problem()?.question, "Load HUGE");
});

test("an engine that is lost is started again once", async () => {
  await bring("a b");
  told.workers.at(-1)?.dispatchEvent(new Event("error"));
  await settled();
  assert.equal(running(), "a b");
  assert.equal(store.state.notices[0].text, "The engine stopped unexpectedly. It is being started again, and the networks are loaded again.");
  told.workers.at(-1)?.dispatchEvent(new Event("error"));
  await settled();
  assert.equal(running(), "");
  assert.deepEqual(phases(), { a: "failed", b: "failed" });
  assert.equal(told.workers.length, 2);
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "a b");
});

test("an entry that ends the engine is left out of the next one", async () => {
  await bring("a");
  told.replies.loadRandom = ([id]) => { if (id === "b") throw failure("crashed", "The engine stopped unexpectedly."); };
  await bring("a b c");
  assert.equal(running(), "a c");
  assert.deepEqual(phases(), { a: "ready", b: "failed", c: "ready" });
  assert.match(store.state.standings.b.text, /It takes 8\.0\sMB of memory: perhaps there is too little\.$/);
  assert.match(store.state.notices[0].text, /It is being started again, without B/);
});

test("alone, such an entry gives way to the one before", async () => {
  await bring("a");
  told.replies.loadRandom = ([id]) => { if (id === "b") throw failure("crashed", "The engine stopped unexpectedly."); };
  await bring("b");
  assert.equal(running(), "a");
  assert.match(problem()?.text ?? "", /^B is not ready\. .* A goes on\.$/);
});

test("what cannot be restarted is not tried for ever", async () => {
  await bring("a");
  told.replies.loadRandom = () => { throw failure("crashed", "The engine stopped unexpectedly."); };
  await bring("b");
  assert.equal(running(), "");
  assert.ok(told.workers.length <= 4, `${told.workers.length} engines were started`);
  assert.ok(problem()?.retry);
});

test("nor is what cannot be loaded again", async () => {
  await bring("a");
  told.replies.loadRandom = () => { throw failure("out-of-memory", "There is not enough memory for this."); };
  told.workers.at(-1)?.dispatchEvent(new Event("error"));
  await settled();
  assert.equal(loads(), "a a");
  assert.equal(problem()?.text, "A is not ready. There is not enough memory for this.");
});

test("a loading that was overtaken leaves nothing on the engine", async () => {
  await bring("a");
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  told.replies.loadRandom = ([id]) => (id === "b" ? new Promise((resolve) => (release = resolve)) : null);
  await bring("b");
  await bring("c");
  assert.equal(running(), "c");
  release();
  await settled();
  assert.equal(told.calls.at(-1), "unload b");
  assert.equal(running(), "c");
});

test("a network that the server does not know gives way to another choice, where nothing runs", async () => {
  lineUp.set({ ...choice("nonesuch"), otherwise: () => choice("a") });
  await settled();
  assert.equal(running(), "a");
  assert.equal(problem()?.text, "This server has no network “nonesuch”. Choose one from the list.");
  assert.equal(problem()?.retry, null);
});

test("of quick choices the last one wins, and no other one stays on the engine", async () => {
  for (const keys of ["a", "b", "a", "c", "b"]) lineUp.set(choice(keys));
  await settled();
  assert.equal(running(), "b");
  const onEngine = new Set();
  for (const call of told.calls) {
    const [what, key] = call.split(" ");
    if (what === "loadRandom") onEngine.add(key);
    if (what === "unload") onEngine.delete(key);
  }
  assert.deepEqual([...onEngine], ["b"]);
});

test("while the entries are not known the engine is opened, and with none nothing stays", async () => {
  lineUp.set({ ...choice(""), entries: null });
  await settled();
  assert.deepEqual(told.calls, ["start convscope", "create cpu"]);
  assert.equal(store.state.cards.length, CARDS.length);
  await bring("a");
  assert.equal(told.workers.length, 1);
  await bring("");
  assert.equal(running(), "");
  assert.equal(told.calls.at(-1), "unload a");
  lineUp.set(null);
  assert.ok(told.workers[0].ended, "the device and the memory are given back");
});

test("whatever becomes ready answers at once, and is not loaded again by a later choice that waits for another entry", async () => {
  /** @type {Record<string, () => void>} */
  const release = {};
  told.replies.loadRandom = ([id]) => new Promise((/** @type {(value: void) => void} */ resolve) => (release[id] = resolve));
  await bring("b c");
  await bring("a b c");
  release.b();
  await settled();
  assert.equal(running(), "b");
  assert.equal(woken, 1, "the looker is told, though the choice waits for a");
  release.a();
  await settled();
  assert.equal(loads(), "b a c");
});

/** The server has weights of a, which cannot be downloaded before `fail` is called. */
function comingWeights() {
  /** @type {() => void} */
  let fail = () => {};
  globalThis.fetch = () => new Promise((_resolve, reject) => (fail = () => reject(new Error("The connection broke."))));
  store.update({ rows: /** @type {any} */ ([{ id: "a", variant: "q8", bytes: 1e6, shards: [{ file: "a", bytes: 1e6, sha256: "" }] }]) });
  return () => fail();
}

test("a network goes on with the weights that it has until better ones are ready", async () => {
  await bring("a");
  const { load } = lineUp.running[0];
  comingWeights();
  await bring("a");
  assert.deepEqual([running(), phases()], ["a", { a: "opening" }]);
  assert.equal(store.state.running[0].weights, "random");
  globalThis.fetch = async () => new Response(new Uint8Array(0));
  store.update({ rows: /** @type {any} */ ([{ id: "a", variant: "q4", bytes: 1, shards: [] }]) });
  await bring("a");
  assert.deepEqual([running(), phases(), store.state.running[0].weights], ["a", { a: "ready" }, "q4"]);
  assert.notEqual(lineUp.running[0].load, load, "what was known of the weights before is not known of these");
});

test("and stays with them if the better ones cannot be had", async () => {
  await bring("a");
  const fail = comingWeights();
  await bring("a");
  fail();
  await new Promise((resolve) => setTimeout(resolve, 900)); // the download is tried once more
  fail();
  await settled();
  assert.deepEqual([running(), phases(), store.state.running[0].weights], ["a", { a: "ready" }, "random"]);
  assert.match(problem()?.text ?? "", /^The new weights of A are not ready\. .* It goes on with those before\.$/);
  globalThis.fetch = async () => new Response(new Uint8Array(0));
  store.update({ rows: /** @type {any} */ ([{ id: "a", variant: "q8", bytes: 1, shards: [] }]) });
  problem()?.retry?.();
  await settled();
  assert.deepEqual([running(), store.state.running[0].weights, problem()], ["a", "q8", null]);
});

test("WebGPU that gave way to the CPU is tried again when it is chosen again", async () => {
  told.replies.create = ([device]) => {
    if (device === "webgpu") throw failure("no-webgpu", "There is no adapter.");
    return { kind: "cpu" };
  };
  const chooseWebgpu = () => {
    store.update({ device: "webgpu", notices: [] });
    return bring("a", { device: "webgpu" });
  };
  await chooseWebgpu();
  assert.deepEqual([running(), store.state.device], ["a", "cpu"]);
  await chooseWebgpu();
  assert.deepEqual([running(), store.state.device], ["a", "cpu"]);
  assert.match(store.state.notices[0].text, /There is no adapter/);
  told.replies.create = ([device]) => ({ kind: device });
  await chooseWebgpu();
  assert.deepEqual([running(), store.state.device, store.state.deviceInfo?.kind], ["a", "webgpu", "webgpu"]);
  assert.equal(told.workers.filter(({ ended }) => !ended).length, 1);
});

test("the engine before loads nothing more when another place is chosen", async () => {
  await bring("a");
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  told.replies.loadRandom = ([id]) => (id === "b" ? new Promise((resolve) => (release = resolve)) : null);
  await bring("a b c");
  told.replies.create = () => new Promise(() => {});
  await bring("a b c", { device: "webgpu" });
  release();
  await settled();
  assert.equal(running(), "a");
  assert.equal(told.calls.at(-1), "unload b");
});

test("a small download does not wait for the engine, and nothing is loaded before it is decided", async () => {
  /** @type {unknown[]} */
  const asked = [];
  globalThis.fetch = async (url) => (/weights/.test(String(url)) && asked.push(url), new Response(new Uint8Array(0)));
  store.update({ rows: /** @type {any} */ ([["b", 40e6], ["huge", 60e6]].map(([id, bytes]) => ({ id, variant: "q8", bytes, shards: [{ file: id, bytes, sha256: "" }] }))) });
  /** @type {(info: unknown) => void} */
  let created = () => {};
  told.replies.create = () => new Promise((resolve) => (created = resolve));
  await bring("huge");
  assert.deepEqual(asked, []);
  await bring("b");
  assert.equal(asked.length, 1);
  told.replies.memory = () => ({ weightsBytes: 500e6, activationBytes: 0 });
  created({ kind: "cpu" });
  await settled();
  assert.deepEqual(phases(), { b: "asking" });
  assert.equal(loads(), "");
});

/** Loses the graphics device, which the next call tells. */
async function loseDevice() {
  told.replies.classify = () => { throw failure("device-lost", "The graphics device was lost (it is gone)."); };
  const frame = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
  await lineUp.engine?.classify("a", frame, 1).catch(() => {});
  await settled();
}

test("a graphics device that is lost is opened again, and the second time soon after the CPU takes its place", async () => {
  await bring("a b", { device: "webgpu" });
  await loseDevice();
  assert.equal(running(), "a b");
  assert.equal(store.state.device, "cpu", "the store's own, which the choice did not change");
  assert.equal(told.calls.filter((call) => call === "create webgpu").length, 2);
  assert.deepEqual(store.state.notices.map(({ text }) => text), ["The graphics device was lost. It is being started again, and the networks are loaded again."]);
  store.update({ device: "webgpu" });
  await loseDevice();
  assert.equal(running(), "a b");
  assert.equal(store.state.device, "cpu");
  assert.equal(told.calls.at(told.calls.findLastIndex((call) => call.startsWith("create"))), "create cpu");
  assert.equal(store.state.notices[1].text, "The graphics device was lost again, so the CPU computes. Choose WebGPU to try it once more.");
  assert.equal(problem(), null);
  assert.equal(told.workers.filter(({ ended }) => !ended).length, 1);
});

test("a graphics device that is lost again an hour later is opened again", async () => {
  const { now } = performance;
  try {
    await bring("a", { device: "webgpu" });
    await loseDevice();
    performance.now = () => now.call(performance) + 3_600_000;
    await loseDevice();
  } finally {
    performance.now = now;
  }
  assert.equal(running(), "a");
  assert.deepEqual(told.calls.filter((call) => call.startsWith("create")), ["create webgpu", "create webgpu", "create webgpu"]);
});

test("a graphics device that is lost while an entry is loaded is not blamed on the entry", async () => {
  let losses = 0;
  told.replies.loadRandom = () => { if (++losses === 1) throw failure("device-lost", "The graphics device was lost (it is gone)."); };
  await bring("a", { device: "webgpu" });
  assert.equal(running(), "a");
  assert.deepEqual(phases(), { a: "ready" });
  assert.equal(problem(), null);

  told.replies.loadRandom = ([, , key]) => { if (told.calls.findLast((call) => call.startsWith("create")) === "create webgpu") throw failure("device-lost", `It was lost while ${key} was loaded.`); };
  await bring("b", { device: "webgpu" });
  assert.equal(running(), "b");
  assert.equal(store.state.device, "cpu", "where every load loses the device, the CPU computes");
  assert.deepEqual(phases(), { b: "ready" });
});

/** How often an engine was created. */
const created = () => told.calls.filter((call) => call.startsWith("create")).length;
/** Where the engine computes that was created last. */
const place = () => told.calls.findLast((call) => call.startsWith("create"))?.slice("create ".length);
const gone = () => failure("device-lost", "The graphics device was lost (it is gone).");

test("where neither the graphics device nor the CPU can take what ran, it ends with a sentence", async () => {
  await bring("a", { device: "webgpu" });
  told.replies.loadRandom = () => { throw place() === "webgpu" ? gone() : failure("out-of-memory", "There is not enough memory for this."); };
  await loseDevice();
  assert.match(problem()?.text ?? "", /There is not enough memory for this\./);
  assert.ok(created() <= 4, `${created()} engines`);
});

test("a device that is lost in each load, however long the load takes, gives way to the CPU", async () => {
  const { now } = performance;
  let passed = 0;
  try {
    performance.now = () => now.call(performance) + passed;
    told.replies.loadRandom = () => {
      passed += 61_000;
      if (place() === "webgpu") throw gone();
    };
    await bring("a", { device: "webgpu" });
  } finally {
    performance.now = now;
  }
  assert.equal(running(), "a");
  assert.deepEqual(told.calls.filter((call) => call.startsWith("create")), ["create webgpu", "create webgpu", "create cpu"]);
});

test("what there is too little memory for is offered in 4 bits, or else a smaller network", async () => {
  const rows = [["a", "q8"], ["b", "q8"], ["huge", "q8"], ["huge", "q4"]].map(([id, variant]) => ({ id, variant, bytes: 1, shards: [] }));
  store.update({ rows: /** @type {any} */ (rows) });
  const none = () => { throw failure("out-of-memory", "This network needs 103 MB in one piece, and this graphics device gives 100 MB at most."); };
  /** @type {import("../../www/state.js").Entry[]} */
  const replaced = [];
  told.replies.load = none;
  for (const [key, variant, label, wanted] of /** @type {const} */ ([["huge", null, "Load HUGE, 4 bits", "huge-q4"], ["huge-q4", "q4", "Load B", "b"]])) {
    const wish = { ...choice("huge"), entries: [{ key, network: "huge", variant }], replace: (/** @type {any} */ entry) => void replaced.push(entry) };
    lineUp.set(wish);
    await settled();
    assert.match(problem()?.text ?? "", /is not ready\. This network needs 103 MB in one piece/);
    assert.equal(problem()?.label, label);
    problem()?.retry?.();
    assert.equal(replaced.pop()?.key, wanted);
  }
  const { smallerThan } = await import("../../www/pure/smaller.js");
  const huge = { key: "huge", network: "huge", variant: null };
  assert.equal(smallerThan(huge, store.state.cards, /** @type {any} */ (rows), ["huge-q4"])?.key, "b", "what runs already is not offered");
});
