// The diagram's arithmetic: kinds of blocks and their layouts for all networks, where rows stand, and where the arrow keys lead.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { rowsOf } from "../../www/inside/diagram/pure/blocks.js";
import { blockKind, familyOf, longName, shapeText, shortName } from "../../www/inside/diagram/pure/kinds.js";
import { arrowOf, lineOf } from "../../www/inside/diagram/pure/lines.js";
import { bytes, strengthOf, sumOf, timesOf } from "../../www/inside/diagram/pure/measures.js";
import { moveTo, nodesOf } from "../../www/inside/diagram/pure/moves.js";
import { GAP, LAYER, PADDING, ROW, TERMINAL } from "../../www/inside/diagram/pure/sizes.js";
import { bandsOf, stackOf } from "../../www/inside/diagram/pure/stack.js";
import { signatureOf, sizeOf } from "../../www/inside/diagram/pure/structure.js";
import { titlesOf, turnsOf } from "../../www/inside/diagram/pure/titles.js";
import { allLayers } from "../../xtask/layouts.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const networks = await allLayers(`${ROOT}pkg`);
const { layouts } = JSON.parse(readFileSync(`${ROOT}www/inside/diagram/layouts.json`, "utf8"));

/** A layer with what the diagram reads of it. */
const layer = (name, kind, inputs, more = {}) => ({ name, kind, inputs, block: "", auxiliary: false, activationFunction: "", outputShape: [8, 4, 4], kernel: null, stride: null, parameters: 0, macs: 0, activationBytes: 0, ...more });
const row = (network, name) => rowsOf(networks[network]).find((row) => row.name === name);

test("every block of every network has a layout that shows all of its layers and connections", () => {
  assert.equal(Object.keys(networks).length, 16);
  for (const [id, layers] of Object.entries(networks)) {
    const rows = rowsOf(layers);
    assert.equal(rows.reduce((sum, { layers }) => sum + layers.length, 0), layers.length, id);
    for (const { name, isBlock, layers } of rows) {
      if (!isBlock) continue;
      const layout = layouts[signatureOf(layers)];
      assert.ok(layout, `${id}: ${name} has no layout; run \`cargo xtask build engine\``);
      assert.equal(layout.nodes.length, layers.length);
      assert.equal(layout.edges.length, layers.reduce((sum, { inputs }) => sum + inputs.length, 0));
      const [left, right] = layout.extent;
      layout.nodes.forEach(([x, y, width, height], place) => {
        const { width: least, height: own } = sizeOf(layers[place].kind);
        assert.ok(width >= least && height === own && x - width / 2 >= left && x + width / 2 <= right && y + height / 2 <= layout.height, `${id}: ${layers[place].name} has room`);
        for (const [otherX, otherY, otherWidth, otherHeight] of layout.nodes.slice(0, place)) {
          assert.ok(Math.abs(x - otherX) >= (width + otherWidth) / 2 || Math.abs(y - otherY) >= (height + otherHeight) / 2, `${id}: ${layers[place].name} covers no other layer`);
        }
      });
      let edge = 0;
      layers.forEach(({ inputs }, place) => inputs.forEach((input) => {
        const corners = layout.edges[edge++];
        const from = layers.findIndex(({ name }) => name === input);
        const start = from < 0 ? [0, -GAP] : [layout.nodes[from][0], layout.nodes[from][1] + layout.nodes[from][3] / 2];
        assert.deepEqual(corners.slice(0, 2), start, `${id}: the line to ${layers[place].name} starts at what it reads`);
        const [x, y, width, height] = layout.nodes[place];
        const [endX, endY] = corners.slice(-2);
        assert.ok(Math.abs(endX - x) <= width / 2 && Math.abs(endY - y) <= height / 2, `${id}: the line ends at ${layers[place].name}`);
        for (let at = 2; at < corners.length; at += 2) assert.ok(corners[at] === corners[at - 2] || corners[at + 1] === corners[at - 1], "lines are horizontal or vertical");
      }));
    }
  }
});

test("a shortcut goes around the layers that it skips", () => {
  const { layers } = row("resnet50", "layer1.1");
  const { nodes, edges } = layouts[signatureOf(layers)];
  const shortcut = edges.at(-1);
  const column = shortcut[4];
  assert.ok(nodes.slice(0, 3).every(([x, , width]) => Math.abs(column - x) > width / 2), "beside all three convolutions");
});

