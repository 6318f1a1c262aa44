// Everything in the page that reads what others wrote, fed with damaged files: none may throw anything but the sentence that is
// meant to be shown, and none may take long. `CONVSCOPE_FUZZ_SECONDS=60 node --test tests/page/fuzz.test.mjs` is a long run.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { dsvFormat } from "d3";
import { toCsv, toJson, toMarkdown } from "../../www/compare/pure/export.js";
import { Classes, folderOf } from "../../www/compare/pure/labels.js";
import { fromFragment, resultFrom, toFragment } from "../../www/compare/pure/link.js";
import { rowsOf, textOf } from "../../www/compare/pure/tableText.js";
import { tableOf } from "../../www/compare/pure/tables.js";
import { labelsText, readLabels } from "../../www/own/pure/labels.js";
import { Failure } from "../../www/pure/failure.js";
import { manifestOf } from "../../www/pure/manifestForm.js";
import { kindOf } from "../../www/pure/pictureKind.js";
import { sizeOf } from "../../www/pure/pictureSize.js";
import { faultsOf, mutated, random } from "./fuzzing.mjs";
import { SENT } from "./sender.mjs";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url));
const schema = JSON.parse(read("www/results.schema.json").toString());

/** @param {(Buffer | string)[]} files */
const corpusOf = (files) => files.map((file) => Buffer.from(file));

/** @param {ArrayLike<number> & Buffer} bytes */
const buffered = (bytes) => new Uint8Array(bytes).buffer;

/**
 * @param {string} name
 * @param {number} times
 * @param {Buffer[]} corpus
 * @param {(bytes: Buffer) => unknown} run
 */
function fuzzes(name, times, corpus, run) {
  test(name, async () => {
    assert.deepEqual(await faultsOf(name, times, (below) => mutated(below, corpus), run), []);
  });
}

test("the loop finds what it looks for, and always the same", async () => {
  const options = { first: 1, seconds: "" };
  const make = (/** @type {(end: number) => number} */ below) => below(8);
  assert.deepEqual(await faultsOf("all is well", 100, make, () => {}, options), []);
  const thrown = await faultsOf("it throws", 100, make, (value) => assert.notEqual(value, 3, "it was three"), options);
  assert.equal(thrown.length, 5);
  assert.match(thrown[0], /^it throws, CONVSCOPE_FUZZ_SEED=\d+: it throws AssertionError.*it was three.*: 3$/);
  const late = await faultsOf("it throws later", 100, make, async (value) => assert.notEqual(value, 3), options);
  assert.equal(late.length, 5);
  const slow = await faultsOf("it is slow", 1, make, () => new Promise((resolve) => setTimeout(resolve, 1010)), options);
  assert.match(slow[0], /it takes 1\.0 s/);
  const some = (/** @type {number} */ seed) => Array.from({ length: 50 }, (_, i) => mutated(random(seed + i), corpusOf(["1234", "abc"])).toString("hex"));
  assert.deepEqual(some(7), some(7));
  assert.notDeepEqual(some(7), some(70));
});

/** Links whose letters and whose content are damaged. */
const PACKED = corpusOf([JSON.stringify(SENT), JSON.stringify({ ...SENT, version: 2 }), JSON.stringify({ ...SENT, version: 1 })]);
const FRAGMENT = await toFragment(/** @type {any} */ (SENT));

/** @param {string} fragment */
async function open(fragment) {
  try {
    const result = await fromFragment(fragment, schema);
    if (result) write(result);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "bad-link") throw error;
  }
}

/** What is taken can be shown and sent on. @param {any} result */
function write(result) {
  toCsv(result);
  toJson(result);
  toMarkdown(result, (row) => row.network);
}

fuzzes("links with results", 600, corpusOf([FRAGMENT]), (bytes) => open(`#result=${bytes.toString("latin1").replace("#result=", "")}`));
fuzzes("what is packed in links", 600, [...PACKED, ...corpusOf([JSON.stringify([3, 1, Object.values(SENT).slice(2, 12), Object.values(SENT.rows[0])])])], (bytes) =>
  open(`#result=${deflateRawSync(bytes).toString("base64url")}`),
);
fuzzes("results that are imported", 1500, PACKED, (bytes) => {
  /** @type {any} */
  let value;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return;
  }
  const found = resultFrom(value, schema);
  if ("result" in found) write(found.result);
  else assert.ok(found.fault);
});

const NAMES = ["tench", "goldfish", "hot dog, red hot", "Cardigan, Welsh corgi", "7"];
const CLASSES = [new Classes(NAMES, ["n01440764"]), new Classes(["0", "1", "2"])];
fuzzes(
  "tables of labels",
  1500,
  corpusOf([
    "file,label\na.jpg,tench\nb c.jpg,\"hot dog, red hot\"\n",
    "sep=;\r\nImageId;PredictionString\r\nILSVRC2012_val_00000001;n01440764 1 2 30 40 n01440764 5 6 7 8\r\n",
    "a.jpg 65\nb c.png 970\n",
    "'x/y.jpg'\t934_hotdog\n\n'z.jpg'\t1.0\n",
    Buffer.from("\ufefffile|class\na.jpg|goldfish\n", "utf16le"),
    Buffer.from("file,klass\ncaf\xe9.jpg,7\n", "latin1"),
  ]),
  (bytes) => {
    const rows = rowsOf(textOf(buffered(bytes)), (sign, text) => dsvFormat(sign).parseRows(text));
    const table = tableOf(rows, "labels.csv");
    const cells = [table.of("x/a.jpg"), table.of("b c.png"), ...rows.flat()];
    for (const classes of CLASSES) {
      for (const cell of cells) if (cell !== undefined && cell !== null) inClasses(classes.ofCell(cell), classes);
    }
  },
);
fuzzes("folders of classes", 1500, corpusOf(["train/n01440764_tench/a.jpg\n934_hot dog/b.jpg\n1/c.jpg", "Cardigan/a.jpg\n3 cats/b.jpg\n2024-05-01/c.jpg", "0/a\n1/b\n2/c"]), (bytes) => {
  const folders = bytes.toString().split("\n").map(folderOf);
  for (const classes of CLASSES) {
    const of = classes.ofFolders(folders);
    for (const folder of folders) inClasses(of(folder), classes);
  }
});

