// The gradient lab's files: what each says, and that what others read keeps its form.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { MEANING, fileName, jsonOf, linesOf } from "../../www/lab/pure/files.js";
import { FIELDS, wordOf } from "../../www/lab/pure/settings.js";
import { svgOf } from "../../www/lab/pure/svg.js";
import { RunRecord } from "../../www/lab/record.js";
import { csvOf } from "../../www/pure/csv.js";
import { BASE, labOf, recordFor, recordOf, runOf } from "./labRuns.mjs";

const schema = JSON.parse(readFileSync(new URL("../../www/lab/results.schema.json", import.meta.url), "utf8"));
const holds = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const ORIGIN = { date: "2026-11-26T18:50Z", convscope: "0.1.0", browser: "Chrome 156", os: "Linux" };
const DEVICE = { kind: "cpu", engine: "burn", adapter: "WebAssembly SIMD, 1 thread", software: false, f16: false, maxBindingBytes: 0, note: "" };
const observed = { updates: [0, Infinity], means: [0, 1], deviations: [1, NaN], stuck: [0.5, 0] };
const FIRST = runOf(recordOf([[1e-3, 1], [1e-3, 0.5]], (step) => 3 - step), ["layer1", "output"], { tests: [{ step: 2, accuracy: 0.75, loss: 1 }], observed, observedAt: 2 });
const SECOND = runOf(recordOf([[0, NaN]]), ["layer1", "head1"], { config: { ...BASE, clipping: { norm: 0.5 } }, diverged: { step: 2, layer: "layer1", what: "output" } });
const LAB = labOf([FIRST, SECOND], { device: DEVICE, change: { clipping: { norm: 0.5 } } });

/** @param {object} lab */
const saved = (lab) => JSON.parse(JSON.stringify(jsonOf(lab, ORIGIN)));

test("the JSON holds what it takes to repeat and to read the runs, as the schema says", () => {
  const json = saved(LAB);
  assert.ok(holds(json), JSON.stringify(holds.errors));
  assert.deepEqual([json.date, json.convscope, json.browser, json.os], Object.values(ORIGIN));
  assert.deepEqual(json.device, { kind: "cpu", engine: "burn", adapter: DEVICE.adapter, software: false });
  assert.deepEqual(json.change, { clipping: { norm: 0.5 } });
  const [first, second] = json.runs;
  assert.deepEqual(first.columns[1], { step: 2, steps: 1, loss: 1, accuracy: 0.5, gradients: [0.001, 0.5], zeros: [0, 0] });
  assert.deepEqual(second.columns, [{ step: 1, steps: 1, loss: 1, accuracy: 0.5, gradients: [0, null], zeros: [1, 0] }]);
  assert.deepEqual(first.observed, { step: 2, updates: [0, null], means: [0, 1], deviations: [1, null], stuck: [0.5, 0] });
  assert.deepEqual(first.tests, [{ step: 2, accuracy: 0.75, loss: 1 }]);
  assert.deepEqual([first.config, second.config, second.diverged], [FIRST.config, SECOND.config, SECOND.diverged]);
  assert.ok(holds(saved(labOf([runOf(recordFor(20_000, (step) => [step % 3 ? 1e-3 : 0]))]))), JSON.stringify(holds.errors));
});

test("the schema refuses what is not of its form", () => {
  const json = saved(LAB);
  let refused = 0;
  for (const [name, value] of [["version", 2], ["format", "convscope-benchmark"], ["date", "today"], ["data", "cats"], ["device", { kind: "cpu" }], ["runs", []], ["unknown", 1], ["meaning", null]]) {
    assert.equal(holds({ ...json, [name]: value }), false, `${name}: ${JSON.stringify(value)}`);
    refused += 1;
  }
  for (const [name, value] of [["config", { ...BASE, depth: 2.5 }], ["config", { ...BASE, clipping: { norm: 0 } }], ["columns", [{}]], ["tests", [{ step: 1 }]], ["diverged", { step: 2 }], ["layers", [1]]]) {
    assert.equal(holds({ ...json, runs: [{ ...json.runs[0], [name]: value }] }), false, `runs/${name}: ${JSON.stringify(value)}`);
    refused += 1;
  }
  assert.equal(refused, 14);
  for (const field of Object.keys(json)) assert.equal(holds(Object.fromEntries(Object.entries(json).filter(([name]) => name !== field))), false, `without ${field}`);
});

test("each field of a column is explained in the file, in the schema's words, and so is each setting there", () => {
  const { properties } = schema.$defs.run.properties.columns.items;
  assert.deepEqual(MEANING, Object.fromEntries(Object.entries(properties).map(([name, { description }]) => [name, description])));
  assert.deepEqual(saved(LAB).meaning, MEANING);
  assert.deepEqual(schema.$defs.run.properties.config.required.toSorted(), FIELDS.map(({ name }) => name).toSorted());
});

/** The CSV's lines by the names of their columns. @param {object} lab */
function rowsOf(lab) {
  const [head, ...lines] = linesOf(lab, ORIGIN);
  assert.equal(new Set(head).size, head.length, "two columns have one name");
  for (const line of lines) assert.equal(line.length, head.length);
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [String(name), line[i]])));
}

