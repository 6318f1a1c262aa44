// What class a folder's name or a table means, and who agrees with whom.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tally, compare, majority, placeOf } from "../../www/compare/pure/agreement.js";
import { sortOut } from "../../www/compare/folderFiles.js";
import { Classes, folderOf } from "../../www/compare/pure/labels.js";
import { tableOf } from "../../www/compare/pure/tables.js";
import { rowsOf, signOf, textOf } from "../../www/compare/pure/tableText.js";

const linesOf = (/** @type {string} */ file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").trim().split("\n");
const names = linesOf("src/labels/imagenet.txt");
const ids = linesOf("www/compare/wordnet.txt");
const classes = new Classes(names, ids);
const digits = new Classes([..."0123456789"], ids);

/** @param {Classes} known @param {string} folder alone */
const alone = (known, folder) => known.ofFolders([folder])(folder);

test("class names in whatever way they are written, and numbers", () => {
  const espresso = names.indexOf("espresso");
  for (const text of ["espresso", "Espresso", " ESPRESSO ", "n07920052", "n07920052_espresso", "n07920052 85 1 499 272 ", `${espresso}_espresso`, "coffee thing, espresso"]) {
    assert.equal(classes.ofCell(text), espresso, text);
    assert.equal(alone(classes, text), espresso, text);
  }
  for (const text of [String(espresso), `0${espresso}`, `${espresso}.0`, `${espresso}.000`]) assert.equal(classes.ofCell(text), espresso, text);
  for (const text of ["great_white_shark", "Great-White Shark", "002.great white shark", "n01484850-great_white_shark"]) assert.equal(classes.ofCell(text), 2, text);
  for (const text of ["", "photos", "1000", "99999999", "n00000001", "espress", "-1", "934.5", "1e2"]) assert.equal(classes.ofCell(text), null, text);
  names.forEach((name, i) => assert.equal(classes.ofCell(name), i, name));
  assert.equal(digits.ofCell("2"), 2);
  assert.equal(digits.ofCell("10"), null);
  const others = new Classes(names.map((name) => `no ${name}`), ids);
  assert.deepEqual([classes.areImageNets, others.areImageNets, others.ofCell("n07920052")], [true, false, null], "a thousand other classes");
});

test("a folder's number is a class only where all folders have such numbers", () => {
  for (const name of ["2023", "2023-05-12", "24-12-2022", "12 Christmas", "3 cats", "100_0512", "001.ak47", "1.5"]) {
    assert.equal(alone(classes, name), null, name);
    assert.equal(alone(digits, name), null, name);
  }
  const holiday = classes.ofFolders(["12", "2023", "3 cats"]);
  assert.deepEqual(["12", "2023", "3 cats"].map(holiday), [null, null, null]);
  const numbered = classes.ofFolders(["0", "12", "999"]);
  assert.deepEqual(["0", "12", "999"].map(numbered), [0, 12, 999]);
  assert.deepEqual(["0", "7"].map(digits.ofFolders(["0", "7"])), [0, 7]);
  assert.deepEqual(["0", "7"].map(digits.ofFolders(["0", "7", "others"])), [null, null]);
  const mixed = classes.ofFolders(["934_hotdog", "hotdog", "photos", "7"]);
  assert.deepEqual(["934_hotdog", "hotdog", "photos", "7"].map(mixed), [934, 934, null, null]);
});

test("WordNet ids are ImageNet's, in the order of its classes, and no digits", () => {
  assert.equal(ids.length, names.length);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids, [...ids].sort());
  for (const [id, name] of [["n01440764", "tench"], ["n02102040", "English springer"], ["n03888257", "parachute"], ["n07697537", "hotdog"], ["n15075141", "toilet tissue"]]) {
    assert.equal(classes.ofCell(id), names.indexOf(name), id);
    assert.equal(alone(classes, id), names.indexOf(name), id);
    assert.equal(alone(digits, id), null, id);
  }
});

test("where the classes' names are numbers, a number is a name", () => {
  const reversed = new Classes([..."9876543210"]);
  assert.equal(reversed.ofCell("3"), 6);
  assert.equal(alone(reversed, "3"), 6);
  const flowers = new Classes(["1", "10", "100", "2"]); // as words are sorted
  assert.deepEqual(["1", "10", "100", "2", "02", "2.0", "3", "0"].map((cell) => flowers.ofCell(cell)), [0, 1, 2, 3, 3, 3, null, null]);
  assert.deepEqual(["2", "100"].map(flowers.ofFolders(["2", "100"])), [3, 2]);
  assert.deepEqual(["2", "3"].map(flowers.ofFolders(["2", "3"])), [null, null], "one of them is no class");
});

