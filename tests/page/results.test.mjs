// The form in which results are saved and sent: what is made holds, what is wrong or hostile is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { faultOf } from "../../www/compare/pure/check.js";
import { toCsv, toMarkdown } from "../../www/compare/pure/export.js";
import { COLUMNS, OF_ALL, columnsOf } from "../../www/compare/pure/columns.js";
import { LONGEST_IN_CHATS, fromFragment, toFragment } from "../../www/compare/pure/link.js";
import { differenceOf, framesPerSecond, isGainless, notesOf, preprocessingShare, rowKey, rowOf } from "../../www/compare/pure/results.js";
import { Sample } from "../../www/compare/pure/sample.js";
import { SENT, fragmentOf as letters } from "./sender.mjs";
import { entryOf } from "../../www/pure/entries.js";
import { browserOf, systemOf } from "../../www/pure/machine.js";

const schema = JSON.parse(readFileSync(new URL("../../www/results.schema.json", import.meta.url), "utf8"));
const holds = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const ROW = {
  network: "lenet5", variant: "q8", device: "cpu", engine: "convscope", f16: false, arithmetic: "f32", threads: 1, dot8: null, adapter: "WebAssembly SIMD, 1 thread", software: false, load: 12.5, first: 3.25, runs: 12, batch: 4,
  median: 1.5, low: 1.25, high: 1.75, p90: null, min: 1.25, settled: false, ended: "time used up", preprocess: 0.5, framesPerSecond: 500, gmacPerSecond: 0.277333,
  macs: 416520, parameters: 61706, weightsBytes: 65492, activationBytes: 37632, top1: 99.4, top5: null, times: [1.5, 1.25, 1.75],
};
const RESULT = {
  format: "convscope-benchmark", version: 4, date: "2026-11-25T14:37Z", convscope: "0.1.0", browser: "Chrome 156", os: "Linux", clockStep: 0.005, slowdown: 1,
  hidden: false, cancelled: false, busy: false, secondsPerRow: 10, rows: [ROW],
};

/** Results of the earlier versions. */
const { arithmetic: _arithmetic, threads: _threads, dot8: _dot8, ...ROW_3 } = ROW;
const RESULT_3 = { ...RESULT, version: 3, rows: [ROW_3] };
const { batch: _batch, ended: _ended, ...ROW_2 } = { ...ROW_3, runs: 60, p90: 1.75, framesPerSecond: 666.667 };
const RESULT_2 = { ...RESULT, version: 2, rows: [ROW_2, { ...ROW_2, runs: 49 }] };
const { busy: _busy, ...REST } = RESULT_2;
const { engine: _engine, ...ROW_1 } = ROW_2;
const RESULT_1 = { ...REST, version: 1, rows: [ROW_1, { ...ROW_1, runs: 49 }] };

test("the page's check and a validator of the trade judge alike", () => {
  assert.ok(holds(RESULT), JSON.stringify(holds.errors));
  assert.equal(faultOf(RESULT, schema), null);
  assert.ok(holds(SENT) && faultOf(SENT, schema) === null, JSON.stringify(holds.errors));
  const others = [undefined, null, true, -1, 0.5, 1e30, "", "=1+1", "<img src=x onerror=alert(1)>", "x".repeat(500), [], {}, [{}], Array(300).fill(ROW)];
  let refused = 0;
  const judge = (/** @type {any} */ value, /** @type {string} */ what) => {
    const wanted = holds(value);
    assert.equal(faultOf(value, schema) === null, wanted, `${what}: ${JSON.stringify(holds.errors)}`);
    refused += Number(!wanted);
  };
  for (const name of [...Object.keys(RESULT), "unknown", "__proto__"]) {
    for (const other of others) judge(JSON.parse(JSON.stringify({ ...RESULT, [name]: other })), `${name}: ${JSON.stringify(other)}`);
  }
  for (const name of [...Object.keys(ROW), "unknown"]) {
    for (const other of others) judge(JSON.parse(JSON.stringify({ ...RESULT, rows: [{ ...ROW, [name]: other }] })), `rows/${name}: ${JSON.stringify(other)}`);
  }
  for (const other of others) judge(other ?? null, `${JSON.stringify(other)} for all`);
  assert.ok(refused > 400, `only ${refused} were refused`);
});