test("a signature tells structures apart, and nothing else", () => {
  const block = (channels, kinds) => [layer("a", kinds[0], ["before"], { outputShape: [channels, 8, 8] }), layer("b", kinds[1], ["a", "before"], { outputShape: [channels, 8, 8] })];
  const one = signatureOf(block(64, ["convolution", "addition"]));
  assert.equal(one, "convolution in, addition 0+in");
  assert.equal(signatureOf(block(512, ["convolution", "addition"])), one);
  assert.notEqual(signatureOf(block(64, ["depthwise convolution", "addition"])), one);
  const [first, second] = block(64, ["convolution", "addition"]);
  assert.notEqual(signatureOf([first, { ...second, inputs: ["a"] }]), one);
  assert.equal(signatureOf(row("googlenet", "inception_3a").layers), signatureOf(row("googlenet", "inception_5b").layers));
});

test("rows that do not follow one another are refused", () => {
  assert.throws(() => rowsOf([layer("a", "convolution", ["input"]), layer("b", "convolution", ["a"]), layer("c", "addition", ["b", "a"])]), /c reads a, and the row before it ends with b/);
  const heads = rowsOf([layer("a", "convolution", ["input"]), layer("h", "linear", ["a"], { auxiliary: true, block: "head" }), layer("b", "convolution", ["a"])]);
  assert.deepEqual(heads.map(({ name, auxiliary }) => [name, auxiliary]), [["a", false], ["head", true], ["b", false]]);
});

test("opening a block shifts what follows by the height that it gains, and nothing else", () => {
  const rows = rowsOf(networks.resnet152);
  const closed = stackOf(rows, new Set(), layouts);
  const at = rows.findIndex(({ name }) => name === "layer3.4");
  const opened = stackOf(rows, new Set(["layer3.4"]), layouts);
  const gain = GAP + layouts[signatureOf(rows[at].layers)].height + PADDING;
  closed.places.forEach(({ y, height }, index) => {
    assert.equal(opened.places[index].y, y + (index > at ? gain : 0));
    assert.equal(opened.places[index].height, height + (index === at ? gain : 0));
  });
  assert.equal(opened.height, closed.height + gain);
  assert.deepEqual(opened.extent, closed.extent, "and the scale stays");
  assert.equal(closed.places[0].y, TERMINAL.height + GAP);
  assert.equal(closed.height, TERMINAL.height + GAP + rows.length * (ROW.height + GAP) + TERMINAL.height);
});

test("an auxiliary head stands beside the line of the network, with room for its output", () => {
  const { places } = stackOf(rowsOf(networks.googlenet), new Set(["loss1"]), layouts);
  const heads = places.filter(({ row }) => row.auxiliary);
  assert.deepEqual(heads.map(({ row }) => row.name), ["loss1", "loss2"]);
  for (const { x, left } of heads) assert.ok(x + left > 0);
  const next = places[places.indexOf(heads[0]) + 1];
  assert.equal(next.row.name, "inception_4b");
  assert.equal(next.y, heads[0].y + heads[0].height + GAP + TERMINAL.height + GAP);
});

test("rows are banded by the size of their feature maps", () => {
  const { places } = stackOf(rowsOf(networks.googlenet), new Set(), layouts);
  assert.deepEqual(bandsOf(places).map(({ text }) => text), ["112 × 112", "56 × 56", "28 × 28", "14 × 14", "7 × 7", "1 × 1"]);
});

test("blocks and layers have their names of the literature", () => {
  for (const [network, block, name] of [
    ["googlenet", "inception_4c", "inception module"], ["googlenet", "loss2", "auxiliary head"], ["googlenet", "conv2", "convolution, normalisation"], ["squeezenet1_1", "fire5", "fire module"],
    ["resnet18", "layer2.0", "residual block"], ["resnet50", "layer2.0", "bottleneck block"], ["mobilenet_v2", "features.3", "inverted residual"],
    ["mobilenet_v2", "features.2", "inverted bottleneck"], ["efficientnet_b0", "blocks.2", "MBConv block"], ["vgg16", "conv3", "convolutions"],
  ]) assert.equal(blockKind(row(network, block).layers), name, `${network} ${block}`);
  assert.equal(familyOf("grouped convolution"), "convolution");
  assert.equal(familyOf("global average pooling"), "pooling");
  assert.equal(familyOf("scaling"), "joining");
  const strided = layer("c", "depthwise convolution", [], { kernel: 3, stride: 2 });
  assert.equal(shortName(strided), "3×3 depthwise /2");
  assert.equal(longName(strided), "3×3 depthwise convolution, stride 2");
  assert.equal(shapeText([1000, 1, 1]), "1000");
});

