// The arithmetic and the sentences of the tab "Layers", on small networks whose numbers can be checked by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { allElements, bytesOf, peakElements } from "../../www/inside/layers/pure/activations.js";
import { barsOf, beside, reuseText } from "../../www/inside/layers/pure/bars.js";
import { AS_THEY_RUN, COLUMNS, nextOrder, sorted } from "../../www/inside/layers/pure/columns.js";
import { kindName, kindOf, kindsIn } from "../../www/inside/layers/pure/kinds.js";
import { auxiliaryOf, filtered, mainOf, rowsOf, totalsOf } from "../../www/inside/layers/pure/rows.js";
import { toCsv, toJson } from "../../www/inside/layers/pure/save.js";
import { STRIPS, bands, blocksOf, columns, firstHalf, indexAt, labelsOf, largest } from "../../www/inside/layers/pure/strips.js";
import { measuredText, runsWanted } from "../../www/inside/layers/pure/times.js";
import { amount, caption, comparison, noNetworkText, share, spokenLayer } from "../../www/inside/layers/pure/words.js";

/** A layer with what a test is about; the rest is as a convolution has it. */
function layer(name, given = {}) {
  return {
    name, kind: "convolution", block: "", inputs: ["input"], kernel: 3, stride: 1, groups: 1, activationFunction: "ReLU", outputShape: [4, 2, 2],
    parameters: 10, macs: 100e6, activationBytes: 64, receptiveField: 3, receptiveFieldStart: -1, receptiveFieldStep: 1, auxiliary: false, ...given,
  };
}

const LAYERS = [
  layer("stem", { parameters: 20, macs: 200e6, activationBytes: 800 }),
  layer("a.1", { block: "part.0", inputs: ["stem"], kind: "depthwise convolution", groups: 4, parameters: 10, macs: 20e6, activationBytes: 400 }),
  layer("a.2", { block: "part.0", inputs: ["a.1"], kernel: 1, parameters: 30, macs: 180e6, activationBytes: 400, activationFunction: "" }),
  layer("a.add", { block: "part.0", inputs: ["a.2", "stem"], kind: "addition", kernel: null, stride: null, groups: null, parameters: 0, macs: 0, activationBytes: 400, activationFunction: "" }),
  layer("side", { block: "loss1", inputs: ["a.add"], kind: "linear", kernel: null, stride: null, groups: null, parameters: 1000, macs: 1000e6, activationBytes: 40, auxiliary: true }),
  layer("fc", { inputs: ["a.add"], kind: "linear", kernel: null, stride: null, groups: null, parameters: 140, macs: 1e6, activationBytes: 40, outputShape: [10, 1, 1], activationFunction: "" }),
];

const times = { stem: 4, "a.1": 5, "a.2": 2, "a.add": 0, fc: 1 };
const PROFILE = {
  layers: LAYERS.filter(({ auxiliary }) => !auxiliary).map((layer) => ({ ...layer, milliseconds: times[layer.name], computedBy: layer.name === "a.add" ? "a.2" : null })),
  place: "Computed by ConvScope on the CPU", kind: "cpu", software: false, runs: 7, date: "2026-01-02T03:04:05.000Z",
};

const rows = rowsOf(LAYERS, PROFILE);
const names = (some) => some.map(({ layer }) => layer.name);

test("totals leave auxiliary layers out, and a layer that another one's kernel computes has no time of its own", () => {
  assert.deepEqual(totalsOf(mainOf(rows)), { count: 5, parameters: 200, macs: 401e6, activationBytes: 2040, milliseconds: 12, gmacPerSecond: 401e6 / 12 / 1e6 });
  assert.deepEqual(totalsOf(auxiliaryOf(rows)), { count: 1, parameters: 1000, macs: 1000e6, activationBytes: 40, milliseconds: null, gmacPerSecond: null });
  assert.deepEqual(rows.map(({ milliseconds, computedBy }) => computedBy ?? milliseconds), [4, 5, 2, "a.2", null, 1]);
  assert.equal(rows[0].gmacPerSecond, 50);
  assert.equal(totalsOf(mainOf(rowsOf(LAYERS, null))).milliseconds, null);
});

