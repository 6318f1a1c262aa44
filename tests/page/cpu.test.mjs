// How the CPU computes: its arithmetic and its threads, from the choice to the engine that is asked for them, and what is remembered.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { FakeWorker, card, failure, settled, told, wellBehaved } from "./fakeWorker.mjs";
import { agreementText, inEightBits, partsOf } from "../../www/compare/pure/arithmetics.js";
import { arithmeticNote, isOnCpu } from "../../www/pure/arithmetic.js";
import { computedBy, deviceName, placeName } from "../../www/pure/text.js";
import { threadCounts, threadsNote } from "../../www/pure/threads.js";

const CARDS = [card("a", 1e6), card("b", 2e6)];
const CORES = 8;
const QUICKEST = 4; // of the fake engine's threads

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {import("../../www/lineup.js").LineUp} */
let lineUp;
/** @type {typeof import("../../www/engine.js").Engine} */
let Engine;
/** What the engines were created with, in order. @type {Record<string, any>[]} */
let created = [];
/** @type {Map<string, string>} */
let kept = new Map();

const storage = { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ text) => void kept.set(name, text), removeItem: (/** @type {string} */ name) => void kept.delete(name) };

/** @param {{ cores?: number, isIsolated?: boolean, isBlocked?: boolean }} [machine] */
function be({ cores = CORES, isIsolated = true, isBlocked = false } = {}) {
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: cores }, configurable: true });
  Object.defineProperty(globalThis, "localStorage", { get: () => { if (isBlocked) throw new DOMException("", "SecurityError"); return storage; }, configurable: true });
  Object.assign(globalThis, { crossOriginIsolated: isIsolated });
}

before(async () => {
  Object.assign(globalThis, { Worker: FakeWorker });
  be();
  store = await import("../../www/state.js");
  ({ Engine } = await import("../../www/engine.js"));
});

beforeEach(async () => {
  lineUp?.set(null);
  const { LineUp } = await import("../../www/lineup.js");
  wellBehaved(CARDS);
  created = [];
  kept = new Map();
  be();
  const { create } = told.replies;
  told.replies.create = ([device, options]) => {
    created.push({ device, ...options });
    const threads = crossOriginIsolated ? (options.threads ?? QUICKEST) : 1;
    return { .../** @type {any} */ (create([device, options])), ...(device === "webgpu" ? { kind: "webgpu", arithmetic: "f32", threads: 1, dot8: false } : { threads }) };
  };
  store.update({ cards: [], rows: [], notices: [], problems: { view: null, network: null, source: null, frame: null }, device: "cpu", engine: "convscope", arithmetic: "f32", threads: null, dot8: null, deviceInfo: null, picture: 7 });
  lineUp = new LineUp(() => {});
});

/** @param {Partial<import("../../www/state.js").Place>} patch */
async function choose(patch) {
  store.update(patch);
  const { placeOf } = await import("../../www/pure/place.js");
  const place = placeOf(store.state);
  const entries = ["a", "b"].map((key) => ({ key, network: key, variant: null }));
  lineUp.set({ entries, place, view: "single", heads: false, stays: false, choose: () => store.update(place) });
  await settled();
}

const running = () => store.state.running.map(({ key }) => key).join(" ");

/** Opens an engine and closes it. @param {Parameters<typeof Engine.open>[3]} [options] @param {"cpu" | "webgpu"} [device] */
async function open(options, device = "cpu") {
  const closing = new AbortController();
  const { device: info } = await Engine.open(device, closing.signal, () => {}, options);
  closing.abort();
  return info;
}

test("another arithmetic opens the networks again, with the picture and the view kept", async () => {
  await choose({});
  assert.equal(store.state.deviceInfo?.arithmetic, "f32");
  const { engine } = lineUp;
  await choose({ arithmetic: "int8" });
  assert.deepEqual(created.map(({ arithmetic }) => arithmetic), ["f32", "int8"]);
  assert.deepEqual([running(), store.state.deviceInfo?.arithmetic, store.state.picture, store.state.view], ["a b", "int8", 7, "single"]);
  await assert.rejects(/** @type {import("../../www/engine.js").Engine} */ (engine).clockStep(), { code: "closed" }, "the engine before goes on");
  await choose({ arithmetic: "int8" });
  assert.equal(created.length, 2, "the same again");
});

test("another number of threads does so too", async () => {
  await choose({});
  await choose({ threads: 2 });
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, 2]);
  assert.deepEqual([running(), store.state.deviceInfo?.threads], ["a b", 2]);
});

test("with WebGPU they open nothing again", async () => {
  await choose({ device: "webgpu" });
  await choose({ arithmetic: "int8", threads: 2 });
  assert.equal(created.length, 1);
  await choose({ device: "cpu" });
  assert.deepEqual(created.map(({ device, arithmetic, threads }) => [device, arithmetic, threads]), [["webgpu", "f32", undefined], ["cpu", "int8", 2]]);
});

