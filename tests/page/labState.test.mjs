// The gradient lab's pure parts: address, sentences, scales, decimation and pace.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addressOf, experimentOf, resolve, scenarioOf, wholeBook } from "../../www/lab/pure/book.js";
import { accuracyChart, lossChart, profileChart, spreadChart, updatesChart } from "../../www/lab/pure/charts.js";
import { chartMarkup } from "../../www/lab/pure/chart.js";
import { configsOf } from "../../www/lab/pure/configs.js";
import { jsonOf, linesOf, svgOf } from "../../www/lab/pure/files.js";
import { ZERO, colourOfNorm, pixelsOf } from "../../www/lab/pure/heat.js";
import { recentMeans, shownLayers } from "../../www/lab/pure/layers.js";
import { expectedTest, nextCount, testIsDue } from "../../www/lab/pure/pace.js";
import { decimated, gradientSpan, linearScale, logScale, lossScale, onePerPixel, outside, place, smoothed, thinned } from "../../www/lab/pure/scales.js";
import { FIELDS, fieldOf, valueOf, wordOf } from "../../www/lab/pure/settings.js";
import { beyondSentence, changeSentence, divergedSentence, leftOutSentence, powerOfTen, ratioWords, refusalOf, runSentence, short } from "../../www/lab/pure/words.js";
import { COLUMNS, RunRecord } from "../../www/lab/record.js";

const BASE = {
  family: "linear", depth: 20, width: 64, activation: "relu", initialisation: "he", batchNorm: false, dropout: 0, shortcuts: false, auxiliary: false,
  optimiser: "sgd", rate: 0.05, clipping: "none", batch: 32, seed: 1, digits: 6000,
};
const PAPER = { text: "A paper", url: "https://example.org/" };
const scenario = (id, settings, change) => ({ id, title: id, text: "", look: "", paper: PAPER, cure: "", networks: [], settings, change, steps: 1 });
const BOOK = wholeBook({ base: BASE, scenarios: [scenario("vanishing", { activation: "sigmoid", initialisation: "xavier" }, null), scenario("clipping", { depth: 5, rate: 1 }, { clipping: { norm: 0.5 } })] });

/** @param {number[][]} gradients of each step */
function recordOf(gradients, loss = () => 1, accuracy = () => 0.5) {
  const record = new RunRecord(gradients[0].length);
  for (const [i, norms] of gradients.entries()) record.push({ loss: loss(i), accuracy: accuracy(i), gradients: norms });
  return record;
}

const runOf = (record, layers, more = {}) => ({ config: BASE, layers, record, observed: null, observedAt: 0, diverged: null, tests: [], read: [], ...more });

test("every setting differs in the address from the scenario's, and comes back from there", () => {
  const changed = {
    family: "convolutional", depth: 7, width: 16, activation: "tanh", initialisation: "unit", batchNorm: true, dropout: 0.25, shortcuts: true, auxiliary: true,
    optimiser: "adam", rate: 0.003, clipping: { value: 0.1 }, batch: 8, seed: 9, digits: 500,
  };
  assert.deepEqual(Object.keys(changed).sort(), FIELDS.map(({ name }) => name).sort(), "a setting is missing here");
  const own = scenarioOf(BOOK, "vanishing");
  for (const change of [null, { depth: 30 }, { clipping: { norm: 2 }, batchNorm: false }]) {
    const words = addressOf(BOOK, own, { settings: changed, change, data: "fashion" });
    const search = new URLSearchParams(words).toString();
    const { faults, id, ...back } = resolve(BOOK, "vanishing", Object.fromEntries(new URLSearchParams(search)));
    assert.deepEqual(faults, []);
    assert.equal(id, "vanishing");
    assert.deepEqual(back, { settings: changed, change, data: "fashion" });
  }
});

test("what is the scenario's own needs no word, and a change that is taken away has one", () => {
  const own = scenarioOf(BOOK, "clipping");
  assert.deepEqual(addressOf(BOOK, own, experimentOf(BOOK, own)), {});
  assert.deepEqual(resolve(BOOK, "clipping", {}).change, { clipping: { norm: 0.5 } });
  const words = addressOf(BOOK, own, { ...experimentOf(BOOK, own), change: null });
  assert.deepEqual(words, { change: "none" });
  assert.equal(resolve(BOOK, "clipping", words).change, null);
});