test("a table gives classes by path, with a head or without", () => {
  const headed = tableOf([["class", "id", "file"], ["espresso", "1", "a/one.jpg"], ["tench", "2", ".\\b\\two.jpg"]], "labels.csv");
  assert.equal(headed.of("set/a/one.jpg"), "espresso");
  assert.equal(headed.of("b/two.jpg"), "tench");
  assert.equal(headed.of("one.jpg"), "espresso", "a file that was chosen without its folder");
  assert.equal(headed.of("c/one.jpg"), undefined);
  assert.deepEqual([headed.columns, headed.first], [["file", "class"], ["a/one.jpg", "espresso"]]);
  const plain = tableOf([["one.jpg", "0"], ["two.jpg", "espresso"], [""], []], "labels.csv");
  assert.equal(plain.of("set/a/one.jpg"), "0");
  assert.equal(plain.of("two.jpg"), "espresso");
  assert.equal(plain.of("three.jpg"), undefined);
  assert.deepEqual(plain.columns, []);
  assert.equal(tableOf([[""], ["file", "label"], ["one.jpg", "0"]], "labels.csv").of("one.jpg"), "0");
  assert.equal(tableOf([], "labels.csv").of("one.jpg"), undefined);
  const kaggle = tableOf([["ImageId", "PredictionString"], ["ILSVRC2012_val_00000001", "n07697537 85 1 499 272 "]], "labels.csv");
  assert.equal(classes.ofCell(kaggle.of("val/ILSVRC2012_val_00000001.JPEG")), 934);
  const wide = tableOf([["image_id", "healthy", "rust", "scab"], ["one", "0", "1", "0"]], "train.csv");
  assert.deepEqual([wide.unknown, wide.of("one.jpg")], [["image_id", "healthy", "rust", "scab"], undefined]);
  assert.deepEqual(tableOf([["filename", "width", "height", "species"], ["one.jpg", "640", "480", "espresso"]], "t").of("one.jpg"), undefined);
  assert.equal(tableOf([["one.jpg", "espresso", "train"], ["two.jpg", "tench", "train"]], "t").of("one.jpg"), "espresso", "a table without a head");
  const accents = tableOf([["file", "label"], ["caf\u00e9.jpg", "hotdog"], ["the\u0301.jpg", "espresso"]], "labels.csv");
  assert.equal(accents.of("cafe\u0301.jpg"), "hotdog");
  assert.equal(accents.of("th\u00e9.jpg"), "espresso");
});

test("a table's signs between cells, and its encoding", () => {
  assert.equal(signOf("file;label\r\na,b.jpg;1"), ";");
  assert.equal(signOf("file\tlabel"), "\t");
  assert.equal(signOf("file,label"), ",");
  assert.equal(signOf('"a;b;c.jpg",1\n'), ",");
  assert.equal(signOf(""), null);
  assert.equal(signOf("one.jpg 0"), null);
  assert.equal(signOf("file|label"), "|");
  assert.equal(signOf("\r\n\r\nfile;label"), ";");
  const bytes = (/** @type {number[]} */ ...all) => new Uint8Array(all).buffer;
  assert.equal(textOf(bytes(0xff, 0xfe, 0x66, 0, 0xe9, 0)), "f\u00e9");
  assert.equal(textOf(bytes(0xfe, 0xff, 0, 0x66, 0, 0xe9)), "f\u00e9");
  assert.equal(textOf(bytes(0xef, 0xbb, 0xbf, 0x66)), "f");
  assert.equal(textOf(bytes(0x66, 0xc3, 0xa9)), "f\u00e9");
  assert.equal(textOf(bytes()), "");
  assert.equal(textOf(bytes(0x66, 0xe9, 0x3b)), "f\u00e9;", "Windows-1252");
  const letters = [..."file,label"].map((letter) => letter.charCodeAt(0));
  assert.equal(textOf(bytes(...letters.flatMap((letter) => [letter, 0]))), "file,label", "no mark at the beginning");
  assert.equal(textOf(bytes(...letters.flatMap((letter) => [0, letter]))), "file,label");
});

test("a table's rows, whatever stands between and around the cells", () => {
  const rows = (/** @type {string} */ text) => rowsOf(text, (sign, body) => body.split("\n").map((line) => line.split(sign)));
  assert.deepEqual(rows("sep=;\r\na.jpg;967,0"), [["a.jpg", "967,0"]]);
  assert.equal(classes.ofCell("967,0"), 967);
  assert.equal(classes.ofCell("967,5"), null);
  assert.deepEqual(rows("'a.jpg', 'hotdog'"), [["a.jpg", "hotdog"]]);
  assert.deepEqual(rows("file|label\na.jpg|0"), [["file", "label"], ["a.jpg", "0"]]);
  assert.deepEqual(rows("ILSVRC2012_val_00000001.JPEG 65\r\nmy own photo.jpg  tiger cat\nn01440764/none 0\n"), [["ILSVRC2012_val_00000001.JPEG", "65"], ["my own photo.jpg", "tiger cat"], ["n01440764/none", "0"], [""]]);
});