test("a result goes through a link and comes back without its single times, and with three digits of what was measured", async () => {
  const fragment = await toFragment(/** @type {any} */ ({ ...RESULT, rows: [{ ...ROW, median: 1.50499, weightsBytes: 65_492 }, { ...ROW, network: "vgg16", p90: 1234.56 }] }));
  assert.match(fragment, /^#result=[\w-]+$/);
  const { times: _, ...row } = { ...ROW, gmacPerSecond: 0.277 };
  assert.deepEqual(await fromFragment(fragment, schema), { ...RESULT, rows: [{ ...row, median: 1.5, load: 12.5 }, { ...row, network: "vgg16", p90: 1230 }] });
  assert.equal(await fromFragment("#elsewhere", schema), null);
  assert.equal(await fromFragment("", schema), null);
});

test("a link with six networks on both devices is short enough for chat programs", async () => {
  let state = 7;
  const spread = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32; // Knuth's generator
  const rows = Array.from({ length: 12 }, (_, i) => {
    const [median, macs] = [30 * spread() + 1, Math.round(4e9 * spread())];
    const measured = { load: 200 * spread(), first: median * (1 + spread()), low: median * (1 - 0.03 * spread()), high: median * (1 + 0.03 * spread()), p90: median * (1 + 0.1 * spread()), min: 0.9 * median, preprocess: 2 * spread() };
    return { ...ROW, ...measured, network: `a_network_${i % 6}`, device: i < 6 ? "webgpu" : "cpu", adapter: i < 6 ? "Intel Iris Xe Graphics (RPL-U)" : ROW.adapter, runs: 20 + i * 7, median, macs, parameters: macs >> 5, framesPerSecond: 1000 / median, gmacPerSecond: macs / median, weightsBytes: macs >> 6, activationBytes: macs >> 7, settled: spread() < 0.5 };
  });
  const { length } = await toFragment(/** @type {any} */ ({ ...RESULT, rows }));
  assert.ok(length < LONGEST_IN_CHATS - 500, `${length} letters, without the page's own address`);
});

test("a link of before, with names and all digits, is read", async () => {
  const { times: _, ...row } = ROW;
  assert.deepEqual(await fromFragment(letters({ ...RESULT, rows: [row] }), schema), { ...RESULT, rows: [row] });
});

test("results of versions 1 and 2 are read: ConvScope's own rows, every run a timing, no p90 of few runs, frames a second of preprocessing and inference, and no word on why a row ended", async () => {
  const row = { ...ROW, runs: 60, batch: 1, p90: 1.75, ended: null };
  const today = { ...RESULT, rows: [row, { ...row, runs: 49, p90: null }] };
  assert.deepEqual(await fromFragment(letters(RESULT_1), schema), today);
  assert.deepEqual(await fromFragment(letters(RESULT_2), schema), today);
});

test("results of version 3 are read, with names and packed: computed in floating point, by one thread", async () => {
  const { times: _, ...row } = ROW;
  assert.deepEqual(await fromFragment(letters(RESULT_3), schema), RESULT);
  const packed = [3, 1, OF_ALL.map((name) => /** @type {any} */ (RESULT_3)[name]), columnsOf(3).map((name) => /** @type {any} */ (ROW_3)[name])];
  assert.equal(columnsOf(3).length, COLUMNS.length - 3);
  assert.deepEqual(await fromFragment(letters(packed), schema), { ...RESULT, rows: [row] });
});

test("rows in 8-bit arithmetic are rows of their own, which a link keeps, with their threads", async () => {
  const { times: _, ...row } = { ...ROW, arithmetic: "int8", threads: 4, dot8: true, median: 0.75, gmacPerSecond: 0.555 };
  const { times: __, ...plain } = { ...ROW, threads: 4, dot8: true, gmacPerSecond: 0.277 };
  const both = { ...RESULT, rows: [plain, row] };
  assert.ok(holds(both), JSON.stringify(holds.errors));
  assert.deepEqual(await fromFragment(await toFragment(/** @type {any} */ (both)), schema), both);
  assert.notEqual(rowKey(/** @type {any} */ (ROW)), rowKey(/** @type {any} */ (row)));
  assert.match(toMarkdown(/** @type {any} */ (both), () => "LeNet-5"), /^\| LeNet-5 \| CPU, 8-bit \(WebAssembly SIMD, 1 thread\) \| 4 \| 0\.750 /m);
  assert.match(toCsv(/** @type {any} */ (both)).split("\n")[2], /^lenet5,q8,cpu,convscope,false,int8,4,true,/);
});

test("a row in 8-bit arithmetic says where that gains nothing", () => {
  const words = (/** @type {any} */ row) => notesOf(/** @type {any} */ ({ ...RESULT, rows: [{ ...ROW, ...row }] })).map(({ text }) => text).join("\n");
  assert.match(words({ arithmetic: "int8", dot8: false }), /^One row ran in 8-bit arithmetic where the browser or the machine has no fast 8-bit arithmetic, so that 8 bits gain nothing there\.$/m);
  for (const row of [{ arithmetic: "int8", dot8: true }, { arithmetic: "f32", dot8: false }, { arithmetic: "int8", dot8: null }]) assert.doesNotMatch(words(row), /8-bit/);
  assert.equal(isGainless(/** @type {any} */ ({ ...ROW, arithmetic: "int8", dot8: false })), true);
});

for (const [what, fragment, sentence] of [
  ["nothing", "#result=", /damaged or was cut/],
  ["letters that are none", "#result=%3Cscript%3E", /damaged or was cut/],
  ["what does not unpack", "#result=AAAA", /damaged or was cut/],
  ["no JSON", letters("result"), /damaged or was cut/],
  ["another form", letters({ ...RESULT, format: "other" }), /format/],
  ["a fraction of a version", letters({ ...RESULT, version: 1.5 }), /version/],
  ["a later version", letters({ ...RESULT, version: 5 }), /newer ConvScope/],
  ["a version before the first", letters({ ...RESULT, version: 0 }), /version: const/],
  ["version 1 with rows that are none", letters({ ...RESULT_1, rows: [null, "row"] }), /rows\/0/],
  ["version 1 without rows", letters({ ...RESULT_1, rows: "none" }), /required/],
  ["an engine that is none", letters({ ...RESULT, rows: [{ ...ROW, engine: "other" }] }), /rows\/0\/engine: enum/],
  ["an arithmetic that is none", letters({ ...RESULT, rows: [{ ...ROW, arithmetic: "int4" }] }), /rows\/0\/arithmetic: enum/],
  ["no threads at all", letters({ ...RESULT, rows: [{ ...ROW, threads: 0 }] }), /rows\/0\/threads: minimum/],
  ["columns that are none", letters([4, 1, [], {}]), /another form/],
  ["columns that are shorter than the rows are many", letters([4, 3, ["2026-11-25T14:37Z", "0.1.0", "Chrome", "Linux", 0, 1, false, false, false, 10], [["lenet5"]]]), /required|rows\/0/],
  ["more rows than a result may have", letters([4, 1e9, [], []]), /another form/],
  ["a later version without names", letters([5, 1, [], []]), /newer ConvScope/],
  ["a field too much", letters({ ...RESULT, email: "a@b" }), /additionalProperties/],
  ["a network with mark-up for a name", letters({ ...RESULT, rows: [{ ...ROW, network: "<b>" }] }), /rows\/0\/network: pattern/],
  ["a link that is too long", `#result=${"A".repeat(70_000)}`, /too long/],
  ["a bomb", letters(" ".repeat(30_000_000)), /too large/],
]) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(fromFragment(fragment, schema), (error) => error.code === "bad-link" && sentence.test(error.message) && /Ask its sender/.test(error.message));
  });
}

