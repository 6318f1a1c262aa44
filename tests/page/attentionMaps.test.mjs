// Where a network looks: the arithmetic and the words of the tab, with invented maps, curves and answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { agreementOf, agreementText, rankCorrelation } from "../../www/inside/attention/pure/agreement.js";
import { cellsAround, extremesOf, valueBetween, valuesOn } from "../../www/inside/attention/pure/cells.js";
import { findClasses } from "../../www/inside/attention/pure/classes.js";
import { isBetterThanChance, linePoints, topOf, verdictOf } from "../../www/inside/attention/pure/deletion.js";
import { colourOf, greyPixels, heatPixels, legendGradient } from "../../www/inside/attention/pure/heat.js";
import { statusOf } from "../../www/inside/attention/pure/status.js";
import { classOf, isOfPicture, leaderOf, probabilityOf, shownKind, subjectOf } from "../../www/inside/attention/pure/subject.js";
import { depthsOf, voicesOf, voicesText } from "../../www/inside/attention/pure/voices.js";
import { legendText, timeText } from "../../www/inside/attention/pure/words.js";
import { NOTHING_SEEN } from "../../www/inside/state.js";

/** A map of 7 × 7 cells over an input of 224 pixels, with one cell that is not zero. */
function oneCell(x, y, value = 2) {
  const data = new Float32Array(49);
  data[7 * y + x] = value;
  return { method: /** @type {const} */ ("cam"), layer: "last", class: 0, width: 7, height: 7, data, centre: 16, step: 32 };
}

test("between the cells' centres a map is interpolated, and beyond the outermost ones it stays as it is", () => {
  const map = oneCell(5, 1);
  const at = (x, y) => valueBetween(map, cellsAround(x, map, 7), cellsAround(y, map, 7));
  assert.equal(at(16 + 5 * 32, 16 + 32), 2);
  assert.equal(at(16 + 4.5 * 32, 16 + 32), 1);
  assert.equal(at(16 + 4.5 * 32, 16 + 1.25 * 32), 0.75);
  assert.equal(at(16 + 4 * 32, 16 + 32), 0);
  const corner = oneCell(6, 0);
  assert.equal(valueBetween(corner, cellsAround(223, corner, 7), cellsAround(0, corner, 7)), 2);
  assert.deepEqual(cellsAround(100, { centre: 112, step: 0 }, 1), { low: 0, high: 0, share: 0 });
});

test("one hot cell is drawn around its centre, warm, and nowhere else", () => {
  for (const [x, y] of [[5, 1], [1, 4], [3, 3]]) {
    for (const side of [224, 100]) {
      const pixels = heatPixels(oneCell(x, y), 224, side);
      let [sum, across, down] = [0, 0, 0];
      for (let i = 0; i < side * side; i++) {
        const opacity = pixels[4 * i + 3];
        if (opacity < 235) continue; // the hottest place
        sum++;
        across += (i % side) + 0.5;
        down += Math.floor(i / side) + 0.5;
        assert.ok(pixels[4 * i] > pixels[4 * i + 2], "it is not warm");
      }
      const centre = (cell) => ((16.5 + 32 * cell) * side) / 224; // the first pixel's centre is 0, and half a pixel from the edge
      assert.ok(sum > 0);
      assert.ok(Math.abs(across / sum - centre(x)) < 1 && Math.abs(down / sum - centre(y)) < 1, `${across / sum}, ${down / sum} for cell ${x}, ${y}`);
      assert.equal(pixels[4 * (Math.floor(centre((y + 3) % 7)) * side + Math.floor(centre((x + 3) % 7))) + 3], 0);
    }
  }
  const [red, , blue] = heatPixels(oneCell(3, 3, -1), 224, 224).subarray(4 * (112 * 224 + 112));
  assert.ok(blue > red, "what speaks against the class is not cool");
  assert.ok(heatPixels(oneCell(3, 3, 0), 224, 8).every((value, i) => i % 4 !== 3 || value === 0));
});