test("names fit into the layers of a block", () => {
  const longest = Object.values(networks).flat().filter(({ block }) => block).map(shortName).reduce((a, b) => (b.length > a.length ? b : a));
  assert.ok(longest.length * 6.4 <= LAYER.width, `“${longest}” is wider than a layer`);
});

test("equal blocks in a row are counted, and read out", () => {
  const rows = rowsOf(networks.resnet152);
  const at = rows.findIndex(({ name }) => name === "layer3.35");
  assert.deepEqual(turnsOf(rows)[at], { turn: 35, of: 35 });
  assert.deepEqual(turnsOf(rows)[rows.findIndex(({ name }) => name === "layer3.0")], { turn: 1, of: 1 }, "the first one has another shortcut");
  assert.match(titlesOf(rows)[at].place, /^layer3\.35 · layers \d+–\d+ · 35 of 35$/);
  assert.equal(titlesOf(rows)[at].spoken, "layer3.35, bottleneck block of 4 layers, 35 of 35, output 1024×14×14");
});

test("sums, and times only where they were measured", () => {
  const { layers } = row("googlenet", "loss1");
  assert.equal(sumOf(layers, "parameters", new Map()), 65664 + 2098176 + 1025000);
  const times = timesOf({ layers: layers.map((layer, index) => ({ ...layer, milliseconds: index, computedBy: null })), place: "CPU", runs: 3 });
  assert.equal(sumOf(layers, "time", times), 0 + 1 + 2 + 3);
  assert.equal(timesOf(undefined).size, 0);
  assert.equal(strengthOf(25, 100), 0.5);
  assert.equal(strengthOf(0, 0), 0);
  assert.equal(bytes(802816), "803\u00a0kB");
});

test("arrow keys go along the lines, and to what stands beside", () => {
  const nodes = nodesOf(stackOf(rowsOf(networks.googlenet), new Set(["inception_3a"]), layouts), ROW.height);
  const path = (from, ...directions) => directions.reduce((key, direction) => moveTo(nodes, key, direction), from);
  assert.equal(path("layer conv1/7x7_s2", "down"), "block pool1");
  assert.equal(path("layer pool2/3x3_s2", "down"), "block inception_3a");
  assert.match(path("block inception_3a", "down"), /^layer inception_3a\/(3x3|5x5)_reduce$/);
  assert.equal(path("layer inception_3a/3x3_reduce", "right"), "layer inception_3a/5x5_reduce");
  assert.equal(path("layer inception_3a/3x3_reduce", "down", "left"), "layer inception_3a/1x1");
  assert.equal(path("layer inception_3a/output", "down"), "block inception_3b");
  assert.equal(path("block inception_3b", "up"), "layer inception_3a/output");
  assert.equal(path("layer inception_3a/1x1", "up"), "block inception_3a");
  assert.equal(path("block inception_4a", "down"), "block inception_4b", "not into the head");
  assert.equal(path("block inception_4a", "right"), "block loss1");
  assert.equal(path("block loss1", "up"), "block inception_4a");
  assert.equal(path("block pool1", "first", "up"), "layer conv1/7x7_s2");
  assert.equal(path("block pool1", "last"), "layer loss3/classifier");
});

test("lines have rounded corners and an arrow at the end", () => {
  assert.equal(lineOf([0, 0, 0, 20]), "M0,0L0,20");
  assert.equal(lineOf([0, 0, 0, 20, 40, 20]), "M0,0L0,14Q0,20 6,20L40,20");
  assert.equal(arrowOf([0, 0, 0, 20]), "M0,20L-3.2,14L3.2,14Z");
});
