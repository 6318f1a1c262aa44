// Weights of one's own without a browser: their names, their classes, and what the page computes of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { withOwn } from "../../www/ownWeights.js";
import { labelsText, readLabels } from "../../www/own/pure/labels.js";
import { nameOfFile, nameTrouble, variantOf } from "../../www/own/pure/names.js";
import { firstFit } from "../../www/own/pure/texts.js";
import { usualKeys } from "../../www/compare/pure/presets.js";
import { faultOf } from "../../www/compare/pure/check.js";
import { rowName } from "../../www/compare/pure/results.js";
import { abilityOf } from "../../www/pure/ability.js";
import { allEntries, entryOf, isOwnVariant, layersKey, nameOf, preferredEntry, rowOf, weightsOf } from "../../www/pure/entries.js";
import { costOf } from "../../www/pure/memory.js";
import { weightsAmong } from "../../www/pure/weightFiles.js";
import { SENT } from "./sender.mjs";

const CARDS = /** @type {any} */ ([{ id: "resnet18", name: "ResNet-18", classes: 1000, frame: { kind: "photo" }, parameters: 11e6 }, { id: "vgg16", name: "VGG-16", classes: 1000, frame: { kind: "photo" } }, { id: "lenet5", name: "LeNet-5", classes: 10, frame: { kind: "digit" } }]);
const OWN = { id: "resnet18", variant: "flowers", bytes: 10, shards: [], own: { name: "Flowers", classes: 5 }, here: "open" };
const OFFICIAL = { id: "resnet18", variant: "q8", bytes: 20, shards: [] };

test("own weights are never what a network runs with unless they are asked for", () => {
  const [alone, both] = /** @type {any[]} */ ([[OWN], [OWN, OFFICIAL]]);
  assert.equal(rowOf(alone, "resnet18", "q8"), undefined);
  assert.equal(rowOf(both, "resnet18", "q8"), OFFICIAL);
  assert.equal(rowOf(both, "resnet18", "flowers"), OWN);
  assert.equal(rowOf(both, "resnet18", "gone"), OFFICIAL);
  assert.equal(weightsOf(entryOf("resnet18"), alone), "random");
  assert.equal(weightsOf(entryOf("resnet18-flowers"), alone), "flowers");
  assert.equal(weightsOf(entryOf("resnet18-gone"), both), "random");
  assert.equal(preferredEntry("resnet18", "flowers", alone).key, "resnet18-flowers");
  assert.equal(preferredEntry("resnet18", "q8", alone).key, "resnet18");
  assert.deepEqual(allEntries(CARDS, alone).map(({ key }) => key), ["resnet18", "resnet18-flowers", "vgg16", "lenet5"]);
  assert.deepEqual(usualKeys(CARDS, alone).includes("resnet18"), false, "nor what is compared before anything is chosen");
  assert.equal(abilityOf(entryOf("resnet18-flowers"), CARDS[0], both), "knows 5 classes");
  assert.equal(abilityOf(entryOf("resnet18"), CARDS[0], alone), "speed only");
  assert.deepEqual(["q8", "q4", "random", null, "flowers", "constructor"].map(isOwnVariant), [false, false, false, false, true, true]);
});

test("they have a name of their own, and where it is not known their variant", () => {
  assert.equal(nameOf(entryOf("resnet18-flowers"), CARDS, /** @type {any} */ ([OWN])), "ResNet-18, own weights “Flowers”");
  assert.equal(nameOf(entryOf("resnet18-flowers"), CARDS, null), "ResNet-18, own weights “flowers”");
  assert.equal(nameOf(entryOf("resnet18-q4"), CARDS, []), "ResNet-18, 4 bits");
  assert.equal(rowName(/** @type {any} */ ({ network: "resnet18", variant: "flowers" }), CARDS), "ResNet-18, own weights “flowers”");
});

test("the form of results takes them, as numbers of a network that others may not have", () => {
  const schema = JSON.parse(readFileSync(new URL("../../www/results.schema.json", import.meta.url), "utf8"));
  const fault = (/** @type {string} */ variant) => faultOf({ ...SENT, rows: [{ ...SENT.rows[0], variant }] }, schema);
  assert.equal(fault("my_flowers_2"), null);
  for (const variant of ["", "My flowers", "a-b", "a".repeat(61)]) assert.notEqual(fault(variant), null, variant);
});

test("what this browser has is no download, and takes memory all the same", () => {
  const rows = /** @type {any} */ ([OWN, OFFICIAL]);
  const { weights, download } = costOf([entryOf("resnet18"), entryOf("resnet18-flowers")], {}, rows);
  assert.deepEqual([weights, download], [30, 20]);
});

test("of weights that the server has as well, the server's count", () => {
  assert.deepEqual(withOwn(/** @type {any} */ ([OFFICIAL, { ...OFFICIAL, id: "vgg16", here: "open" }])), [OFFICIAL], "what this browser had is asked for anew");
});

test("a name becomes a part of the address, or a sentence says why it cannot", () => {
  assert.equal(nameOfFile("resnet18-flowers.pth"), "resnet18-flowers");
  assert.equal(nameOfFile("a.b.safetensors"), "a.b");
  for (const [name, variant] of [["Flowers, 5 classes!", "flowers_5_classes"], ["  My-own_ResNet (v2) ", "my_own_resnet_v2"], ["Gräser", "gr_ser"], ["é", ""], ["花", ""], ["-_-", ""]]) assert.equal(variantOf(name), variant);
  const trouble = (/** @type {string} */ name) => nameTrouble(name, "resnet18", /** @type {any} */ ([OWN]));
  assert.equal(trouble("Roses"), "");
  assert.match(trouble("花"), /needs a letter from a to z/);
  assert.match(trouble("Q8"), /“Q8” is the name of official weights/);
  assert.match(trouble("random"), /choose another one/);
  assert.match(trouble("Flowers!"), /^There are weights “flowers” of this network already/);
  assert.equal(nameTrouble("Flowers", "vgg16", /** @type {any} */ ([OWN])), "");
});