test("rows are sorted by any column, with those without a value last", () => {
  const by = (column, descending) => names(sorted(rows, { column, descending }));
  assert.deepEqual(by("time", true), ["a.1", "stem", "a.2", "fc", "a.add", "side"]);
  assert.deepEqual(by("time", false), ["fc", "a.2", "stem", "a.1", "a.add", "side"]);
  assert.deepEqual(by("parameters", true), ["side", "fc", "a.2", "stem", "a.1", "a.add"]);
  assert.deepEqual(by("name", false), ["a.1", "a.2", "a.add", "fc", "side", "stem"]);
  assert.deepEqual(by("number", true), names(rows).reverse());
  const numbered = rowsOf(["b.10", "b.9"].map((name) => layer(name)), null);
  assert.deepEqual(names(sorted(numbered, { column: "name", descending: false })), ["b.9", "b.10"]);
  for (const { name } of COLUMNS) assert.equal(by(name, true).length, rows.length, name);
});

test("a column's head sorts numbers from the greatest and texts from A on, then the other way round", () => {
  const first = nextOrder(AS_THEY_RUN, "macs");
  assert.deepEqual([first, nextOrder(first, "macs")], [{ column: "macs", descending: true }, { column: "macs", descending: false }]);
  assert.equal(nextOrder(first, "kind").descending, false);
});

test("a layer that another one's kernel computes names it", () => {
  const text = (column, row) => COLUMNS.find(({ name }) => name === column).text(row);
  assert.deepEqual(rows.map((row) => text("time", row)), ["4.000", "5.000", "2.000", "in a.2", "–", "1.000"]);
  assert.equal(text("time", { ...rows[3], computedBy: "part.0.conv2" }), "in conv2");
  assert.deepEqual([rows[1], rows[5]].map((row) => text("window", row).replaceAll("\u00a0", " ")), ["3 / 1, 4 groups", "–"]);
});

test("each word of the filter must occur in name, kind, activation function or block", () => {
  assert.deepEqual(names(filtered(rows, "convolution")), ["stem", "a.1", "a.2"]);
  assert.deepEqual(names(filtered(rows, " RELU  part.0 ")), ["a.1"]);
  assert.deepEqual(names(filtered(rows, "part.0 linear")), []);
  assert.equal(filtered(rows, "  ").length, rows.length);
});

test("the saved tables have every layer and every number", () => {
  const [head, ...lines] = toCsv(rows).trimEnd().split("\n").map((line) => line.split(","));
  assert.equal(lines.length, rows.length);
  const cell = (line, column) => lines[line][head.indexOf(column)];
  assert.deepEqual(lines.map((line) => line.length), lines.map(() => head.length));
  assert.deepEqual([cell(1, "name"), cell(1, "groups"), cell(1, "milliseconds"), cell(3, "computedBy"), cell(3, "milliseconds"), cell(3, "inputs"), cell(4, "auxiliary")], ["a.1", "4", "5", "a.2", "", "a.2 stem", "true"]);
  const saved = JSON.parse(toJson("small", rows, PROFILE));
  assert.deepEqual(saved.totals, totalsOf(mainOf(rows)));
  assert.deepEqual(saved.measured, { date: PROFILE.date, runs: 7, place: PROFILE.place, kind: "cpu", software: false });
  assert.deepEqual(saved.layers[1].outputShape, [4, 2, 2]);
  assert.equal(JSON.parse(toJson("small", rowsOf(LAYERS, null), null)).measured, null);
});

test("a column of a strip is as high as its layer's share of the highest", () => {
  const main = mainOf(rows);
  const { value } = STRIPS.find(({ name }) => name === "activation");
  assert.equal(largest(main, value), 800);
  const paths = columns(main, value, 800);
  assert.deepEqual([...paths.keys()], ["convolution", "depthwise", "pointwise", "elementwise", "linear"]);
  assert.equal(paths.get("convolution"), "M0.06 100V0H0.94V100Z");
  assert.equal(paths.get("depthwise"), "M1.06 100V50H1.94V100Z");
  assert.equal(columns(main, value, 1600).get("convolution"), "M0.06 100V50H0.94V100Z");
  assert.equal(columns(main, value, 0).size, 0);
  assert.deepEqual(kindsIn(main), ["convolution", "pointwise", "depthwise", "linear", "elementwise"]);
  assert.equal(kindOf({ layer: layer("n", { kind: "local response normalisation" }) }), "other");
  assert.equal(kindOf({ layer: layer("n", { kind: "global average pooling" }) }), "pooling");
});