test("every line of the CSV says of what run, device, data and date it is", () => {
  const rows = rowsOf(LAB);
  assert.deepEqual(rows.map(({ run, step, steps, loss }) => [run, step, steps, loss]), [[1, 1, 1, 2], [1, 2, 1, 1], [2, 1, 1, 1]]);
  assert.deepEqual(rows.map((row) => [row["gradient layer1"], row["gradient output"], row["gradient head1"], row["zeros layer1"]]), [[0.001, 1, undefined, 0], [0.001, 0.5, undefined, 0], [0, undefined, null, 1]]);
  assert.deepEqual(rows.map((row) => [row["test step"], row["test accuracy"], row["test loss"]]), [[undefined, undefined, undefined], [2, 0.75, 1], [undefined, undefined, undefined]]);
  assert.deepEqual(rows.map((row) => [row["stopped at step"], row["stopped in layer"], row["stopped by"]]), [[undefined, undefined, undefined], [undefined, undefined, undefined], [2, "layer1", "output"]]);
  for (const [i, row] of rows.entries()) {
    const { config } = [FIRST, FIRST, SECOND][i];
    for (const { name } of FIELDS) assert.equal(row[name], wordOf(config[name]), name);
    assert.deepEqual([row.scenario, row.data, row.device, row.engine, row.adapter, row.software], ["vanishing", "mnist", "cpu", "burn", DEVICE.adapter, false]);
    assert.deepEqual([row.date, row.convscope, row.browser, row.os], Object.values(ORIGIN));
  }
  assert.match(csvOf(linesOf(LAB, ORIGIN)), /^run,step,steps,loss,accuracy,.*\n1,1,1,2,0\.5,,,,0\.001,1,,0,0,,,,,vanishing,mnist,linear,20,/);
});

test("a run that stopped at its first step is saved, and its files say where", () => {
  const run = runOf(new RunRecord(2), ["layer1", "output"], { diverged: { step: 1, layer: "output", what: "output" } });
  const lab = labOf([run], { device: DEVICE });
  assert.ok(holds(saved(lab)), JSON.stringify(holds.errors));
  const [row, ...others] = rowsOf(lab);
  assert.equal(others.length, 0);
  assert.deepEqual([row.run, row.step, row["stopped at step"], row["stopped in layer"], row.scenario, row.date], [1, undefined, 1, "output", "vanishing", ORIGIN.date]);
  assert.match(svgOf(lab, ORIGIN), /0 steps\. It stopped at step 1/);
});

test("the CSV has each step and each kept test once", () => {
  const tests = [100, 15_000, 19_999].map((step) => ({ step, accuracy: 0.5, loss: 1 }));
  const rows = rowsOf(labOf([runOf(recordFor(20_000, () => [1]), undefined, { tests })]));
  assert.ok(rows.length < 5000);
  assert.equal(rows.reduce((sum, { steps }) => sum + Number(steps), 0), 20_000);
  assert.deepEqual(rows.filter((row) => row["test step"]).map((row) => row["test step"]), [100, 15_000, 19_999]);
});

test("the picture stands alone: title, settings, seed, device, date, key, captions and notes", () => {
  const spiky = runOf(recordFor(100, () => [1e-3, 1], (step) => (step < 3 ? 900 : 1)), ["layer1", "output"], { observed, observedAt: 100 });
  const svg = svgOf(labOf([spiky, SECOND], { device: DEVICE, change: LAB.change, scenario: "a<b" }), ORIGIN);
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).join(" ");
  assert.ok(svg.startsWith("<svg xmlns") && svg.includes("<title>Gradient lab: a&#60;b</title>"));
  for (const part of ["Gradient lab: a&#60;b", "clipping (off in the first, by a norm of 0.5 in the second)", "Seed: 1.", "Hidden layers: 20;", "First run: 100 steps.", "Second run: 1 step. It stopped at step 2",
    "Pictures: MNIST. Computed by burn on the CPU: WebAssembly SIMD, 1 thread. ConvScope 0.1.0, Chrome 156, Linux, 2026-11-26T18:50Z.", "exactly zero", "Steps 1 to 2 of the first run lie above it, up to 900.", "At step 100: the share of units", "before clipping"]) {
    assert.ok(texts.includes(part), `it lacks “${part}”`);
  }
  assert.equal((svg.match(/<line class="line (first|second)"/g) ?? []).length, 2, "the key");
  assert.equal((svg.match(/class="title"/g) ?? []).length, 8);
  assert.equal(/.{40}(NaN|Infinity|undefined)/.exec(svg), null);
  assert.ok(!svgOf(labOf([FIRST], { device: DEVICE }), ORIGIN).includes('<line class="line'), "one run needs no key");
  const left = svgOf(labOf([runOf(recordFor(100, (step) => [step < 9 ? 1e-12 : 1]))]), ORIGIN);
  for (const part of ["≤ 10⁻⁴", "Steps 1 to 8 lie below it, down to 10⁻¹²"]) assert.ok(left.includes(part), `it lacks “${part}”`);
});

test("a file's name has the scenario, the seed and the date", () => {
  assert.equal(fileName(LAB, ORIGIN, "csv"), "convscope-lab-vanishing-seed1-20261126T1850.csv");
});
