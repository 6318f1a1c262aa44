// Every misuse of the package's API ends in an error that has a documented code and says in a sentence what to do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";

/** The codes that the package's types name. */
const DOCUMENTED = new Set(Array.from(readFileSync("src/web/types.d.ts", "utf8").match(/interface EngineError[\s\S]*?\n}/)?.[0].matchAll(/"([a-z0-9-]+)"/g) ?? [], ([, code]) => code));

let browser;
let page;
before(async () => {
  browser = await launch({ webgpu: false });
  page = await visit(browser, "pkg/package.json");
  page.on("pageerror", (error) => uncaught.push(error.message));
});
after(async () => {
  await closeVisit(page);
  await browser.close();
});

/** @type {string[]} */
const uncaught = [];

/** In the page: an engine with trained weights as "own", random ones as "lenet5", a frame, and what a call ends in. */
async function setUp() {
  const { default: init, Engine } = await import(new URL("/pkg/convscope.js", location.href).href);
  const outcome = async (/** @type {() => any} */ run) => {
    let later = false;
    try {
      const returned = run();
      later = returned instanceof Promise;
      const late = new Promise((_, reject) => setTimeout(() => reject(Object.assign(new Error("It never ended."), { code: "hangs" })), 5000));
      await Promise.race([returned, late]);
      return { code: "", message: "", later };
    } catch (error) {
      return { code: error?.code ?? "none", message: String(error?.message), later };
    }
  };
  const early = await outcome(() => Engine.create("cpu"));
  const earlyCards = await outcome(() => Engine.cards());
  await init();
  const engine = await Engine.create("cpu");
  await engine.loadRandom("lenet5", 1);
  const { networks } = await (await fetch("/www/weights/manifest.json")).json();
  const { shards } = networks.find(({ id }) => id === "lenet5");
  const files = await Promise.all(shards.map(async ({ file }) => new Uint8Array(await (await fetch(`/www/weights/${file}`)).arrayBuffer())));
  await engine.load("lenet5", files, "own");
  const side = 28;
  const frame = { data: new Uint8ClampedArray(4 * side * side).fill(255), width: side, height: side };
  for (let y = 6; y < 22; y++) frame.data.fill(0, 4 * (y * side + 13), 4 * (y * side + 13) + 3);
  const first = await engine.classify("own", frame);
  const map = await engine.attention("own", { method: "occlusion" });
  const transferred = (/** @type {any} */ array) => {
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return array;
  };
  Object.assign(globalThis, { transferred, Engine, engine, files, frame, map, outcome, answer: first.predictions[0] });
  return { early, earlyCards };
}

/** Arguments that are no string, no number and so on; `null` and `undefined` stand for what is missing. */
const ODD = { "a number": "7", "NaN": "NaN", "an object": "({})", "an array": "[[]]", "a symbol": "Symbol('s')", "a bigint": "1n", "a function": "(() => 1)" };
const MISSING = { "nothing": "undefined", "null": "null" };
const NO_TEXT = { ...ODD, ...MISSING };
const without = (/** @type {Record<string, string>} */ values, /** @type {string[]} */ ...names) => Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
const NO_NUMBER = without(NO_TEXT, "a number");
const NO_OPTIONAL_WHOLE = { ...without(ODD, "a number"), "a half": "0.5", "less than 0": "-1", "too much": "2 ** 32", "infinity": "Infinity", "a text": "'7'" };
const NO_WHOLE = { ...NO_OPTIONAL_WHOLE, ...MISSING };
const NO_FUNCTION = without(ODD, "a function");

/** @param {string} code @param {Record<string, string>} values @param {(value: string) => string} call @returns {[string, string, string][]} */
const each = (code, values, call) => Object.entries(values).map(([name, value]) => [name, call(value), code]);