test("a table's paths are those of the files as far as both tell them", () => {
  const labelOf = (/** @type {string[]} */ paths, /** @type {string} */ path) => tableOf(paths.map((path, i) => [path, String(i)]), "t").of(path);
  assert.equal(labelOf(["C:\\data\\val\\cats\\1.jpg", "C:\\data\\val\\dogs\\1.jpg"], "val/dogs/1.jpg"), "1");
  assert.equal(labelOf(["/data/val/cats/1.jpg", "/data/val/dogs/1.jpg"], "renamed/dogs/1.jpg"), "1", "the dropped folder has another name");
  assert.equal(labelOf(["file:///data/val/1.jpg"], "pictures/1.jpg"), "0");
  assert.equal(labelOf(["set/cats/1.jpg", "set/dogs/1.jpg"], "dogs/1.jpg"), "1", "a folder within the one of the table");
  assert.equal(labelOf(["cats/1.jpg"], "dogs/1.jpg"), undefined);
  assert.equal(labelOf(["set/cats/1.jpg"], "1.jpg"), "0");
  assert.equal(labelOf(["cats/1.jpg", "dogs/1.jpg"], "1.jpg"), undefined, "it may be either");
  assert.equal(labelOf(["../a/IMG_1.JPG"], "a/img_1.jpg"), "0");
  assert.equal(labelOf(["A.jpg", "a.jpg"], "set/a.jpg"), "1", "capitals that are equal come first");
  assert.equal(labelOf(["1.jpg", "cats/1.jpg"], "set/cats/1.jpg"), "1", "more of the path is equal");
  assert.equal(labelOf(["1", "1.jpg"], "set/1.jpg"), "1");
});

test("of a folder's files the pictures count, by their names or first bytes, and one table", async () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 0]);
  const file = (/** @type {string} */ path, /** @type {BlobPart} */ content = "no picture") => ({ path, open: () => Promise.resolve(new File([content], path)) });
  const found = [...["b/2.JPG", "b/1.png", "notes.txt", ".hidden.jpg", "__/.x/3.jpg", "labels.csv", "a.webp"].map((path) => file(path)), file("c/really.txt", png), file("c/none", png), file("d.svg", "<svg/>")];
  const { signal } = new AbortController();
  const { pictures, tables, lists, others } = await sortOut(found, signal);
  const pathsOf = (/** @type {{ path: string }[]} */ files) => files.map(({ path }) => path);
  assert.deepEqual(pictures.map(({ path }) => path), ["a.webp", "b/1.png", "b/2.JPG", "c/none", "c/really.txt"]);
  assert.deepEqual([pathsOf(tables), pathsOf(lists), others], [["labels.csv"], ["notes.txt"], ["d.svg"]]);
  await assert.rejects(sortOut(found, AbortSignal.abort()), { name: "AbortError" });
  const closed = { path: "x", open: () => Promise.reject(new Error("gone")) };
  assert.deepEqual((await sortOut([closed], signal)).others, ["x"]);
  assert.equal(folderOf("set/b/1.png"), "b");
  assert.equal(folderOf("1.png"), "");
});

/** @param {number[]} indices */
const said = (...indices) => indices.map((index) => ({ index, label: `class ${index}`, probability: 0.1 }));

test("a majority needs two, and more than the next", () => {
  const voices = (...lists) => lists.map((predictions, i) => ({ key: String(i), predictions }));
  assert.equal(majority(voices(said(1, 2), said(1, 3), said(2, 1))).label, "class 1");
  assert.equal(majority(voices(said(1, 2), said(1, 3), said(2, 1))).votes, 2);
  assert.equal(majority(voices(said(1), said(1), said(2), said(2))), null);
  assert.equal(majority(voices(said(1))), null);
  assert.equal(majority([]), null);
  assert.equal(placeOf(said(4, 5, 6), 5), 2);
  assert.equal(placeOf(said(4, 5, 6), 7), 0);
});

test("pairs, and their tally over pictures", () => {
  assert.deepEqual(compare(said(1, 2, 3, 4, 5), said(2, 1, 9, 8, 7)), { same: false, shared: 2, of: 5 });
  const tally = new Tally(["a", "b", "c"]);
  assert.equal(tally.add([said(1, 2), said(1, 3), said(1, 2)]), true);
  assert.equal(tally.add([said(1, 2), said(2, 1), said(3, 4)]), false);
  const table = tally.table();
  assert.deepEqual(table[0][1], { same: 0.5, shared: 1.5 });
  assert.deepEqual(table[1][0], table[0][1]);
  assert.deepEqual(table[2][2], { same: 1, shared: 2 });
  // A network for digits gives no answer to a picture without ink.
  const blank = new Tally(["lenet5"]);
  assert.equal(blank.add([[]]), true);
  assert.equal(compare([], said(1)).same, false);
  assert.equal(majority([{ key: "a", predictions: [] }, { key: "b", predictions: said(1) }]), null);
  assert.deepEqual(new Tally(["a"]).table(), [[{ same: 0, shared: 0 }]]);
});