test("what cannot be read falls back with a sentence", () => {
  const { settings, change, faults, id } = resolve(BOOK, "nothing", { depth: "500", rate: "-1", batchNorm: "perhaps", clipping: "norm:0", data: "cats", colour: "red", "change.dropout": "1", "change.width": "32" });
  assert.equal(id, "vanishing");
  assert.deepEqual(settings, { ...BASE, activation: "sigmoid", initialisation: "xavier" });
  assert.deepEqual(change, { width: 32 });
  assert.equal(faults.length, 8);
  assert.match(faults[0], /no scenario “nothing”/);
  assert.ok(faults.includes("“500” cannot be the number of hidden layers, so it is 20."), faults.join("\n"));
  assert.ok(faults.includes("The lab has no setting “colour”, so it is left out."));
});

test("a setting's bounds hold", () => {
  const ask = (name, word) => valueOf(fieldOf(name), word);
  for (const [name, word] of [["depth", "1"], ["depth", "51"], ["depth", "2.5"], ["depth", ""], ["width", "513"], ["dropout", "1"], ["rate", "0"], ["rate", "Infinity"], ["activation", "gelu"], ["activation", "toString"], ["clipping", "value"]]) {
    assert.equal(ask(name, word), undefined, `${name}=${word}`);
  }
  assert.equal(ask("dropout", "0.999"), 0.999);
  for (const value of ["none", { norm: 0.5 }, { value: 2 }]) assert.deepEqual(ask("clipping", wordOf(value)), value);
});

test("the second run has the first one's settings but for the change", () => {
  assert.deepEqual(configsOf(BASE, null), [BASE]);
  assert.deepEqual(configsOf(BASE, { depth: 30 }), [BASE, { ...BASE, depth: 30 }]);
});

test("sentences", () => {
  assert.equal(changeSentence(BASE, { shortcuts: true }), "Both runs are alike but for the shortcuts (off in the first, on in the second).");
  assert.equal(changeSentence({ ...BASE, activation: "sigmoid" }, { activation: "relu", clipping: { norm: 0.5 } }),
    "Both runs are alike but for the activation function (sigmoid in the first, ReLU in the second) and clipping (off in the first, by a norm of 0.5 in the second).");
  assert.equal(divergedSentence({ step: 7, layer: "output", what: "output" }), "It stopped at step 7: in layer “output”, the output holds a value that is not a finite number any more.");
  assert.equal(ratioWords(-12.1), "The first layer's gradient is 10¹² times smaller than the last one's.");
  assert.equal(ratioWords(0.2), "The gradients of the first and the last layer are about as large.");
  assert.equal(ratioWords(-Infinity), "No gradient at all reaches the first layer.");
  assert.equal(ratioWords(NaN), "");
  const record = recordOf([[1, 1]]);
  assert.match(runSentence(runOf(record, ["layer1", "output"], { tests: [{ step: 1, accuracy: 0.4, loss: 2 }] }), { loss: 2.345, accuracy: 0.314, ratio: 0 }), /^Step 1: the loss is 2\.35, 31\u00a0% of the recent batches are right, and 40\u00a0% of the test pictures\. /);
  assert.match(runSentence(runOf(record, ["a"], { diverged: { step: 3, layer: "layer2", what: "gradient" } }), { loss: NaN, accuracy: NaN, ratio: NaN }), /step 3: in layer “layer2”, the gradient/);
  assert.equal(refusalOf({ run: null, evaluation: null }), null);
  assert.match(refusalOf({ run: { phase: "measuring" }, evaluation: null }), /benchmark is being measured/);
  assert.match(refusalOf({ run: null, evaluation: { running: true } }), /folder of pictures/);
  assert.equal(refusalOf({ run: null, evaluation: { running: false } }), null);
});

test("numbers are short", () => {
  assert.deepEqual([0, 1, 0.001, 1234.5, 12345, 1e-12, 3.2e-7, Infinity, NaN].map(short), ["0", "1", "0.001", "1230", "10⁴", "10⁻¹²", "3·10⁻⁷", "∞", "–"]);
  assert.equal(powerOfTen(-13), "10⁻¹³");
});