/** What is called, with what, and the code that it ends in. @type {[string, string, string][]} */
const CASES = [
  ...["labels", "layers"].flatMap((name) => each("bad-argument", NO_TEXT, (value) => `Engine.${name}(${value})`)),
  ...["labelsOf", "memory", "filters", "unload"].flatMap((name) => each("bad-argument", NO_TEXT, (value) => `engine.${name}(${value})`)),
  ...each("bad-argument", NO_TEXT, (value) => `Engine.create(${value})`),
  ...each("bad-argument", { ...without(ODD, "an object", "an array"), "a text": "'f16'" }, (value) => `Engine.create("cpu", ${value})`),
  ...each("bad-argument", { "a number": "1", "a text": "'yes'", "a symbol": "Symbol('s')" }, (value) => `Engine.create("cpu", { f16: ${value} })`),
  ...each("bad-argument", { "NaN": "NaN", "a text": "'2'", "a bigint": "1n", "a symbol": "Symbol('s')", "an object": "{}" }, (value) => `Engine.create("cpu", { threads: ${value} })`),
  ...each("unknown-arithmetic", { "another": "'int4'", "a number": "7", "an object": "{}", "a symbol": "Symbol('s')" }, (value) => `Engine.create("cpu", { arithmetic: ${value} })`),
  ["another device", `Engine.create("npu")`, "unknown-device"],
  ["no text", `Engine.create("")`, "unknown-device"],
  ["WebGPU where there is none", `Engine.create("webgpu")`, "no-webgpu"],

  ["an unknown network", `Engine.labels("nonesuch")`, "unknown-network"],
  ["an unknown network", `Engine.layers("nonesuch")`, "unknown-network"],
  ["an unknown network", `engine.memory("nonesuch")`, "unknown-network"],
  ["an unknown variant", `engine.memory("lenet5", "q2")`, "bad-weights"],
  ...each("bad-argument", ODD, (value) => `engine.memory("lenet5", ${value})`),
  ...each("bad-argument", { ...NO_OPTIONAL_WHOLE, "none": "0", "millions": "1e9" }, (value) => `Engine.layers("lenet5", ${value})`),

  ...each("bad-argument", NO_TEXT, (value) => `engine.load(${value}, files)`),
  ...each("bad-argument", { ...MISSING, "a number": "7", "an object": "({})", "one file": "files[0]", "a text": "'file'" }, (value) => `engine.load("lenet5", ${value})`),
  ...each("bad-argument", { ...MISSING, "a number": "7", "a text": "'file'", "a hole": "", "another array": "new Uint16Array(4)", "one that was transferred": "transferred(new Uint8Array(9))", "a buffer": "new ArrayBuffer(4)" }, (value) => `engine.load("lenet5", [${value},])`),
  ...each("bad-argument", ODD, (value) => `engine.load("lenet5", files, ${value})`),
  ...each("bad-argument", { ...NO_FUNCTION, "a text": "'f'" }, (value) => `engine.load("lenet5", files, "own", ${value})`),
  ["an unknown network", `engine.load("nonesuch", files)`, "unknown-network"],
  ["no shard", `engine.load("lenet5", [])`, "bad-weights"],
  ["an empty shard", `engine.load("lenet5", [new Uint8Array()])`, "bad-weights"],
  ["half a shard", `engine.load("lenet5", [files[0].subarray(0, files[0].length >> 1)])`, "bad-weights"],
  ["zeros", `engine.load("lenet5", [new Uint8Array(1000)])`, "bad-weights"],
  ["another network's weights", `engine.load("alexnet", files)`, "bad-weights"],
  ...each("bad-argument", NO_TEXT, (value) => `engine.loadRandom(${value}, 1)`),
  ...each("bad-argument", NO_WHOLE, (value) => `engine.loadRandom("lenet5", ${value})`),
  ["an unknown network", `engine.loadRandom("nonesuch", 1)`, "unknown-network"],

  ...["labelsOf", "filters"].flatMap((name) => [
    ["an unknown key", `engine.${name}("nonesuch")`, "unknown-network"],
    ["a network that is not loaded", `engine.${name}("alexnet")`, "not-loaded"],
  ]),
  ...[["logits", "new Float32Array(1024)"], ["classify", "frame"], ["time", "frame, 1"], ["activations", "['input']"], ["activation", "'input'"], ["attention", ""], ["deletion", "map"], ["profile", "1"]].flatMap(([name, rest]) => [
    ...each("bad-argument", NO_TEXT, (value) => `engine.${name}(${value}, ${rest})`),
    ["an unknown key", `engine.${name}("nonesuch", ${rest})`, "unknown-network"],
    ["a network that is not loaded", `engine.${name}("alexnet", ${rest})`, "not-loaded"],
  ]),

  ...each("bad-argument", { ...NO_TEXT, "doubles": "new Float64Array(1024)", "one that was transferred": "transferred(new Float32Array(1024))", "an array": "[[1, 2]]" }, (value) => `engine.logits("own", ${value})`),
  ["too few", `engine.logits("own", new Float32Array(7))`, "bad-frame"],
  ["none", `engine.logits("own", new Float32Array())`, "bad-frame"],

  ...["classify", "time"].flatMap((name) => {
    const call = (/** @type {string} */ frame) => `engine.${name}("own", ${frame}, 1)`;
    return [
      ...each("bad-frame", NO_TEXT, call),
      ...each("bad-frame", { ...NO_TEXT, "a text": "'pixels'", "plain bytes": "new Uint8Array(3136)", "too few": "new Uint8ClampedArray(7)", "none": "new Uint8ClampedArray()" }, (value) => call(`{ ...frame, data: ${value} }`)),
      ...each("bad-frame", { ...NO_WHOLE, "none": "0", "more than there are": "29" }, (value) => call(`{ ...frame, width: ${value} }`)),
      ...each("bad-frame", { ...NO_WHOLE, "none": "0", "more than there are": "29" }, (value) => call(`{ ...frame, height: ${value} }`)),
      ["another format", call("{ ...frame, format: 'YUV9' }"), "bad-frame"],
      ["planes of another size", call("{ ...frame, format: 'I420' }"), "bad-frame"],
      ["planes of odd sides", call("{ data: new Uint8ClampedArray(15), width: 5, height: 2, format: 'NV12' }"), "bad-frame"],
      ["a detached buffer", call("{ ...frame, data: transferred(new Uint8ClampedArray(3136)) }"), "bad-frame"],
    ];
  }),
  ["random weights", `engine.classify("lenet5", frame)`, "random-weights"],
  ...each("bad-argument", NO_OPTIONAL_WHOLE, (value) => `engine.classify("own", frame, ${value})`),
  ...each("bad-argument", { ...ODD, "a text": "'yes'" }, (value) => `engine.classify("own", frame, 1, ${value})`),
  ...each("bad-argument", NO_WHOLE, (value) => `engine.time("own", frame, ${value})`),

  ...each("bad-argument", { ...NO_TEXT, "numbers": "[7]", "a hole": "[,]", "a text": "'conv1'" }, (value) => `engine.activations("own", ${value})`),
  ...each("bad-argument", NO_TEXT, (value) => `engine.activation("own", ${value})`),
  ["an unknown layer", `engine.activations("own", ["input", "nonesuch"])`, "unknown-layer"],
  ["an unknown layer", `engine.activation("own", "nonesuch")`, "unknown-layer"],
  ["before a picture", `engine.activation("lenet5", "input")`, "no-frame"],

  ["random weights", `engine.attention("lenet5")`, "random-weights"],
  ["an unknown class", `engine.attention("own", { class: 10, method: "occlusion" })`, "unknown-class"],
  ["a map that needs gradients", `engine.attention("own", { method: "hirescam" })`, "needs-gradients"],
  ["a map that it does not have", `engine.attention("own", { method: "cam" })`, "no-map"],
  ...each("no-map", { "another": "'guess'", "a number": "7", "a symbol": "Symbol('s')", "an object": "{}" }, (value) => `engine.attention("own", { method: ${value} })`),
  ...each("no-map", { "a number": "7", "a symbol": "Symbol('s')" }, (value) => `engine.attention("own", { layer: ${value} })`),
  ...each("bad-argument", NO_OPTIONAL_WHOLE, (value) => `engine.attention("own", { class: ${value}, method: "occlusion" })`),
  ...each("bad-argument", NO_FUNCTION, (value) => `engine.attention("own", { progress: ${value} })`),
  ["another kind of options", `engine.attention("own", 7)`, "bad-argument"],
  ["a progress that throws", `engine.attention("own", { method: "occlusion", progress() { throw new Error("no"); } })`, "cancelled"],

  ...each("no-map", NO_TEXT, (value) => `engine.deletion("own", ${value})`),
  ...each("no-map", { ...MISSING, "a plain array": "[1]", "too few": "new Float32Array(1)", "one that was transferred": "transferred(new Float32Array(9))" }, (value) => `engine.deletion("own", { ...map, data: ${value} })`),
  ...["width", "height", "class"].flatMap((field) => each("no-map", NO_WHOLE, (value) => `engine.deletion("own", { ...map, ${field}: ${value} })`)),
  ...["centre", "step"].flatMap((field) => each("no-map", NO_NUMBER, (value) => `engine.deletion("own", { ...map, ${field}: ${value} })`)),
  ["an unknown class", `engine.deletion("own", { ...map, class: 10 })`, "unknown-class"],
  ...each("bad-argument", NO_OPTIONAL_WHOLE, (value) => `engine.deletion("own", map, { steps: ${value} })`),
  ...each("bad-argument", NO_OPTIONAL_WHOLE, (value) => `engine.deletion("own", map, { seed: ${value} })`),
  ["a progress that rejects", `engine.deletion("own", map, { progress: () => Promise.reject(new Error("no")) })`, "cancelled"],

  ...each("bad-argument", NO_WHOLE, (value) => `engine.profile("own", ${value})`),
  ...each("bad-argument", NO_FUNCTION, (value) => `engine.profile("own", 1, ${value})`),
  ["a progress that throws", `engine.profile("own", 1, () => { throw new Error("no"); })`, "cancelled"],
];

