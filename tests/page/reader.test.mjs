// The package's reader: a checkpoint that somebody has becomes weights that an engine loads, all of it in a worker of the browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** LeNet-5's tensors for a number of classes. @param {number} classes @returns {[string, number[]][]} */
const lenet5 = (classes) => [
  ["c1.weight", [6, 1, 5, 5]], ["c1.bias", [6]], ["c3.weight", [16, 6, 5, 5]], ["c3.bias", [16]], ["c5.weight", [120, 16, 5, 5]],
  ["c5.bias", [120]], ["f6.weight", [84, 120]], ["f6.bias", [84]], ["output.weight", [classes, 84]], ["output.bias", [classes]],
];

/** A safetensors file whose weights are a sine's. @param {[string, number[]][]} tensors */
function safetensors(tensors) {
  /** @type {Record<string, unknown>} */
  const header = {};
  const values = [];
  for (const [name, shape] of tensors) {
    const count = shape.reduce((a, b) => a * b, 1);
    const begin = values.length * 4;
    for (let i = 0; i < count; i++) values.push(Math.sin(i * 0.7) / Math.sqrt(count / shape[0]));
    header[name] = { dtype: "F32", shape, data_offsets: [begin, values.length * 4] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.from(Float32Array.from(values).buffer)]);
}

/** What the worker does: it reads the file, converts it, and asks an engine. */
const WORKER = `
  import initReader, { Checkpoint } from "SITE/pkg/reader/convscope.js";
  import { binary } from "SITE/pkg/reader/binary.js";
  import init, { Engine } from "SITE/pkg/convscope.js";
  const told = (error) => ({ code: error.code, message: error.message });
  onmessage = async ({ data: { file, name, network, options, stop } }) => {
    await initReader({ module_or_path: binary });
    let checkpoint;
    try { checkpoint = new Checkpoint(file, name); } catch (error) { return postMessage({ error: told(error) }); }
    const summary = checkpoint.summary();
    const steps = [];
    const progress = (done, total) => { steps.push([done, total]); if (stop) throw new Error("stopped"); };
    let converted;
    try { converted = checkpoint.convert(network, options, progress); } catch (error) { return postMessage({ summary, error: told(error) }); }
    checkpoint.free();
    const { row, shards } = converted;
    await init();
    const engine = await Engine.create("cpu");
    const key = network + "-" + row.variant;
    await engine.load(network, shards, key);
    const logits = await engine.logits(key, Float32Array.from({ length: 32 * 32 }, (_, i) => Math.sin(i)));
    // A stroke, so that there is ink.
    const pixels = new Uint8ClampedArray(64 * 64 * 4).fill(255);
    for (let y = 12; y < 52; y++) for (let x = 28; x < 34; x++) pixels.fill(0, (y * 64 + x) * 4, (y * 64 + x) * 4 + 3);
    const { predictions } = await engine.classify(key, { data: pixels, width: 64, height: 64 }, 5);
    const layers = Engine.layers(network, row.own?.classes);
    postMessage({ summary, row, sizes: shards.map((shard) => shard.length), steps, logits: [...logits], predictions, labels: engine.labelsOf(key), last: layers.at(-1).outputShape });
  };
`;

/**
 * What becomes of a file.
 * @param {Buffer} bytes
 * @param {{ name?: string, network?: string, options?: Record<string, unknown>, stop?: boolean }} [how]
 * @returns {Promise<any>}
 */
async function read(bytes, { name = "mine.safetensors", network = "lenet5", options = { name: "Letters" }, stop = false } = {}) {
  const page = await visit(browser, "pkg/package.json"); // of the site, without the page and its policy
  const answer = await page.evaluate(({ code, base64, message }) => new Promise((resolve, reject) => {
    const script = new Blob([code.replaceAll("SITE", location.origin)], { type: "text/javascript" });
    const worker = new Worker(URL.createObjectURL(script), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    const file = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);
    worker.postMessage({ ...message, file });
  }), { code: WORKER, base64: bytes.toString("base64"), message: { name, network, options, stop } });
  await closeVisit(page);
  return answer;
}

test("a checkpoint with three classes answers with their names", async () => {
  const { summary, row, sizes, steps, logits, predictions, labels, last } = await read(safetensors(lenet5(3)), { options: { name: "Three letters", labels: ["a", "b", "c"] } });
  assert.equal(summary.format, "safetensors");
  assert.equal(summary.tensors, 10);
  assert.equal(summary.parameters, 61_706 - 7 * 85);
  assert.deepEqual(summary.networks, [{ id: "lenet5", classes: 3, official: false }]);
  assert.equal(summary.misfit, "");
  assert.deepEqual(row.own, { name: "Three letters", classes: 3 });
  assert.deepEqual([row.id, row.variant, row.source.from], ["lenet5", "three_letters", "mine.safetensors"]);
  assert.deepEqual(row.shards.map((/** @type {{ bytes: number }} */ { bytes }) => bytes), sizes);
  assert.equal(row.bytes, sizes[0]);
  assert.match(row.shards[0].file, /^lenet5-three_letters\/weights-00001-of-00001\.safetensors$/);
  assert.match(row.shards[0].sha256, /^[0-9a-f]{64}$/);
  assert.equal(row.measured.tensors, 5);
  assert.ok(row.measured.greatest_error > 0 && row.measured.greatest_error < 0.01, `${row.measured.greatest_error}`);
  assert.deepEqual(steps.at(-1), [steps[0][1], steps[0][1]], "progress ends at all");
  assert.equal(logits.length, 3);
  assert.deepEqual(labels, ["a", "b", "c"]);
  assert.equal(predictions.length, 3);
  for (const { index, label } of predictions) assert.equal(label, ["a", "b", "c"][index]);
  assert.deepEqual(last, [3, 1, 1]);
});

test("without names, classes are numbered, and the variant can be chosen", async () => {
  const { row, labels } = await read(safetensors(lenet5(2)), { options: { name: "Two", variant: "two_2", labels: null } });
  assert.deepEqual(labels, ["class 0", "class 1"]);
  assert.deepEqual([row.variant, row.own.name], ["two_2", "Two"]);
});

test("what cannot be used is refused with a sentence and a code", async () => {
  const right = safetensors(lenet5(3));
  for (const [bytes, how, said] of /** @type {[Buffer, object, RegExp][]} */ ([
    [right.subarray(0, 100_000), {}, /^mine\.safetensors .*\.$/],
    [Buffer.from("<!doctype html>"), { name: "page.pth" }, /^page\.pth .*\.$/],
    [right, { options: { name: "" } }, /^Weights that are not the official ones of LeNet-5 need a name\.$/],
    [right, { options: { name: "q8" } }, /^“q8” cannot be the name .*\.$/],
    [right, { options: { name: "x", labels: ["a"] } }, /^There is 1 label, and 3 are needed: .*\.$/],
    [right, { options: { name: "x", framing: "squash" } }, /“squash” is not for a network that finds digits by itself\.$/],
    [right, { network: "resnet18" }, /does not fit ResNet-18: .*\.$/],
  ])) {
    const { error } = await read(bytes, how);
    assert.equal(error?.code, "bad-checkpoint", `${said}`);
    assert.match(error.message, said);
  }
  const { error, summary } = await read(right, { stop: true });
  assert.deepEqual([error.message, error.code], ["stopped", undefined], "what progress throws");
  assert.equal(summary.tensors, 10);
});