test("scales have round numbers, and a place for each value", () => {
  const linear = linearScale(0, 2.3);
  assert.deepEqual([linear.min, linear.max, linear.ticks.map(({ text }) => text)], [0, 3, ["0", "1", "2", "3"]]);
  assert.equal(place(linear, 1.5), 0.5);
  const log = logScale(2e-5, 0.4);
  assert.deepEqual([log.min, log.max], [1e-5, 1]);
  assert.ok(Math.abs(place(log, 1e-3) - 0.4) < 1e-9);
  const many = logScale(1e-16, 1);
  assert.ok(many.ticks.length <= 8, `${many.ticks.length} ticks`);
});

test("an early spike does not set the scale, which says what it leaves out", () => {
  const record = recordOf(Array.from({ length: 100 }, () => [1]), (i) => (i < 3 ? 500 - i : 1));
  const { scale, left } = lossScale([record], false);
  assert.ok(scale.max < 3, `up to ${scale.max}`);
  assert.deepEqual(left, { above: 3, below: 0, from: 1, to: 3, most: 500 });
  assert.equal(leftOutSentence(left), "Some of the steps 1 to 3 lie above the scale, which follows the recent steps, up to 500.");
  assert.equal(lossScale([recordOf([[1], [1]], () => 2)], false).left, null);
  assert.equal(leftOutSentence(null), "");
  const chart = lossChart({ runs: [runOf(record, ["output"])], logLoss: false, logSteps: false });
  assert.match(chart.note, /steps 1 to 3/);
});

test("the span of gradients follows the recent steps of all runs", () => {
  const vanished = recordOf(Array.from({ length: 60 }, (_, i) => (i < 20 ? [1e9, 1e9] : [1e-12, 0.5])));
  const level = recordOf(Array.from({ length: 60 }, () => [2, 0.5]));
  assert.deepEqual(gradientSpan([vanished, level]), { low: -12, high: 1 });
  assert.deepEqual(gradientSpan([level]), { low: -3, high: 1 });
  assert.deepEqual(gradientSpan([]), { low: -4, high: 0 });
});

test("a run that has stopped does not set the scale of the one that goes on, and both gradients are in sight", () => {
  const stopped = recordOf([[1e2], [1e6], [1e20]], (i) => 10 ** (2 + 3 * i));
  const going = recordOf(Array.from({ length: 100 }, () => [0.5]), () => 1);
  assert.ok(lossScale([stopped, going], false).scale.max < 3);
  assert.equal(lossScale([stopped, going], false).left.most, 1e8);
  assert.deepEqual(gradientSpan([stopped, going]), { low: -1, high: 15 });
  const observed = (size) => ({ updates: [size], means: [size], deviations: [size], stuck: [0] });
  const runs = [runOf(stopped, ["output"], { observed: observed(1e9), diverged: { step: 4, layer: "output", what: "output" } }), runOf(going, ["output"], { observed: observed(1e-3) })];
  for (const chart of [spreadChart({ runs }), updatesChart({ runs })]) assert.ok(chart.y.max <= 1 && /edge/.test(chart.note), `${chart.title} up to ${chart.y.max}: ${chart.note}`);
  assert.doesNotMatch(chartMarkup(spreadChart({ runs }), { width: 300, height: 200 }).series, /NaN/);
  assert.equal(spreadChart({ runs: [runs[1]] }).note, "");
});

test("a loss that falls is shown from its beginning, and one that explodes gets a logarithmic scale", () => {
  const falls = recordOf(Array.from({ length: 100 }, () => [1]), (i) => (i < 10 ? 2.3 : 0.6));
  assert.deepEqual([lossScale([falls], false).scale.isLog, lossScale([falls], false).left], [false, null]);
  const explodes = recordOf([[1], [1], [1]], (i) => 10 ** (4 * i));
  assert.ok(lossScale([explodes], false).scale.isLog);
  assert.match(lossChart({ runs: [runOf(explodes, ["output"])], logLoss: false, logSteps: false }).note, /logarithmic/);
});

test("what has the colours at the ends of the scale is said", () => {
  const span = { low: -4, high: 0 };
  assert.deepEqual(outside([-Infinity, NaN, -4, 0], span), { below: false, above: false });
  assert.deepEqual(outside([-5, 0.1], span), { below: true, above: true });
  assert.equal(beyondSentence({ below: false, above: false }, span), "");
  assert.equal(beyondSentence({ below: true, above: true }, span), "The colours follow the recent steps: norms below 10⁻⁴ have the colour of 10⁻⁴, and norms above 10⁰ have the colour of 10⁰.");
});