test("names of classes are read from texts and from JSON", () => {
  const names = (/** @type {string} */ text) => readLabels("f", text).names;
  const FOUND = ["daisy", "rose", "tulip, red"];
  for (const text of [
    "daisy\nrose\ntulip, red", "\ufeffdaisy\r\n rose \r\ntulip, red\r\n\r\n", '["daisy", "rose", "tulip, red"]', '{"2": "tulip, red", "0": "daisy", "1": "rose"}',
    '{"0": ["n1", "daisy"], "1": ["n2", "rose"], "2": ["n3", "tulip, red"]}', ' {"rose": 1, "daisy": 0, "tulip, red": 2}', '{"id2label": {"0": "daisy", "1": "rose", "2": "tulip, red"}}',
  ]) assert.deepEqual(names(text), FOUND, text);
  assert.deepEqual(names("[unknown]\ndaisy"), ["[unknown]", "daisy"]);
  const trouble = (/** @type {string} */ text) => readLabels("labels.txt", text).trouble;
  for (const [text, said] of [
    ["", /^“labels\.txt” cannot be used: it is empty\.$/], ["a\n\nb", /its line 2 is empty/], ["[", /is no valid JSON/], ["x".repeat(201), /the name of class 0 has more than 200 characters/], ["[]", /it is empty/], ['["a", ""]', /no name was found in it for class 1/],
    ['{"0": "a", "2": "b"}', /for class 1\. The classes are numbered from 0 on/], ['{"1": "a", "2": "b"}', /for class 0/], ['{"a": 0, "b": 0}', /for class 1/], ['{"0": {}}', /for class 0/],
  ]) assert.match(trouble(String(text)), /** @type {RegExp} */ (said), String(text));
});

test("the names of the classes are told, and counted", () => {
  const said = (/** @type {string[] | null} */ names, classes = 5, card = CARDS[0]) => labelsText(names && { file: "l.txt", names, trouble: "" }, classes, card);
  assert.deepEqual(said(["a", "b"], 2), { text: "“l.txt”: a, b.", isWrong: false });
  assert.deepEqual(said([..."abcdef"], 6), { text: "“l.txt”: a, b, c, …, f.", isWrong: false });
  assert.match(said(["a"]).text, /^“l\.txt” has one name, and the weights have 5 classes\. Choose the file/);
  assert.ok(said(["a"]).isWrong);
  assert.match(said(null).text, /they are called class 0, class 1, class 2, …, class 4\.$/);
  assert.match(said(null, 1000).text, /the classes are ImageNet's thousand\.$/);
  assert.match(said(null, 10, CARDS[2]).text, /the classes are the ten digits\.$/);
  assert.deepEqual(labelsText({ file: "l", names: [], trouble: "No." }, 5, CARDS[0]), { text: "No.", isWrong: true });
});

test("weights come alone or with the names of their classes", () => {
  const files = (/** @type {string[]} */ ...names) => /** @type {any} */ (names.map((name) => ({ name, type: name.endsWith(".raw") ? "image/x-raw" : "" })));
  const found = (/** @type {string[]} */ ...names) => /** @type {any} */ (weightsAmong(files(...names)));
  const named = (/** @type {string[]} */ ...names) => {
    const { weights, labels, unused } = found(...names);
    return [weights.name, labels?.name ?? null, ...unused];
  };
  assert.deepEqual(named("a.PTH"), ["a.PTH", null]);
  assert.deepEqual(named("classes.json", "a.safetensors"), ["a.safetensors", "classes.json"]);
  assert.deepEqual(named("README.md", "config.json", "preprocessor.json", "model.safetensors"), ["model.safetensors", "config.json", "README.md", "preprocessor.json"], "a folder of Hugging Face's");
  assert.deepEqual(named("a.pth", "coco.names"), ["a.pth", "coco.names"]);
  assert.deepEqual(named("a.pth", "b.csv"), ["a.pth", null, "b.csv"]);
  assert.deepEqual(named("a.pth", "b.txt", "c.txt"), ["a.pth", null, "b.txt", "c.txt"], "neither says that it is the one");
  for (const name of ["a.pt", "a.pkl", "a.caffemodel"]) assert.ok(found(name).weights, name);
  assert.match(found("a.pth", "b.pth").trouble, /^Drop one file of weights at a time/);
  for (const names of [[], ["a.png"], ["a.txt"], ["a.pth", "b.png"], ["a.pth", "b.raw"]]) assert.equal(found(...names), null, names.join());
});

test("of several networks, the one is offered first that is chosen, else the official one", () => {
  const fits = ["a", "b", "c"].map((id) => ({ id, classes: 5, official: id === "b" }));
  assert.deepEqual([["c"], ["d"], []].map((chosen) => firstFit(fits, chosen)?.id), ["c", "b", "b"]);
});

test("layers are those of the network, unless its weights may have other classes", () => {
  assert.deepEqual(["a", "a-q4", "a-flowers"].map((key) => layersKey(entryOf(key))), ["a", "a", "a-flowers"]);
});