test("a link that was cut anywhere is refused", async () => {
  const fragment = await toFragment(/** @type {any} */ (RESULT));
  for (let length = 8; length < fragment.length; length += 7) {
    await assert.rejects(fromFragment(fragment.slice(0, length), schema), { code: "bad-link" });
  }
});

test("CSV and Markdown hold what they are given, whatever it is", () => {
  const odd = { ...RESULT, rows: [{ ...ROW, adapter: '=cmd|"x",y', top5: null }] };
  const [head, line, end] = toCsv(/** @type {any} */ (odd)).split("\n");
  assert.match(head, /^network,variant,device,engine,f16,arithmetic,threads,dot8,adapter,.*,runs,batch,.*,p90,min,settled,ended,.*,cancelled,busy,secondsPerRow$/);
  assert.match(line, /^lenet5,q8,cpu,convscope,false,f32,1,,"'=cmd\|""x"",y",false,12\.5,/);
  assert.equal(end, "");
  assert.match(line, /,12,4,1\.5,1\.25,1\.75,,1\.25,false,time used up,/, "a p90 that there is not is blank");
  assert.match(line, /,false,false,false,10$/);
  const table = toMarkdown(/** @type {any} */ (odd), () => "LeNet-5").split("\n");
  assert.match(table[2], /^\| LeNet-5 \| CPU \(=cmd\\\|"x",y\) \| 1 \| 1\.50 \(1\.25–1\.75\) \| – \| 0\.500 \| 12 in batches of 4 \| time used up \| 3\.25 \| 12\.5 \| 500 \| 0\.277 \| 99\.4 \|$/);
  assert.equal(table[0].split("|").length, table[2].replaceAll("\\|", "").split("|").length, "a head for every cell");
  assert.deepEqual(table.slice(6, -1), notesOf(/** @type {any} */ (odd)).map(({ text }) => `- ${text}`), "the notes");
  assert.ok(table.length > 8);
  const random = toMarkdown(/** @type {any} */ ({ ...RESULT, rows: [{ ...ROW, variant: "random", f16: true, device: "webgpu", software: true, top1: 58.178 }] }), () => "LeNet-5");
  assert.match(random, /^\| LeNet-5 \(random weights\) \| WebGPU, f16, software \(WebAssembly SIMD, 1 thread\) \|.* 58\.2 \|$/m);
  assert.match(random, /^- One row ran with random weights: its speed is real, and/m);
  assert.match(toMarkdown(/** @type {any} */ ({ ...RESULT, rows: [{ ...ROW, engine: "burn" }] }), () => "LeNet-5"), /\| CPU, burn \(WebAssembly SIMD, 1 thread\) \|/);
});