test("an arithmetic that cannot be had leaves the one before", async () => {
  await choose({});
  const { create } = told.replies;
  told.replies.create = ([device, options]) => { if (options.arithmetic === "int8") throw failure("unsupported", "There is no such arithmetic."); return create([device, options]); };
  await choose({ arithmetic: "int8" });
  assert.deepEqual([store.state.arithmetic, running()], ["f32", "a b"]);
  assert.match(store.state.problems.network?.text ?? "", /There is no such arithmetic\. The networks go on\.$/);
});

test("where WebGPU cannot be used, the CPU computes with the chosen arithmetic and threads", async () => {
  const { create } = told.replies;
  told.replies.create = ([device, options]) => { if (device === "webgpu") throw failure("no-webgpu", "There is no WebGPU."); return create([device, options]); };
  await choose({ device: "webgpu", arithmetic: "int8", threads: 2 });
  assert.deepEqual(created.map(({ device, arithmetic, threads }) => [device, arithmetic, threads]), [["cpu", "int8", 2]]);
  assert.deepEqual([store.state.device, store.state.arithmetic, store.state.threads, running()], ["cpu", "int8", 2, "a b"]);
});

test("a thread that dies, which a call tells as crashed, leads to a new worker with the same networks, picture and view", async () => {
  await choose({ arithmetic: "int8", threads: 2 });
  told.replies.classify = () => { throw failure("crashed", "A thread of the engine stopped unexpectedly."); };
  const frame = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
  await assert.rejects(/** @type {import("../../www/engine.js").Engine} */ (lineUp.engine).classify("a", frame, 5), { code: "crashed" });
  await settled();
  assert.deepEqual(told.workers.map(({ ended }) => ended), [true, false]);
  assert.deepEqual(created.map(({ arithmetic, threads }) => [arithmetic, threads]), [["int8", 2], ["int8", 2]]);
  assert.deepEqual([running(), store.state.picture, store.state.view], ["a b", 7, "single"]);
  assert.match(store.state.notices.map(({ text }) => text).join(), /^The engine stopped unexpectedly\. It is being started again, and the networks are loaded again\.$/);
});

test("the number that was timed is remembered, and the next engine is opened with it", async () => {
  assert.equal((await open())?.threads, QUICKEST);
  await open();
  await open({ arithmetic: "int8" });
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, QUICKEST, QUICKEST]);
});

test("that one thread was the quickest may come of a busy moment, and is not remembered", async () => {
  const { create } = told.replies;
  told.replies.create = (given) => ({ .../** @type {any} */ (create(given)), threads: 1 });
  await open();
  await open({ arithmetic: "int8" });
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, undefined]);
});

test("an engine that only tells how much memory networks take starts no threads, and changes nothing of what is remembered", async () => {
  await open();
  const { bringMemories } = await import("../../www/openEngine.js");
  store.update({ memories: {} });
  await bringMemories();
  await open();
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, 1, QUICKEST]);
});

test("a chosen number is not remembered as the quickest, nor one more than the machine has cores asked for", async () => {
  await open({ threads: 2 });
  await open();
  await open({ threads: 16 });
  assert.deepEqual(created.map(({ threads }) => threads), [2, undefined, CORES]);
});

test("choosing automatic again has it timed anew", async () => {
  await open();
  const { forgetThreads } = await import("../../www/cpu.js");
  forgetThreads();
  await open();
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, undefined]);
});

test("what was timed on other cores, by another build or not isolated is timed again, and so is what was never a number", async () => {
  await open();
  const [[name, text]] = kept;
  be({ cores: 2 });
  await open();
  be();
  kept.set(name, JSON.stringify({ ...JSON.parse(text), build: 1 }));
  await open();
  for (const threads of [0, -1, 1.5, "4", null, CORES + 1]) {
    kept.set(name, JSON.stringify({ ...JSON.parse(text), threads }));
    await open();
  }
  kept.set(name, "{");
  await open();
  assert.deepEqual(created.map(({ threads }) => threads), Array(10).fill(undefined));
  kept.clear();
  be({ isIsolated: false });
  assert.equal((await open())?.threads, 1);
  assert.equal(kept.size, 0, "one thread in a page that is not isolated says nothing of the machine");
});

test("a storage that is blocked does not matter", async () => {
  be({ isBlocked: true });
  await open();
  assert.equal((await open())?.threads, QUICKEST);
  assert.deepEqual(created.map(({ threads }) => threads), [undefined, undefined]);
});

test("WebGPU tells neither the number of threads nor of 8-bit arithmetic", async () => {
  await open({}, "webgpu");
  assert.deepEqual([kept.size, store.state.dot8], [0, null]);
  await open();
  assert.equal(store.state.dot8, true);
});