/** @param {number | null} index @param {Classes} classes */
function inClasses(index, classes) {
  assert.ok(index === null || (Number.isInteger(index) && index >= 0 && index < classes.count), `class ${index} of ${classes.count}`);
}

fuzzes(
  "files with the names of classes",
  2000,
  corpusOf(["daisy\nrose\ntulip\n", '["daisy", "rose"]', '{"0": "daisy", "1": ["n1", "rose"]}', '{"daisy": 0, "rose": 1}', '{"id2label": {"0": "daisy", "1": "rose"}}', "[unknown]\nrose\n"]),
  (bytes) => {
    const found = readLabels("labels.txt", bytes.toString());
    assert.ok(found.trouble ? !found.names.length : found.names.length && found.names.every((name) => typeof name === "string" && name), JSON.stringify(found));
    assert.ok(labelsText(found, 2, undefined).text);
  },
);

test("what was found stays mended", () => {
  const quickly = (/** @type {() => void} */ run) => {
    const start = performance.now();
    run();
    const time = performance.now() - start;
    assert.ok(time < 500, `it takes ${time.toFixed(0)} ms`);
  };
  // A picture's kind: comments that could be divided in as many ways as there are subsets of them.
  quickly(() => assert.equal(kindOf(Buffer.from(`${"<!---->".repeat(70)}x`), "a.svg")?.name, "a text"));
  quickly(() => assert.match(kindOf(Buffer.from("<!-- a --> <!-- b -- > --><svg>"), "a.svg")?.name ?? "", /SVG/));
  // A cell of many numbers: each was looked up again with all behind it, until the stack was full.
  const [classes] = CLASSES;
  quickly(() => assert.equal(classes.ofCell("1 ".repeat(100_000)), null));
  quickly(() => assert.equal(classes.ofCell("1 1,".repeat(100_000)), null));
  assert.equal(classes.ofCell(`7 8 ${"9 ".repeat(100)}goldfish`), 1);
  // A sign between cells that the reader of tables cannot take.
  assert.deepEqual(rowsOf("sep=-\na.jpg 1", (sign, text) => dsvFormat(sign).parseRows(text)), [["sep=-"], ["a.jpg", "1"]]);
  assert.deepEqual(rowsOf("sep=^\na^1", (sign, text) => dsvFormat(sign).parseRows(text)), [["a", "1"]]);
  // The letters of a word were taken for names.
  assert.match(readLabels("config.json", '{"id2label": "abc"}').trouble, /no name was found in it for class 0/);
  // A manifest that is none was taken for one without networks, or ended in the browser's own words.
  for (const none of [null, 7, [], {}, { networks: null }, { networks: [null] }, { networks: [{ id: "a" }] }, { networks: [], building: {} }]) assert.equal(manifestOf(none), null, JSON.stringify(none));
});

/** The beginnings of pictures. */
const PICTURES = corpusOf([
  Buffer.from("89504e470d0a1a0a0000000d49484452000000200000001008020000", "hex"),
  Buffer.from("474946383961200010008000000000", "hex"),
  Buffer.from("424d36000000000000003600000028000000200000001000000001001800", "hex"),
  Buffer.from("ffd8ffe000104a46494600010101004800480000ffc4000400ffc0001108001000200301", "hex"),
  Buffer.from("524946462400000057454250565038580a000000100000001f00000f0000", "hex"),
  Buffer.from("0000001c66747970686569630000000068656963", "hex"),
  '<?xml version="1.0"?><!-- drawn --><!-- by hand --><svg xmlns="http://www.w3.org/2000/svg">',
  "<!DOCTYPE html><html>",
  "II*\0\b\0\0\0",
]);
fuzzes("beginnings of pictures", 4000, PICTURES, (bytes) => {
  const kind = kindOf(bytes, "a.dng");
  assert.ok(kind === null || kind.name);
  const size = sizeOf(bytes);
  assert.ok(size === null || (Number.isInteger(size.width) && Number.isInteger(size.height)), JSON.stringify(size));
});

const ROW = read("www/weights/lenet5/manifest.json").toString();
fuzzes("manifests", 1500, corpusOf([`{ "version": 1, "networks": [${ROW}] }`, `{ "version": 1, "networks": [${ROW}, ${ROW}], "building": [{ "name": "burn", "text": "waiting" }] }`]), (bytes) => {
  /** @type {any} */
  let value;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return;
  }
  const found = manifestOf(value);
  if (!found) return;
  // As the page uses it.
  for (const { id, variant, shards, own } of found.rows) {
    assert.ok(`${id.trim()} ${variant.trim()} ${own?.name.trim()} ${shards.reduce((sum, { bytes }) => sum + bytes, 0).toFixed(0)} ${shards.map(({ file, sha256 }) => file + sha256.trim())}`);
  }
  for (const { name, text } of found.building) assert.ok(typeof name.trim() === "string" && typeof text.trim() === "string");
});