test("burn's rows are rows of their own, and a busy server is told", () => {
  assert.notEqual(rowKey(/** @type {any} */ (ROW)), rowKey(/** @type {any} */ ({ ...ROW, engine: "burn" })));
  const warnings = (/** @type {boolean} */ busy) => notesOf(/** @type {any} */ ({ ...RESULT, busy })).filter(({ kind, text }) => kind === "warning" && /still building/.test(text));
  assert.equal(warnings(false).length, 0);
  assert.equal(warnings(true).length, 1);
});

test("what a reader must know of batches, of a missing p90 and of timings that are not kept", () => {
  const words = (/** @type {any} */ row) => notesOf(/** @type {any} */ ({ ...RESULT, rows: [{ ...ROW, batch: 1, runs: 60, p90: 1.75, times: Array(60).fill(1), ...row }] })).map(({ text }) => text).join("\n");
  assert.doesNotMatch(words({}), /batch|p90|kept/);
  assert.match(words({ batch: 4, runs: 240 }), /^One row was timed in batches, because an inference takes less than 100 steps of this browser's clock \(0\.005 ms each\)/m);
  assert.doesNotMatch(words({ median: 0.5 }), /steps/);
  assert.match(words({ median: 0.49 }), /^One row's timings take less than 100 steps of this browser's clock \(0\.005 ms each\)/m);
  assert.doesNotMatch(words({ median: 0.49, batch: 4, runs: 240 }), /timings take/);
  assert.doesNotMatch(words({ median: 0.1 }), /timings take/, "a coarse clock has a warning of its own");
  assert.match(words({ median: 0.1 }), /which is coarse for one row/);
  assert.match(words({ preprocess: 1.6 }), /^One row spent 52\u00a0% of its time on preprocessing/m);
  assert.match(words({ p90: null }), /^One row has no p90: it takes 50 timings/m);
  assert.match(words({ runs: 5000 }), /^One row had more timings than are kept/m);
  assert.doesNotMatch(words({ runs: 5000, times: undefined }), /kept/, "a link has no single times");
});

test("what is measured becomes a row: runs of all batches, and a p90 of 50 timings or more", () => {
  const rowAfter = (/** @type {number} */ timings, batch = 1) => {
    const [sample, preprocess] = [new Sample(), new Sample()];
    for (let i = 0; i < timings; i++) {
      sample.add(10 + (i % 10));
      preprocess.add(0.5);
    }
    return rowOf(/** @type {any} */ ({ ...ROW, entry: { network: "lenet5" }, card: undefined, batch, sample, preprocess, ended: "cancelled" }));
  };
  const { p90, times, ...few } = rowAfter(49, 4);
  assert.equal(p90, null);
  assert.deepEqual([few.runs, few.batch, few.median, few.min, few.ended, times?.length], [196, 4, 14, 10, "cancelled", 49]);
  assert.equal(rowAfter(50).p90, 18.1);
});

test("a row says what preprocessing took of its time where that is more than half, and frames a second need both", () => {
  const share = (/** @type {number} */ median, /** @type {number} */ preprocess) => preprocessingShare(/** @type {any} */ ({ ...ROW, median, preprocess }));
  assert.equal(share(1, 9), 0.9);
  assert.equal(share(1, 1), null);
  assert.equal(share(0, 0), null);
  assert.equal(framesPerSecond(15, 5), 50);
  assert.equal(framesPerSecond(0, 0), 0);
  const [sample, preprocess] = [new Sample(), new Sample()];
  for (let i = 0; i < 9; i++) {
    sample.add(15);
    preprocess.add(5);
  }
  assert.equal(rowOf(/** @type {any} */ ({ ...ROW, entry: { network: "lenet5" }, card: undefined, sample, preprocess })).framesPerSecond, 50);
});

test("a row says how it differs from what would be measured now", () => {
  const manifest = /** @type {any} */ ([{ id: "lenet5", variant: "q8" }]);
  const chosen = { entries: [entryOf("lenet5")], setups: /** @type {any} */ (["cpu"]), threads: /** @type {number | null} */ (null), manifest };
  const differs = (/** @type {any} */ row, /** @type {any} */ other = {}) => differenceOf({ ...ROW, ...row }, { ...chosen, ...other });
  assert.equal(differs({}), "");
  assert.equal(differs({ network: "vgg16" }), "network not chosen now");
  assert.equal(differs({ variant: "random" }), "other weights now");
  assert.equal(differs({ variant: "random" }, { manifest: [] }), "");
  assert.equal(differs({ variant: "q4" }), "other weights now");
  assert.equal(differs({ engine: "burn" }), "device not chosen now");
  assert.equal(differs({ engine: "burn" }, { setups: ["cpu", "burnCpu"] }), "");
  assert.equal(differs({ arithmetic: "int8" }), "device not chosen now");
  assert.equal(differs({ arithmetic: "int8" }, { setups: ["cpu", "int8"] }), "");
  assert.equal(differs({ threads: 2 }), "");
  assert.equal(differs({ threads: 2 }, { threads: 2 }), "");
  assert.equal(differs({ threads: 2 }, { threads: 4 }), "other threads now");
  assert.equal(differs({ device: "webgpu" }, { setups: ["webgpu"], threads: 4 }), "", "threads concern the CPU alone");
});

test("browsers and systems by their own words", () => {
  const agents = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36": ["Chrome 156", "Linux"],
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": ["Edge 140", "Windows"],
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15": ["Safari 26", "macOS"],
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1": ["Safari 26", "iOS"],
    "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0": ["Firefox 145", "Android"],
    "": ["unknown", "unknown"],
  };
  for (const [agent, [browser, system]] of Object.entries(agents)) assert.deepEqual([browserOf(agent), systemOf(agent)], [browser, system], agent);
});
