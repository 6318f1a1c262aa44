// What class a folder's name or a table means, and who agrees with whom.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tally, compare, majority, placeOf } from "../../www/compare/pure/agreement.js";
import { sortOut } from "../../www/compare/folderFiles.js";
import { Classes, folderOf, tableLabels } from "../../www/compare/pure/labels.js";

const names = readFileSync(new URL("../../src/labels/imagenet.txt", import.meta.url), "utf8").trim().split("\n");
const classes = new Classes(names);

test("class names in whatever way they are written, numbers, and both together", () => {
  const espresso = names.indexOf("espresso");
  for (const text of ["espresso", "Espresso", " ESPRESSO ", String(espresso), `0${espresso}`, `${espresso}_espresso`, "n07920052_espresso", "coffee thing, espresso"]) {
    assert.equal(classes.indexOf(text), espresso, text);
  }
  for (const text of ["great_white_shark", "Great-White Shark", "002.great white shark", "n01484850-great_white_shark"]) assert.equal(classes.indexOf(text), 2, text);
  for (const text of ["", "photos", "1000", "99999999", "n07920052", "espress", "-1"]) assert.equal(classes.indexOf(text), null, text);
  names.forEach((name, i) => assert.equal(classes.indexOf(name), i, name));
  assert.equal(new Classes(["0", "1", "2"]).indexOf("2"), 2);
  assert.equal(new Classes(["0", "1", "2"]).indexOf("7"), null);
});

test("WordNet ids count where all are there", () => {
  const few = new Classes(["a cat", "a dog", "an egg"]);
  few.learn(["n00000003", "n00000001"]);
  assert.equal(few.indexOf("n00000003"), null);
  few.learn(["n00000003", "n00000001", "n00000002", "n00000001", "else"]);
  assert.equal(few.indexOf("n00000002"), 1);
  assert.equal(few.indexOf("n00000002_an egg"), 2, "a name says more");
});

test("a table gives classes by path, with a head or without", () => {
  const headed = tableLabels([["class", "id", "file"], ["espresso", "1", "a/one.jpg"], ["tench", "2", ".\\b\\two.jpg"]]);
  assert.equal(headed("set/a/one.jpg"), "espresso");
  assert.equal(headed("b/two.jpg"), "tench");
  assert.equal(headed("one.jpg"), undefined);
  const plain = tableLabels([["one.jpg", "0"], ["two.jpg", "espresso"], [""], []]);
  assert.equal(plain("set/a/one.jpg"), "0");
  assert.equal(plain("two.jpg"), "espresso");
  assert.equal(plain("three.jpg"), undefined);
  assert.equal(tableLabels([])("one.jpg"), undefined);
});

test("of a folder's files the pictures count, and one table", () => {
  const found = ["b/2.JPG", "b/1.png", "notes.txt", ".hidden.jpg", "__/.x/3.jpg", "labels.csv", "a.webp"].map((path) => ({ path, open: () => Promise.reject(new Error(path)) }));
  const { pictures, table } = sortOut(found);
  assert.deepEqual(pictures.map(({ path }) => path), ["a.webp", "b/1.png", "b/2.JPG"]);
  assert.equal(table.path, "labels.csv");
  assert.equal(sortOut([...found, { ...found[5], path: "more.csv" }]).table, null);
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
  assert.deepEqual(new Tally(["a"]).table(), [[{ same: 0, shared: 0 }]]);
});