test("each chart names its axes and says what it shows", () => {
  const observed = { updates: [1e-3, 2e-3, 1e-2], means: [0, 1, 2], deviations: [1, 1, 1], stuck: [0.5, 0, 0] };
  const layers = ["layer1", "head1", "output"];
  const run = runOf(recordOf([[1e-3, 5, 1]]), layers, { observed });
  const lab = { runs: [run, { ...run, layers: ["layer1", "layer2", "output"] }], logLoss: false, logSteps: false };
  for (const chart of [lossChart, accuracyChart, profileChart, spreadChart, updatesChart].map((chartOf) => chartOf(lab))) {
    const { axes } = chartMarkup(chart, { width: 300, height: 200 });
    assert.ok(chart.xTitle && chart.yTitle && axes.includes(`>${chart.xTitle}<`) && axes.includes(`>${chart.yTitle}<`), chart.title);
  }
  assert.equal(profileChart(lab).words, "First run: 0.001 in layer1, 1 in output. Second run: 0.001 in layer1, 1 in output");
  assert.match(profileChart(lab).note, /^The dots behind layer 2 are the auxiliary classifiers\./);
  assert.equal(profileChart({ runs: [lab.runs[1]] }).note, "");
});

test("a long run is kept in columns of equally many steps", () => {
  const record = new RunRecord(2);
  const steps = COLUMNS * 2 + 10;
  for (let i = 0; i < steps; i++) record.push({ loss: i, accuracy: 0.5, gradients: [1, 10 ** -(i % 4)] });
  assert.equal(record.steps, steps);
  assert.equal(record.stride, 4);
  assert.equal(record.columns, Math.ceil(steps / 4));
  assert.equal(record.loss[0], 1.5);
  assert.equal(record.loss[100], 401.5);
  assert.ok(Math.abs(record.norms[1] + 1.5) < 1e-5, `the mean of 0, -1, -2, -3 is ${record.norms[1]}`);
  assert.equal(record.stepOf(0), 4);
  assert.equal(record.stepOf(record.columns - 1), steps);
});

test("a gradient of zero, and one that is not finite, keep their columns readable", () => {
  const record = recordOf([[0, 1], [NaN, 1], [1e-3, Infinity]]);
  assert.equal(record.norms[0], -Infinity);
  assert.ok(Number.isNaN(record.norms[2]));
  assert.ok(Math.abs(record.norms[4] + 3) < 1e-6);
  assert.deepEqual(colourOfNorm(-Infinity, { low: -4, high: 0 }), ZERO);
  assert.notDeepEqual(colourOfNorm(-4, { low: -4, high: 0 }), colourOfNorm(0, { low: -4, high: 0 }));
});

test("a heat map has one pixel for each column and layer, the first layer at the top", () => {
  const record = recordOf(Array.from({ length: 1000 }, (_, i) => [i < 500 ? 1 : 1e-4, 1]));
  const picture = decimated(record, 10);
  assert.equal(picture.columns, 10);
  const pixels = pixelsOf(picture, [0, 1], { low: -4, high: 0 });
  const at = (row, column) => [...pixels.slice((row * 10 + column) * 4, (row * 10 + column) * 4 + 3)];
  assert.equal(pixels.length, 80);
  assert.deepEqual(at(0, 0), at(1, 9));
  assert.notDeepEqual(at(0, 9), at(1, 9));
  assert.deepEqual(at(0, 9), colourOfNorm(-4, { low: -4, high: 0 }));
});

test("points that share a pixel are drawn as one, and means run", () => {
  assert.deepEqual(onePerPixel([{ x: 0.1, y: 1 }, { x: 0.2, y: 3 }, { x: 1.1, y: 5 }]), [{ x: 0.1, y: 2 }, { x: 1.1, y: 5 }]);
  assert.deepEqual(thinned([1, 3, 5, 7, 9], 5, 3), [{ index: 1, value: 2 }, { index: 3, value: 6 }, { index: 4, value: 9 }]);
  const smooth = smoothed([0, 10, 0, 10, 0, 10], 6, 1);
  assert.equal(smooth[1], 5);
  assert.ok(Math.abs(smooth[5] - 5) < 1.5);
});