test("convolutions are called by what tells them from the others that are there", () => {
  assert.equal(kindName("convolution", ["convolution", "linear"]), "convolutions");
  assert.equal(kindName("convolution", ["convolution", "pointwise"]), "convolutions larger than 1 × 1");
  assert.equal(kindName("convolution", ["convolution", "grouped"]), "ungrouped convolutions");
  assert.equal(kindName("pointwise", ["convolution", "pointwise"]), "1 × 1 convolutions");
  const plainly = mainOf(rowsOf([layer("c", { macs: 9e6 }), layer("f", { kind: "linear", macs: 1e5 })], null));
  assert.equal(caption("macs", plainly).replaceAll("\u00a0", " "), "Convolutions do 99 % of the 9.1 million multiply–accumulates; no layer does more than c, 99 %.");
});

test("half of the total, blocks and places of a strip are found", () => {
  const main = mainOf(rows);
  assert.equal(firstHalf(main, ({ layer }) => layer.activationBytes), 2); // 800 + 400 of 2040
  assert.equal(firstHalf(main, ({ layer }) => layer.parameters), 5);
  assert.equal(firstHalf(main, () => 0), 0);
  const blocks = blocksOf(main);
  assert.deepEqual(blocks, [{ block: "", start: 0, count: 1 }, { block: "part.0", start: 1, count: 3 }, { block: "", start: 4, count: 1 }]);
  assert.equal(bands(blocks), "M1 0H4V100H1Z");
  const labels = labelsOf(["x.0", "x.1", "", "x.2", "y.0", "conv1", "conv2"].map((block, start) => ({ block, start, count: 1 })));
  assert.deepEqual(labels.map(({ long }) => long), ["x.0", "1", "", "2", "y.0", "conv1", "conv2"]);
  assert.deepEqual(labels.map(({ short }) => short), ["0", "1", "", "2", "0", "1", "2"]);
  assert.deepEqual([indexAt(0, 5), indexAt(0.5, 5), indexAt(1, 5), indexAt(-0.1, 5)], [0, 2, 4, 0]);
});

test("the sentences of the strips say what the numbers say", () => {
  const main = mainOf(rows);
  const plain = (text) => text.replaceAll("\u00a0", " ");
  assert.equal(plain(caption("parameters", main)), "fc alone has 70 % of the 200 parameters.");
  const even = rowsOf([5, 5, 5, 5, 4].map((parameters, i) => layer(`c${i}`, { parameters: parameters * 1e6 })), null);
  assert.equal(plain(caption("parameters", even)), "The 3 largest of 5 layers have half of the 24 million parameters; c0 has the most, 21 %.");
  assert.equal(plain(caption("activation", main)), "Half of the 2.0 kB of activations comes from the first 2 of 5 layers, up to a.1.");
  assert.equal(plain(caption("macs", main)), "Ungrouped convolutions larger than 1 × 1 do 50 % of the 401 million multiply–accumulates, 1 × 1 convolutions 45 %; no layer does more than stem, 50 %.");
  assert.equal(plain(caption("time", main)), "a.1 takes longest, 42 % of the 12.0 ms for 5.0 % of the multiply–accumulates.");
  const timed = (some) => mainOf(rowsOf(LAYERS, { ...PROFILE, layers: PROFILE.layers.map((layer) => ({ ...layer, milliseconds: some[layer.name] ?? 0 })) }));
  assert.equal(plain(caption("time", timed({ stem: 2, "a.2": 2, fc: 6 }))), "fc takes longest, 60 % of the 10.0 ms for 0.2 % of the multiply–accumulates.");
  assert.equal(plain(caption("time", timed({ stem: 20, "a.1": 2, "a.2": 18 }))), "stem takes longest, 50 % of the 40.0 ms. The kinds of layers share the time about as they share the multiply–accumulates.");
  const deep = ["d1", "d2"].map((name) => layer(name, { kind: "depthwise convolution", macs: 5e6 }));
  const mixed = rowsOf([layer("c", { macs: 90e6 }), ...deep], { ...PROFILE, layers: [layer("c"), ...deep].map((layer, i) => ({ ...layer, milliseconds: [4, 3, 3][i], computedBy: null })) });
  assert.equal(plain(caption("time", mixed)), "c takes longest, 40 % of the 10.0 ms. Depthwise convolutions take 60 % of the time for 10 % of the multiply–accumulates.");
  assert.equal(caption("time", mainOf(rowsOf(LAYERS, null))), "");
  assert.match(plain(spokenLayer(main[4], main)), /^fc, linear\. Parameters: 140, 70 %\. .*Time: 1\.00 ms, 8\.3 %\.$/);
  assert.deepEqual([share(0), share(0.0004), share(0.043), share(0.5)].map(plain), ["0.0 %", "less than 0.1 %", "4.3 %", "50 %"]);
  assert.deepEqual([amount("activation", 16384), amount("activation", 2.5e6), amount("time", 3)].map(plain), ["16.4 kB", "2.5 MB", "3.00 ms"]);
});