test("the legend has the map's colours", () => {
  assert.equal(colourOf(0)[3], 0);
  assert.equal(colourOf(-1)[3], 1);
  assert.deepEqual(extremesOf([3, -1, 2]), { least: -1, greatest: 3 });
  assert.deepEqual(extremesOf([3, 1]), { least: 0, greatest: 3 });
  const stops = legendGradient({ least: -1, greatest: 3 }).match(/rgb\([^)]*\)/g) ?? [];
  const css = (share) => { const [r, g, b, a] = colourOf(share); return `rgb(${r.toFixed(0)} ${g.toFixed(0)} ${b.toFixed(0)} / ${a.toFixed(2)})`; };
  assert.deepEqual([stops[0], stops[4], stops.at(-1)], [css(-1 / 3), css(0), css(1)]);
  assert.equal(legendText("cam", 3.14), "adds 3.1 to the logit");
  assert.equal(legendText("hirescam", -0.256), "takes 0.26 from the logit");
  assert.equal(legendText("occlusion", 0.347), "35\u00a0% of probability lost when covered");
  assert.match(timeText("occlusion", 80), /^about 16\ss: some 200 runs of 80\.0\sms$/);
  assert.equal(timeText("deletion", null), "some 67 runs");
});

test("an input is shown in grey, whatever the range of its channels", () => {
  const { pixels, width, height } = greyPixels({ layer: "input", shape: [2, 1, 3], data: Float32Array.from([-2, 0, 2, 10, 20, 30]) });
  assert.deepEqual([width, height], [3, 1]);
  assert.deepEqual([...pixels], [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
});

const LABELS = ["tabby, tabby cat", "tiger cat", "Egyptian cat", "espresso", "espresso maker", "cup", "coffee mug", "catamaran", "7-up"];

test("classes are found by words and by number, the closest first", () => {
  const found = (text, most = 8) => findClasses(LABELS, text, most).found.map(({ index }) => index);
  assert.deepEqual(found("espresso"), [3, 4]);
  assert.deepEqual(found("ESPR"), [3, 4]);
  assert.deepEqual(found("mug coff"), [6]);
  assert.deepEqual(found("cat"), [7, 0, 1, 2], "a label that begins with it first, then those with the whole word");
  assert.deepEqual(found("7"), [7, 8], "a number is a class's number first, and a word of names too");
  assert.deepEqual(found("3"), [3]);
  assert.deepEqual(found("  "), []);
  assert.deepEqual(found("unicorn"), []);
  assert.deepEqual(findClasses(LABELS, "cat", 2), { found: [{ index: 7, label: "catamaran" }, { index: 0, label: "tabby, tabby cat" }], more: 2 });
});

test("rank correlation is Spearman's, also with equal values", () => {
  assert.equal(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 1000]), 1);
  assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // By hand: the ranks are 1, 2.5, 2.5, 4 and 1, 3, 2, 4.
  assert.ok(Math.abs(rankCorrelation([0, 5, 5, 9], [1, 3, 2, 4]) - 4.5 / Math.sqrt(4.5 * 5)) < 1e-12);
  assert.equal(rankCorrelation([1, 1, 1], [1, 2, 3]), null);
});

