// What the tab "Features" computes from a layer's output: order, colours, places, pages, and what it says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DIVERGING, SEQUENTIAL, ZERO, colourOf } from "../../www/pure/colours.js";
import { clipped, cropOf, fieldOf, mapOver, reachOf } from "../../www/inside/features/pure/geometry.js";
import { hintOf } from "../../www/inside/features/pure/hint.js";
import { factsOf, firstConvolution, groupsOf, lastLayer, shownLayer } from "../../www/inside/features/pure/layers.js";
import { deadOf, findExtremes, inkOf, isSigned, kernelOf, noExtremes, peakOf, pictureOf, ranked, strengthOf, stripOf } from "../../www/inside/features/pure/maps.js";
import { fitting, onPage, pagesOf, slices } from "../../www/inside/features/pure/pages.js";
import { fieldText, valueText } from "../../www/inside/features/pure/text.js";
import { IDLE } from "../../www/pure/standing.js";

/**
 * @param {number[][]} channels
 * @param {number} width
 */
function mapsOf(channels, width) {
  const activation = { layer: "a", shape: [channels.length, channels[0].length / width, width], data: Float32Array.from(channels.flat()) };
  const extremes = noExtremes(channels.length);
  findExtremes(activation, extremes, 0, channels.length);
  return { activation, extremes };
}

/** @param {number} colour */
const rgb = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];