test("two networks are compared by what they have in all, and by time where it was measured at one place", () => {
  const totals = totalsOf(mainOf(rows));
  const larger = { ...totals, parameters: 2 * totals.parameters, macs: 250 * totals.macs, activationBytes: totals.activationBytes * 10, milliseconds: 30 };
  const plain = (...given) => comparison(...given).replaceAll("\u00a0", " ");
  assert.equal(plain({ name: "A", totals: larger }, { name: "B", totals }, true), "A has 2 times the parameters of B, 10 times the memory of activations and 250 times the multiply–accumulates. It takes 2.5 times the time.");
  assert.equal(plain({ name: "B", totals }, { name: "A", totals: larger }, false), "B has 50 % of the parameters of A, 10 % of the memory of activations and 0.4 % of the multiply–accumulates.");
});

test("activations add up, and the most of them are needed while a later layer still reads one", () => {
  assert.equal(allElements(LAYERS), 510);
  // While a.2 runs, a.1, a.2 itself and stem, which a.add reads: 100 + 100 + 200. While stem runs: 50 of the input and 200.
  assert.deepEqual(peakElements(LAYERS, 50), { elements: 400, layer: "a.2" });
  assert.deepEqual(peakElements(LAYERS, 5000), { elements: 5200, layer: "stem" });
  assert.deepEqual([bytesOf(510, 32), bytesOf(510, 16, 8), bytesOf(510, 8)], [2040, 8160, 510]);
});

test("the bars of memory follow batch and precision, and say what is not known", () => {
  const card = { input: { channels: 2, height: 5, width: 5 }, parameters: 200 };
  const bytes = (choice, memory = null) => Object.fromEntries(barsOf(LAYERS, card, choice, memory, "").map(({ name, bytes }) => [name, bytes]));
  assert.deepEqual(bytes({ batch: 1, bits: 32 }), { training: 4080, outputs: 2040, peak: 1600, engine: null, parameters: 800 });
  assert.deepEqual(bytes({ batch: 32, bits: 16 }, { weightsBytes: 1, activationBytes: 77 }), { training: 65280, outputs: 32640, peak: 25600, engine: 77, parameters: 400 });
  assert.equal(bytes({ batch: 1, bits: 8 }).training, null);
  assert.match(reuseText(LAYERS, { weightsBytes: 0, activationBytes: 1020 }), /uses buffers again .* 50\s%/);
  assert.match(reuseText(LAYERS, { weightsBytes: 0, activationBytes: 4000 }), /scratch memory of the kernels and zeros at the borders weigh more/);
  assert.match(beside([layer("x", { activationBytes: 60e6 })], { channels: 1, height: 1000, width: 1000 }, { source: "A course", elements: 24e6 }), /^A course teaches about 24 million elements, 96\sMB forward.* 15\.0 million, 60\.0\sMB, or 16\.0 million with the input/);
});

test("a measurement takes about two seconds, and its note says where, when and how often", () => {
  assert.deepEqual([runsWanted(0.001), runsWanted(100), runsWanted(1000), runsWanted(5000)], [100, 19, 3, 3]);
  const text = measuredText(PROFILE, 12, 13).replaceAll("\u00a0", " ");
  assert.match(text, /^Measured 7 times at \d\d:\d\d\. Computed by ConvScope on the CPU\. A clock was read after each layer of whole runs, and the mean of the quicker half counts\. All layers together take 12\.0 ms; the last whole prediction took 13\.0 ms\.$/);
  assert.match(measuredText({ ...PROFILE, kind: "webgpu", runs: 1 }, 12, null), /^Measured once at .* Each layer was repeated by itself, and the median counts\. All layers together take 12\.0\sms\.$/);
});

test("an unknown network is named", () => {
  assert.equal(noNetworkText({ key: "nonsense", network: "nonsense", variant: null }, [{ id: "vgg16" }]), "There is no network “nonsense”. Choose one above.");
  assert.equal(noNetworkText({ key: "vgg16", network: "vgg16", variant: null }, [{ id: "vgg16" }]), "");
  assert.equal(noNetworkText({ key: "nonsense", network: "nonsense", variant: null }, []), "");
});