test("auxiliary classifiers' layers are shown behind the output, and are not the last layer", () => {
  assert.deepEqual(shownLayers(["layer1", "head1", "layer2", "output"]), { names: ["layer1", "layer2", "output", "head1"], order: [0, 2, 3, 1], main: 3 });
  const record = recordOf([[1e-6, 5, 1e-3, 1]], () => 2, () => 0.25);
  const means = recentMeans({ record, layers: ["layer1", "head1", "layer2", "output"] });
  assert.ok(Math.abs(means.ratio + 6) < 1e-5);
  assert.deepEqual([means.loss, means.accuracy], [2, 0.25]);
});

test("charts and files tell the same numbers", () => {
  const first = runOf(recordOf([[1e-3, 1], [1e-3, 0.5]], (i) => 2 - i), ["layer1", "output"], { tests: [{ step: 2, accuracy: 0.75, loss: 1 }], observed: { updates: [0, 1e-3], means: [0, 1], deviations: [1, 1], stuck: [0.5, 0] }, observedAt: 2 });
  const second = runOf(recordOf([[0, 1]]), ["layer1", "output"], { diverged: { step: 2, layer: "layer1", what: "output" } });
  const lab = { scenario: "a<b", data: "mnist", runs: [first, second], device: null, change: { depth: 30 }, logLoss: false, logSteps: false };
  const table = linesOf(lab);
  assert.deepEqual(table, [["run", "step", "loss", "accuracy", "gradient layer1", "gradient output"], [1, 1, 2, 0.5, 0.001, 1], [1, 2, 1, 0.5, 0.001, 0.5], [2, 1, 1, 0.5, 0, 1]]);
  const json = JSON.parse(JSON.stringify(jsonOf(lab)));
  assert.deepEqual(json.runs[0].columns[1], { step: 2, loss: 1, accuracy: 0.5, gradients: [0.001, 0.5] });
  assert.deepEqual(json.runs[1].diverged, second.diverged);
  const svg = svgOf(lab);
  assert.match(svg, /^<svg xmlns/);
  assert.match(svg, /a&#60;b/);
  assert.equal((svg.match(/Gradient norms by layer/g) ?? []).length, 2);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.match(profileChart(lab).note, /exactly zero/);
  assert.match(chartMarkup(accuracyChart(lab), { width: 300, height: 200 }).series, /<path class="dot first" d="M[\d. ]+h0"/);
});

test("a turn fits its time, and a test does not take over", () => {
  assert.equal(nextCount(1, 2), 2, "it grows by twice at most");
  assert.equal(nextCount(64, 128), 30);
  assert.equal(nextCount(1, 500), 1);
  assert.equal(nextCount(200, 10), 200);
  assert.equal(testIsDue({ at: 0, took: 10 }, 1999, false), false);
  assert.equal(testIsDue({ at: 0, took: 10 }, 2000, false), true);
  assert.equal(testIsDue({ at: 0, took: 1000 }, 5000, false), false);
  assert.equal(testIsDue({ at: 0, took: 10 }, 1, true), true);
  assert.equal(testIsDue({ at: 0, took: 5000 }, 1, true), false);
  assert.equal(Math.round(expectedTest(96, 32)), 1000);
});

test("the page's scenarios can be read, and each says all that it must", () => {
  const book = wholeBook(JSON.parse(readFileSync(new URL("../../www/lab/scenarios.json", import.meta.url), "utf8")));
  assert.deepEqual(Object.keys(book.base).sort(), FIELDS.map(({ name }) => name).sort());
  const ids = ["vanishing", "relu-he", "degradation", "shortcuts", "auxiliary", "batch-norm", "exploding", "clipping", "initialisation", "dropout", "lenet5"];
  assert.deepEqual(book.scenarios.map(({ id }) => id).sort(), ids.sort());
  for (const one of book.scenarios) {
    for (const text of [one.title, one.text, one.look, one.cure, one.paper.text]) assert.ok(text.length > 5, `${one.id} lacks a text`);
    assert.match(one.paper.url, /^https:\/\//);
    const { settings, change } = experimentOf(book, one);
    const words = addressOf(book, book.scenarios[0], { settings, change, data: "mnist" });
    const back = resolve(book, book.scenarios[0].id, words);
    assert.deepEqual(back.faults, [], one.id);
    assert.deepEqual([back.settings, back.change], [settings, change], one.id);
  }
});