test("the choice of the arithmetic is there for ConvScope's kernels on the CPU, and says why it is not elsewhere", () => {
  const chosen = { device: "cpu", engine: "convscope", arithmetic: "f32", dot8: true, deviceInfo: null };
  const of = (/** @type {any} */ other) => [isOnCpu({ ...chosen, ...other }), arithmeticNote({ ...chosen, ...other })];
  const [onCpu, onGpu] = [{ kind: "cpu", engine: "convscope" }, { kind: "webgpu", engine: "convscope" }];
  assert.deepEqual(of({}), [true, ""]);
  assert.deepEqual(of({ device: "auto", deviceInfo: onCpu }), [true, ""]);
  assert.deepEqual(of({ device: "cpu", deviceInfo: onGpu }), [true, ""], "the CPU is on its way");
  const gpu = "WebGPU computes with 32 bits: 8-bit arithmetic is for the CPU.";
  assert.deepEqual(of({ device: "auto", deviceInfo: onGpu }), [false, gpu]);
  assert.deepEqual(of({ device: "webgpu", arithmetic: "int8", dot8: false }), [false, gpu]);
  assert.deepEqual(of({ engine: "burn" }), [false, "burn computes with 32 bits: 8-bit arithmetic is ConvScope's, on the CPU."]);
  assert.match(String(of({ dot8: false })[1]), /no fast 8-bit arithmetic, so that 8 bits gain nothing here, but they can still be tried\.$/);
  assert.match(String(of({ arithmetic: "int8" })[1]), /^Most layers multiply whole numbers of 8 bits\./);
});

test("threads that can be chosen are powers of two and the number of cores, at most 16, and what an address asks for", () => {
  assert.deepEqual(threadCounts(1, null), [1]);
  assert.deepEqual(threadCounts(2, null), [1, 2]);
  assert.deepEqual(threadCounts(6, null), [1, 2, 4, 6]);
  assert.deepEqual(threadCounts(12, 3), [1, 2, 3, 4, 8, 12]);
  assert.deepEqual(threadCounts(64, null), [1, 2, 4, 8, 16]);
  const note = (/** @type {any} */ page) => threadsNote({ isIsolated: true, cores: 4, chosen: null, ...page });
  assert.match(note({ isIsolated: false }), /^One thread is used, because the site that serves this page does not isolate it/);
  assert.match(note({ cores: 1 }), /^One thread is used, because the browser tells of one core\.$/);
  assert.match(note({ chosen: 8 }), /no more threads than that are used/);
  assert.match(note({}), /^Automatic takes the number that was quickest/);
});

test("where and how it was computed, in words", () => {
  const info = { kind: /** @type {const} */ ("cpu"), engine: /** @type {const} */ ("convscope"), adapter: "WebAssembly SIMD, 1 thread", threads: 2, arithmetic: /** @type {const} */ ("f32") };
  assert.equal(computedBy(info), "Computed by ConvScope on the CPU: WebAssembly SIMD, 2 threads");
  assert.equal(computedBy({ ...info, adapter: "WebAssembly SIMD", threads: 1, arithmetic: "int8" }), "Computed by ConvScope on the CPU: WebAssembly SIMD, 1 thread, 8-bit arithmetic");
  assert.equal(computedBy({ kind: "cpu", engine: "burn", adapter: "WebAssembly SIMD, 1 thread" }), "Computed by burn on the CPU: WebAssembly SIMD, 1 thread", "of a saved experiment");
  assert.equal(computedBy({ ...info, kind: "webgpu", adapter: "a GPU", threads: 1 }), "Computed by ConvScope on WebGPU: a GPU");
  const place = { device: /** @type {const} */ ("cpu"), f16: false, engine: /** @type {const} */ ("convscope"), arithmetic: /** @type {const} */ ("int8") };
  assert.deepEqual([deviceName(place), placeName(place)], ["CPU, 8-bit", "the CPU in 8-bit arithmetic"]);
});

test("what 8-bit arithmetic changed over a folder, of the networks that saw it in both", () => {
  const keys = ["a", "b-q4", inEightBits("a"), inEightBits("b-q4")];
  const table = keys.map((_, i) => keys.map((_, j) => ({ same: i === j ? 1 : (i + j) % 2 ? 0.1 : i % 2 ? 1 : 0.95, shared: 5 })));
  const text = agreementText([{ keys, table, all: 10 }], 200, (key) => key.toUpperCase());
  assert.equal(text, "In 8-bit arithmetic, the same first class as in 32-bit arithmetic is named by A for 95.0\u00a0% (95 % interval 91.0–97.3\u00a0%), B-Q4 for 100.0\u00a0% (95 % interval 98.1–100.0\u00a0%) of the 200 pictures.");
  assert.equal(agreementText([{ keys: ["a", "b"], table, all: 10 }], 200, String), "");
  assert.deepEqual([partsOf("a"), partsOf(inEightBits("b-q4"))], [{ key: "a", isEightBit: false }, { key: "b-q4", isEightBit: true }]);
});