/** Lightness of OKLab, by the matrices of its definition. @param {number} colour */
function lightness(colour) {
  const [r, g, b] = rgb(colour).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

test("each channel's extremes are found, and where the greatest value is", () => {
  const { extremes } = mapsOf([[0, 2, 1, -1, 0, 0], [0, 0, 0, 0, 0, 0], [-5, -4, -3, -2, -1, -6]], 3);
  assert.deepEqual([...extremes.greatest], [2, 0, -1]);
  assert.deepEqual([...extremes.least], [-1, 0, -6]);
  assert.deepEqual([...extremes.at], [1, 0, 4]);
  assert.deepEqual([...extremes.mean], [Math.fround(4 / 6), 0, 3.5]);
  assert.deepEqual([0, 1, 2].map((channel) => strengthOf(extremes, channel)), [2, 0, 6]);
  assert.deepEqual([0, 1, 2].map((channel) => peakOf(extremes, channel)), [2, 0, -6]);
});

test("extremes that are found in parts are those that are found at once", () => {
  const channels = Array.from({ length: 7 }, (_, channel) => Array.from({ length: 4 }, (_, i) => Math.sin(channel * 4 + i)));
  const { activation, extremes } = mapsOf(channels, 2);
  const parts = noExtremes(7);
  for (const [from, to] of slices(7, 4, 12)) findExtremes(activation, parts, from, to);
  assert.deepEqual(parts, extremes);
});

test("the strongest channel comes first, whatever its sign; of equal ones the one with the greater mean, then in their order", () => {
  const { extremes } = mapsOf([[1, 0], [0, 0], [-3, 2], [1, 1], [0, 0]], 2);
  assert.deepEqual(ranked(extremes), [2, 3, 0, 1, 4]);
  assert.equal(deadOf(extremes), 2);
  assert.ok(isSigned(extremes));
  assert.ok(!isSigned(mapsOf([[0, 1]], 2).extremes));
});

test("zero has a colour of its own, and the smallest value above it another", () => {
  assert.equal(colourOf(0, 4, false), ZERO);
  assert.equal(colourOf(1e-9, 4, false), SEQUENTIAL[1]);
  assert.equal(colourOf(4, 4, false), SEQUENTIAL[255]);
  assert.equal(colourOf(2, 4, false), SEQUENTIAL[128]);
  assert.equal(new Set(SEQUENTIAL).size, 256);
  assert.equal(colourOf(0, 0, false), ZERO);
});

test("values with a sign are coloured around zero", () => {
  assert.equal(colourOf(0, 4, true), DIVERGING[127]);
  assert.equal(colourOf(-4, 4, true), DIVERGING[0]);
  assert.equal(colourOf(4, 4, true), DIVERGING[254]);
  assert.equal(colourOf(2, 4, true), DIVERGING[191]);
  const [red, green, blue] = rgb(DIVERGING[127]);
  assert.ok(red === green && green === blue && red > 225, "zero is a light grey");
  assert.ok(rgb(DIVERGING[0])[2] > rgb(DIVERGING[0])[0] && rgb(DIVERGING[254])[0] > rgb(DIVERGING[254])[2], "blue is negative, red is positive");
});

test("both scales are perceptually even: equal steps of a value are equal steps of lightness", () => {
  for (const [scale, step] of /** @type {[Uint32Array, number][]} */ ([[SEQUENTIAL.slice(1), 0.68 / 255], [DIVERGING.slice(127), -0.55 / 127]])) {
    for (let i = 16; i < scale.length; i += 16) {
      const found = lightness(scale[i]) - lightness(scale[i - 16]);
      assert.ok(Math.abs(found - 16 * step) < 0.006, `step ${i}: ${found} instead of ${16 * step}`);
    }
  }
  const [left, right] = [lightness(DIVERGING[40]), lightness(DIVERGING[254 - 40])];
  assert.ok(Math.abs(left - right) < 0.006, "a value and its negative are equally light");
});

test("a channel's picture is normalised by itself, row by row", () => {
  const maps = mapsOf([[0, 1, 2, 4], [8, 0, 0, 0]], 2);
  assert.deepEqual([...pictureOf(maps, 0)], [ZERO, SEQUENTIAL[64], SEQUENTIAL[128], SEQUENTIAL[255]]);
  assert.deepEqual([...pictureOf(maps, 1)], [SEQUENTIAL[255], ZERO, ZERO, ZERO]);
  assert.deepEqual([...stripOf(mapsOf([[-2], [0], [2]], 1))], [DIVERGING[0], DIVERGING[127], DIVERGING[254]]);
});

test("ink is dark on white", () => {
  assert.deepEqual([...inkOf(mapsOf([[-0.1, 1.1]], 2))].map(rgb), [[255, 255, 255], [0, 0, 0]]);
});

test("a kernel is symmetric around grey, and its colours are in the right order", () => {
  const data = Float32Array.of(9, 9, 9, 9, 9, 9, 2, 0, -1, 1, 0, -2); // two kernels of 1×2, with three input channels
  const kernel = (/** @type {"RGB" | "BGR" | "grey"} */ order) => [...kernelOf({ layer: "a", shape: [2, 3, 1, 2], data, order }, 1)].map(rgb);
  assert.deepEqual(kernel("RGB"), [[255, 64, 128], [128, 191, 0]]);
  assert.deepEqual(kernel("BGR"), [[128, 64, 255], [0, 191, 128]]);
  assert.deepEqual([...kernelOf({ layer: "a", shape: [1, 1, 1, 3], data: Float32Array.of(-0.5, 0, 0.5), order: "grey" }, 0)].map(rgb), [[0, 0, 0], [128, 128, 128], [255, 255, 255]]);
});

const CONV2 = { receptiveField: 51, receptiveFieldStart: -16, receptiveFieldStep: 8 }; // of AlexNet
const INPUT = { width: 227, height: 227 };

test("a unit's receptive field is placed on the input, clipped, and told how far it reaches", () => {
  assert.deepEqual(fieldOf(CONV2, 3, 0), { left: 8, top: -16, width: 51, height: 51 });
  assert.deepEqual(clipped(fieldOf(CONV2, 3, 0), INPUT), { left: 8, top: 0, width: 51, height: 35 });
  assert.deepEqual(clipped(fieldOf(CONV2, 26, 26), INPUT), { left: 192, top: 192, width: 35, height: 35 });
  assert.equal(reachOf(fieldOf(CONV2, 3, 0), INPUT), "beyond");
  assert.equal(reachOf(fieldOf(CONV2, 3, 2), INPUT), "inside");
  assert.equal(reachOf({ left: -64, top: -64, width: 355, height: 355 }, INPUT), "everything");
});

test("a map lies over the input so that a cell's middle is the middle of its unit's receptive field", () => {
  const place = mapOver(CONV2, { width: 27, height: 27 });
  assert.deepEqual(place, { left: 5.5, top: 5.5, width: 216, height: 216 });
  for (const x of [0, 13, 26]) {
    const field = fieldOf(CONV2, x, x);
    assert.equal(place.left + (x + 0.5) * (place.width / 27), field.left + field.width / 2);
  }
  assert.deepEqual(mapOver({ receptiveField: 3, receptiveFieldStart: -1, receptiveFieldStep: 1 }, { width: 224, height: 224 }), { left: 0, top: 0, width: 224, height: 224 }, "as many cells as pixels");
});

test("the input is the middle of the picture's centre square", () => {
  assert.deepEqual(cropOf({ width: 640, height: 480 }, 224 / 256), { left: 110, top: 30, width: 420, height: 420 });
  assert.deepEqual(cropOf({ width: 600, height: 600 }, 1), { left: 0, top: 0, width: 600, height: 600 });
});

test("pages hold as many channels as fit", () => {
  const square = (/** @type {number} */ width) => width + 20;
  assert.equal(fitting({ width: 400, height: 500 }, 92, square, 8), 4 * 4); // four columns of 94 with gaps of 8, rows of 114
  assert.equal(fitting({ width: 100, height: 50 }, 92, square, 8), 2 * 2, "a small window shows some");
  assert.deepEqual([pagesOf(0, 10), pagesOf(30, 10), pagesOf(31, 10)], [1, 3, 4]);
  const all = Array.from({ length: 25 }, (_, i) => i);
  assert.deepEqual(onPage(all, 2, 10), { from: 20, items: [20, 21, 22, 23, 24] });
  assert.deepEqual(onPage(all, 9, 10), { from: 20, items: [20, 21, 22, 23, 24] }, "the last page where there are fewer");
  assert.deepEqual(slices(5, 10, 25), [[0, 2], [2, 4], [4, 5]]);
  assert.deepEqual(slices(2, 100, 25), [[0, 1], [1, 2]], "one item is in a part in any case");
});

test("values are written with three digits, and what is no number is named", () => {
  assert.deepEqual([0, 5.3149, -0.25, 1234.5, 0.01234, Infinity, -Infinity, NaN].map(valueText), ["0", "5.31", "−0.25", "1235", "0.012", "∞", "−∞", "not a number"]);
});

test("what the strongest unit sees is said in full", () => {
  const field = { left: -2, top: 0, width: 5, height: 5 };
  assert.equal(fieldText("inside", field, field), "Its receptive field is these 5 × 5 pixels.");
  assert.match(fieldText("beyond", field, { ...field, left: 0, width: 3 }), /5 × 5 pixels, reaches beyond the picture, .* 3 × 5 pixels of it lie within/);
  assert.match(fieldText("everything", field, field), /covers everything/);
});

/**
 * @param {string} name
 * @param {Partial<import("../../www/inside/state.js").Layer>} [facts]
 */
const layer = (name, facts = {}) => /** @type {import("../../www/inside/state.js").Layer} */ ({ name, kind: "convolution", block: "", outputShape: [8, 4, 4], auxiliary: false, ...facts });
const photo = /** @type {any} */ ({ id: "a", name: "A", frame: { kind: "photo", side: 256 }, input: { channels: 3, width: 224, height: 224 } });
const digit = /** @type {any} */ ({ ...photo, frame: { kind: "digit", side: 280 } });

test("the first convolution is shown where no layer is chosen, and all layers of a network for digits", () => {
  const layers = [layer("pool", { kind: "max pooling" }), layer("conv"), layer("other")];
  assert.equal(firstConvolution(layers).name, "conv");
  assert.equal(shownLayer(layers, null, photo)?.name, "conv");
  assert.equal(shownLayer(layers, "other", photo)?.name, "other");
  assert.equal(shownLayer(layers, "gone", photo)?.name, "conv");
  assert.equal(shownLayer(layers, null, digit), null);
  assert.equal(shownLayer(layers, "conv", digit)?.name, "conv");
});

test("layers are grouped by block, in their order, and the classes are the last layer that is not auxiliary", () => {
  const layers = [layer("stem"), layer("a.1", { block: "a" }), layer("a.2", { block: "a" }), layer("b.1", { block: "b" }), layer("fc"), layer("aux", { auxiliary: true })];
  assert.deepEqual(groupsOf(layers).map(({ block, layers }) => [block, layers.map(({ name }) => name).join()]), [["", "stem"], ["a", "a.1,a.2"], ["b", "b.1"], ["", "fc,aux"]]);
  assert.equal(lastLayer(layers).name, "fc");
});

test("a layer's facts are its operation, its output and its receptive field", () => {
  const conv = layer("conv", { kernel: 3, stride: 2, activationFunction: "ReLU6", outputShape: [32, 112, 112], receptiveField: 3 });
  assert.deepEqual(factsOf(conv, photo), [["Computes", "convolution, 3 × 3, stride 2, then ReLU6"], ["Output", "32 channels of 112 × 112"], ["Receptive field", "3 × 3 pixels"]]);
  const linear = layer("fc", { kind: "linear", kernel: null, stride: null, activationFunction: "", outputShape: [1000, 1, 1], receptiveField: 851 });
  assert.deepEqual(factsOf(linear, photo), [["Computes", "linear"], ["Output", "1000 values"], ["Receptive field", "851 × 851 pixels, of an input of 224 × 224"]]);
});

test("where there are no maps, the page says why and what to do", () => {
  const running = [{ key: "a", network: "a", weights: "q8" }];
  const answer = { predictions: [], heads: [], vote: null, first: null, rate: null, picture: 1, timing: { preprocess: 1, inference: 1, total: 2 } };
  const ready = { cards: [photo], standings: {}, running, answers: { a: answer }, source: { kind: "camera" }, strokes: [], problems: { network: null, source: null, frame: null }, inside: { key: "a", layers: { a: [layer("conv")] } } };
  const hint = (/** @type {object} */ patch) => hintOf(/** @type {any} */ ({ ...ready, ...patch }));
  const phase = (/** @type {string} */ phase, text = "") => ({ running: [], standings: { a: { ...IDLE, phase, text } } });
  assert.equal(hint({}), "");
  assert.match(hint(phase("asking")), /waits for your consent.*Agree in the message above/);
  assert.match(hint(phase("failed", "It is too large.")), /A is not ready\. It is too large\. Choose another network/);
  assert.match(hint(phase("loading")), /Preparing A/);
  assert.match(hint({ running: [] }), /Starting the engine/);
  assert.match(hint({ running: [], problems: { network: { text: "x", retry: null } } }), /without a network/);
  assert.match(hint({ inside: { key: "a", layers: {} } }), /Asking for the layers of A/);
  assert.match(hint({ source: null }), /no picture yet\. Start the camera/);
  assert.match(hint({ source: { kind: "drawing" } }), /Draw a digit/);
  assert.match(hint({ answers: {} }), /A looks at the picture/);
  assert.match(hint({ answers: { a: { ...answer, timing: null } }, problems: { frame: { text: "x" } } }), /could not look at this picture.*choose another picture/);
});