const PROMISED = /^Engine\.create|^engine\.(load|loadRandom|logits|classify|time|activations?|attention|deletion|profile)\(/;

test("a wrong argument ends in the code that is documented for it, and in a sentence", { timeout: PATIENCE }, async () => {
  const { early, earlyCards } = await page.evaluate(setUp);
  for (const { code, message } of [early, earlyCards]) assert.deepEqual([code, message], ["not-started", "The module is not started. Await init(), its default export, before anything else."]);
  const outcomes = await page.evaluate(async (calls) => {
    const outcomes = [];
    for (const call of calls) outcomes.push(await outcome(new Function(`return ${call}`)));
    return outcomes;
  }, CASES.map(([, call]) => call));
  const wrong = CASES.flatMap(([what, call, code], i) => {
    const found = outcomes[i];
    const isSentence = /^[A-Z"“].*[.!]$/s.test(found.message) && !/undefined|\[object|__wbindgen|null pointer/.test(found.message);
    const isLate = !PROMISED.test(call) || found.later;
    return found.code === code && DOCUMENTED.has(code) && isSentence && isLate ? [] : [`${what}: ${call} ends in ${JSON.stringify(found)} instead of ${code}`];
  });
  assert.deepEqual(wrong, []);
  assert.deepEqual(uncaught, []);
});

test("after all that, the engine answers as before, also to two calls at once", async () => {
  const [before, [one, other], again] = await page.evaluate(async () => {
    const at = async () => (await engine.classify("own", frame)).predictions[0];
    const both = await Promise.all([at(), engine.profile("own", 1, at).then(at)]); // which asks while another call waits
    await Promise.all([engine.load("lenet5", files, "own"), engine.load("lenet5", files, "own"), engine.classify("own", frame)]);
    return [answer, both, await at()];
  });
  for (const found of [one, other, again]) assert.deepEqual(found, before);
});

test("an engine is not freed while it computes, and is afterwards", async () => {
  const [refused, profile, freed] = await page.evaluate(async () => {
    const engine = await Engine.create("cpu");
    await engine.loadRandom("lenet5", 1);
    const refused = [];
    const profile = await outcome(() => engine.profile("lenet5", 1, async () => void refused.push(await outcome(() => engine.free()))));
    return [refused, profile, [await outcome(() => engine.free()), await outcome(() => engine.device)]];
  });
  assert.equal(refused.length, 1);
  assert.deepEqual([refused[0].code, refused[0].message], ["busy", "The engine is still busy with what was asked of it. Wait until that has ended, then free it; where WebAssembly itself has stopped, end the worker."]);
  assert.ok(DOCUMENTED.has("busy"));
  assert.deepEqual([profile.code, freed.map(({ code }) => code)], ["", ["", "freed"]]);
});

test("what is asked of an engine that was freed says so, and freeing it twice does nothing", async () => {
  const found = await page.evaluate(async () => {
    const freed = await Engine.create("cpu");
    freed.free();
    freed.free();
    freed[Symbol.dispose]?.();
    const made = Object.create(Engine.prototype);
    const calls = [
      () => freed.device, () => freed.labelsOf("own"), () => freed.memory("lenet5"), () => freed.filters("own"), () => freed.unload("own"),
      () => freed.load("lenet5", files), () => freed.loadRandom("lenet5", 1), () => freed.logits("own", new Float32Array(1024)), () => freed.classify("own", frame),
      () => freed.time("own", frame, 1), () => freed.activations("own", []), () => freed.activation("own", "input"), () => freed.attention("own"),
      () => freed.deletion("own", map), () => freed.profile("own", 1), () => freed.rejectedShaders(), () => made.device, () => made.classify("own", frame),
    ];
    return Promise.all(calls.map(outcome));
  });
  assert.equal(found.length, 18);
  for (const { code, message } of found) assert.deepEqual([code, message], ["freed", "This engine was freed, or Engine.create did not make it. Create another one."]);
  assert.ok(DOCUMENTED.has("freed"));
});