test("two maps are compared over the cells of the coarser one", () => {
  const fine = { ...oneCell(0, 0), method: /** @type {const} */ ("occlusion"), width: 3, height: 1, data: Float32Array.from([0, 2, 4]), centre: 0, step: 10 };
  const coarse = { ...oneCell(0, 0), width: 2, height: 1, data: Float32Array.from([1, 2]), centre: 5, step: 10 };
  assert.deepEqual(valuesOn(fine, coarse), [1, 3]);
  assert.deepEqual(agreementOf(fine, coarse), { correlation: 1, cells: 2 });
  assert.match(agreementText(coarse, fine), /^The occlusion map and the class activation map largely agree: Spearman's .* over 2 cells is 1\.00\.$/);
  assert.match(agreementText({ ...coarse, method: "hirescam", data: Float32Array.from([2, 1]) }, fine), /^The occlusion map and the HiResCAM do not agree: .* is −1\.00\. The deletion curve tells/);
  assert.match(agreementText({ ...coarse, data: Float32Array.from([2, 2]) }, fine), /cannot be compared/);
});

const curve = (hottestArea, randomArea, first = 0.9) => ({ shares: [0, 0.5, 1], hottest: [first, 0.1, 0], random: [first, 0.6, 0], hottestArea, randomArea });

test("a deletion curve is told in a sentence that says whether to trust the map", () => {
  assert.match(verdictOf(curve(0.2, 0.5)), /finds what the network needs: .* 20\.0\s% when the hottest squares go first, and 50\.0\s% in random order, which is 60\s% less\.$/);
  assert.match(verdictOf(curve(0.5, 0.5)), /^This map does no better than chance here: do not trust it\./);
  assert.match(verdictOf(curve(0.46, 0.5)), /^This map does hardly better than chance here: do not rely on it\. .* only 8\s% less/, "a little below is not clearly below");
  assert.match(verdictOf(curve(0.6, 0.5)), /no better than chance/);
  assert.match(verdictOf(curve(0.001, 0.005, 0.01)), /probability of only 1\.0\s%: too little/);
  assert.ok(isBetterThanChance(curve(0.35, 0.5)) && !isBetterThanChance(curve(0, 0)));
});

test("a deletion curve's lines are where its numbers are", () => {
  assert.equal(linePoints([0, 0.5, 1], [1, 0.5, 0], 1, { left: 10, top: 20, width: 100, height: 50 }), "10.0,20.0 60.0,45.0 110.0,70.0");
  assert.equal(topOf(curve(0, 0, 0.93)), 1);
  assert.equal(topOf({ ...curve(0, 0, 0.31), random: [0.31, 0.1, 0] }), 0.4);
});

const layer = (name, inputs, parameters = 1, auxiliary = false) => ({ name, inputs, parameters, auxiliary });
/** Two branches of different depth, and a head at their end. */
const LAYERS = [
  layer("conv1", ["input"]),
  layer("short", ["conv1"]),
  layer("long/reduce", ["conv1"]),
  layer("long", ["long/reduce"]),
  layer("concat", ["short", "long"], 0),
  layer("aux/pool", ["concat"], 0, true),
  layer("aux/fc", ["aux/pool"], 1, true),
  layer("conv2", ["concat"]),
  layer("fc", ["conv2"]),
];
const CARD = { id: "heads", name: "Heads", heads: [{ name: "aux/fc", weight: 0.25 }], classes: 3, frame: { kind: "photo", side: 256 }, input: { channels: 3, height: 224, width: 224 } };
const says = (...indices) => indices.map((index, i) => ({ index, label: `class ${index}`, probability: 0.6 - 0.2 * i }));

test("heads stand where they branch off, and have the share of the vote that their weight gives", () => {
  assert.deepEqual([...depthsOf(LAYERS)].filter(([name]) => /^(concat|fc|aux.fc)$/.test(name)), [["concat", 3], ["aux/fc", 4], ["fc", 5]]);
  const { voices, of } = voicesOf(CARD, LAYERS, { heads: [{ name: "aux/fc", predictions: says(1) }], predictions: says(2) });
  assert.equal(of, 5);
  assert.deepEqual(voices.map(({ name, branch, depth, share }) => [name, branch, depth, share]), [["aux/fc", "concat", 3, 0.2], ["fc", "fc", 5, 0.8]]);
});

test("who agrees with whom is said, and where the vote goes", () => {
  const voice = (index) => ({ name: "", branch: "", depth: 0, share: 0, predictions: says(index) });
  assert.equal(voicesText([voice(1), voice(1), voice(1)], says(1)), "All outputs name class 1.");
  assert.equal(voicesText([voice(2), voice(1), voice(1)], says(1)), "The first head names class 2, while the main output names class 1. The vote follows the main output.");
  assert.equal(voicesText([voice(2), voice(2), voice(1)], says(2)), "Only the heads agree: they name class 2, while the main output names class 1. The vote goes to class 2.");
  assert.equal(voicesText([voice(2), voice(3), voice(1)], null), "The first head names class 2, the second head names class 3, while the main output names class 1.");
});

/** The state of a page on which two networks have answered. */
function state(inside = {}, rest = {}) {
  const answer = (index) => ({ predictions: says(index, index + 1), heads: [], vote: null, timing: null, first: null, rate: null, picture: 4 });
  return {
    view: "inside",
    cards: [],
    source: { kind: "sample", id: "coffee" },
    held: false,
    strokes: [],
    picture: 4,
    sourceSince: 4,
    engine: "convscope",
    deviceInfo: { engine: "convscope", kind: "cpu" },
    running: [{ key: "a", network: "a", weights: "q8" }, { key: "b", network: "b", weights: "q8" }],
    answers: { a: answer(3), b: answer(5) },
    standings: { a: { phase: "ready", step: null, progress: null, weights: "q8", text: "" } },
    building: [],
    inside: { ...NOTHING_SEEN, key: "a", other: "b", tab: "attention", ...inside },
    labels: { a: LABELS, b: [...LABELS] },
    ...rest,
  };
}

test("both networks are asked about one class where they know the same ones, else each about its own", () => {
  assert.deepEqual(["a", "b"].map((key) => classOf(state(), key)), [3, 3]);
  assert.deepEqual(["a", "b"].map((key) => classOf(state({ class: 7 }), key)), [7, 7]);
  assert.deepEqual(["a", "b"].map((key) => classOf(state({ class: 7 }, { labels: { a: LABELS, b: ["0", "1"] } }), key)), [7, 5]);
  assert.equal(classOf(state({}, { labels: {} }), "b"), null, "as long as it is not known");
});

test("where the first one is random, the second one leads", () => {
  const running = [{ key: "a", network: "a", weights: "random" }, { key: "b", network: "b", weights: "q8" }];
  assert.equal(leaderOf(state({}, { running })), "b");
  assert.equal(classOf(state({}, { running }), "b"), 5);
  assert.equal(subjectOf(state({}, { running }), "a"), null);
});

test("a map is about a class, a picture and an engine, and there is none to compute without them", () => {
  assert.deepEqual(subjectOf(state(), "a"), { text: "3 4 convscope cpu q8", class: 3, picture: 4 });
  assert.notEqual(subjectOf(state({}, { deviceInfo: { engine: "burn", kind: "cpu" } }), "a")?.text, subjectOf(state(), "a")?.text);
  for (const rest of [{ picture: 5 }, { source: null }, { source: { kind: "drawing" } }, { running: [] }, { answers: {} }]) {
    assert.equal(subjectOf(state({}, rest), "a"), null, JSON.stringify(rest));
  }
  const sight = /** @type {any} */ ({ picture: 4 });
  assert.ok(isOfPicture(sight, state()) && !isOfPicture(sight, state({}, { picture: 5 })));
  assert.ok(isOfPicture(sight, state({}, { picture: 9, source: { kind: "camera" } })), "a live picture is ahead of its map");
});

test("the chosen map is shown where it is there", () => {
  const map = oneCell(0, 0);
  assert.equal(shownKind({ own: map, occlusion: map }, undefined), "own");
  assert.equal(shownKind({ own: map, occlusion: map }, "occlusion"), "occlusion");
  assert.equal(shownKind({ own: map, occlusion: null }, "occlusion"), "own");
  assert.equal(shownKind({ own: null, occlusion: map }, "own"), "occlusion");
});

test("a class's probability is that of its prediction, else the softmax of the logits", () => {
  assert.equal(probabilityOf(says(3, 4), 4), 0.6 - 0.2);
  assert.ok(Math.abs((probabilityOf([], 1, [1000, 1000 + Math.log(3)]) ?? 0) - 0.75) < 1e-9);
  assert.equal(probabilityOf([], 2, [1, 2]), null);
  assert.equal(probabilityOf([], 2), null);
});

test("what is in the way of a map is said", () => {
  const said = (rest, key = "a") => statusOf(/** @type {any} */ (state({}, rest)), key, "Net");
  assert.equal(said({}), "");
  assert.match(said({ running: [{ key: "a", network: "a", weights: "random" }] }), /random weights.*know nothing.*can still be seen/);
  assert.match(said({ source: null }), /no picture yet/);
  assert.match(said({ source: { kind: "drawing" } }), /pad is blank/);
  assert.match(said({ picture: 5 }), /looks at the picture/);
  assert.match(said({ answers: { a: { predictions: [], picture: 4 } } }), /could not read this picture/);
  const blank = { cards: [{ id: "a", frame: { kind: "digit" } }], running: [{ key: "a", network: "a", weights: "q8" }], answers: { a: { predictions: [], timing: { total: 1 }, picture: 4 } } };
  assert.match(said(blank), /^There is no ink on this picture/);
  const standing = (phase, more = {}) => ({ running: [], standings: { a: { phase, step: null, progress: null, weights: "", text: "", ...more } } });
  assert.match(said(standing("asking")), /consent/);
  assert.match(said(standing("failed", { text: "It failed. Try again." })), /^It failed\. Try again\.$/);
  assert.match(said(standing("opening", { step: "weights", progress: { received: 1e6, total: 2e6 } })), /Downloading Net: 1\.0 of 2\.0/);
  assert.match(said({ engine: "burn", standings: { a: { phase: "opening", step: "code", progress: { received: 1e6, total: 2e6 } } } }), /Downloading burn: 1\.0 of 2\.0/);
  assert.match(said({ engine: "burn", building: [{ name: "burn", text: "3 min" }], standings: { a: { phase: "opening", step: "code", progress: null } } }), /burn is not built yet: 3 min/);
});
