// Folders as people have them: odd endings, tables of other programs, files that cannot be read, and very many.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, site, visit } from "./browser.mjs";

let browser;
/** @type {string} */
let folder;
/** A photo of an espresso. @type {Buffer} */
let photo;
before(async () => {
  browser = await launch({ webgpu: false });
  folder = await mkdtemp(join(tmpdir(), "convscope-"));
  photo = Buffer.from(await (await fetch(`${site()}www/samples/page/coffee.jpg`)).arrayBuffer());
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

/**
 * @param {string} name of a folder
 * @param {Record<string, string | Buffer>} files by their paths within
 */
async function make(name, files) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, path)), { recursive: true });
    await writeFile(join(folder, name, path), content);
  }
  return join(folder, name);
}

/** @param {(page: import("playwright-core").Page) => Promise<unknown>} [before] */
async function open(before) {
  const page = await visit(browser, "?networks=squeezenet1_1&device=cpu&tab=folder", { before });
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  return page;
}

/**
 * Evaluates a folder.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {Record<string, string | Buffer>} files
 * @returns {Promise<string>} the summary
 */
async function evaluated(page, name, files) {
  const announcement = page.locator("#folder-announcement");
  await page.locator("#folder-input").setInputFiles(await make(name, files));
  // The announcement changes to “being evaluated” in between, perhaps too soon to be seen.
  await page.locator("#folder-summary").filter({ hasText: /^The folder has been evaluated\./ }).waitFor();
  await announcement.getByText("The folder has been evaluated.").waitFor({ state: "attached" });
  const summary = await page.locator("#folder-summary").textContent();
  await page.locator("#folder-summary").evaluate((line) => { line.textContent = ""; });
  return summary;
}

test("what is a picture is seen whatever its name, and what is none is named", { timeout: PATIENCE }, async () => {
  const page = await open();
  const summary = await evaluated(page, "endings", {
    "espresso/a.JPEG": photo,
    "espresso/b.jfif": photo,
    "espresso/c.pjpeg": photo,
    "espresso/d.jpe": photo,
    "espresso/e.png": photo,
    "espresso/no ending": photo,
    "espresso/photo.txt": photo,
    "espresso/broken.heic": "no picture",
    "espresso/drawing.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "espresso/notes.txt": "no picture",
    "espresso/empty": "",
    "espresso/.hidden.jpg": photo,
  });
  assert.match(summary, /^The folder has been evaluated\. 7 pictures, .*; all with a label\. One file could not be opened as a picture: endings\/espresso\/broken\.heic \(not a picture, but a text\)\. Left out, as they are no pictures: “endings\/espresso\/drawing\.svg”, “endings\/espresso\/empty”, “endings\/espresso\/notes\.txt”\.$/);
  assert.match(await page.locator("#folder-scores tbody td").first().textContent(), /^100/);
  await page.locator("#folder-input").setInputFiles(await make("none", { "espresso/drawing.svg": "<svg/>", "notes.txt": "" }));
  await errorSays(page, /There are no pictures in that folder, only 2 other files, such as “none\/espresso\/drawing\.svg”/);
  await closeVisit(page);
});

test("folders with a year, a date, a count or another set's number have no label, those of ImageNet have", { timeout: PATIENCE }, async () => {
  const page = await open();
  const holiday = await evaluated(page, "holiday", Object.fromEntries(["2023", "2023-05-12", "24-12-2022", "12 Christmas", "100_0512", "3 cats", "001.ak47"].map((name) => [`${name}/1.jpg`, photo])));
  assert.match(holiday, /^The folder has been evaluated\. 7 pictures, .*; none with a label/);
  const ids = await evaluated(page, "wordnet", { "n07920052/n07920052_1.JPEG": photo, "n01440764/n01440764_1.JPEG": photo });
  assert.match(ids, /^The folder has been evaluated\. 2 pictures, .*; all with a label/);
  assert.match(await page.locator("#folder-scores tbody td").first().textContent(), /^50/);
  assert.match(await evaluated(page, "numbers", { "967/1.jpg": photo, "0/1.jpg": photo }), /; all with a label/);
  await closeVisit(page);
});

test("tables as spreadsheets, pandas and competitions write them", { timeout: PATIENCE }, async () => {
  const page = await open();
  const utf16 = Buffer.from("\ufefffile\tlabel\r\nILSVRC2012_val_1.JPEG\t967\r\n", "utf16le");
  const tables = {
    semicolons: "file;label\r\nILSVRC2012_val_1.JPEG;967\r\n",
    utf16,
    fractions: "file,label\nILSVRC2012_val_1.JPEG,967.0\n",
    boxes: "ImageId,PredictionString\nILSVRC2012_val_1,n07920052 85 1 499 272 \n",
    ids: "ImageId,Class\nILSVRC2012_val_1,n07920052\n",
    quoted: '"file","label"\n"pictures/ILSVRC2012_val_1.JPEG","espresso"\n',
  };
  for (const [name, table] of Object.entries(tables)) {
    const summary = await evaluated(page, name, { "pictures/ILSVRC2012_val_1.JPEG": photo, "labels.csv": table });
    assert.match(summary, /^The folder has been evaluated\. 1 picture, .*; all with a label\.$/, name);
    assert.match(await page.locator("#folder-scores tbody td").first().textContent(), /^100/, name);
  }
  const accents = await evaluated(page, "accents", { "cafe\u0301.jpg": photo, "labels.csv": "file,label\ncaf\u00e9.jpg,espresso\n" });
  assert.match(accents, /; all with a label/);
  const strange = await evaluated(page, "strange", { "1.jpg": photo, "labels.csv": "picture,category\nother.jpg,ristretto\n" });
  assert.match(strange, /; none with a label\. Of the table “labels\.csv”, the columns “picture” and “category” were read, and the first row is “other\.jpg”, “ristretto”\. A row is looked for that names a picture's file/);
  await closeVisit(page);
});

/**
 * The next drop has this folder, as the browser's file system has it.
 * @param {import("playwright-core").Page} page
 * @param {{ files: number, closed?: boolean }} contents
 */
const replaceDrops = (page, contents) => page.evaluate(({ files, closed }) => {
  const file = (/** @type {number} */ i) => ({ isFile: true, isDirectory: false, fullPath: `/set/train/${i}.jpg`, name: `${i}.jpg`, file: (done) => done(new File(["no picture"], `${i}.jpg`)) });
  const directory = (/** @type {string} */ path, /** @type {any[][] | null} */ batches) => ({
    isFile: false,
    isDirectory: true,
    fullPath: path,
    createReader: () => ({ readEntries: (done, fail) => (batches ? done(batches.shift() ?? []) : fail(new DOMException("A URI supplied to the API was malformed.", "EncodingError"))) }),
  });
  DataTransferItem.prototype.webkitGetAsEntry = () => /** @type {any} */ (directory("/set", [[
    directory("/set/train", [Array.from({ length: files }, (_, i) => file(i))]),
    ...(closed ? [directory("/set/locked", null)] : []),
  ]]));
}, contents);

/** @param {import("playwright-core").Page} page */
const drop = (page) => page.evaluate(() => {
  const data = new DataTransfer();
  data.items.add(new File(["x"], "set"));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
});

test("a folder that cannot be read, one with 200,000 files, and a second one on the way", { timeout: PATIENCE }, async () => {
  /** @type {string[]} */
  const uncaught = [];
  const page = await open(async (page) => page.on("pageerror", ({ message }) => uncaught.push(message)));
  await replaceDrops(page, { files: 0, closed: true });
  await drop(page);
  await errorSays(page, /The folder “set\/locked” could not be read\. Check that its files may be read/);

  await replaceDrops(page, { files: 2, closed: true });
  await drop(page);
  await errorSays(page, /None of the folder's files could be opened as a picture: set\/train\/0\.jpg \(not a picture, but a text\), set\/train\/1\.jpg \(not a picture, but a text\)\. The folder “set\/locked” could not be read/);

  await replaceDrops(page, { files: 200_000 });
  await drop(page);
  await page.locator("#folder-status").getByText(/of 200000 pictures/).waitFor();
  await drop(page);
  await errorSays(page, /The folder before is still being evaluated/);
  await page.getByRole("button", { name: "Cancel" }).and(page.locator("#folder-cancel")).click();
  await page.locator("#folder-cancel").waitFor({ state: "hidden" });
  assert.deepEqual(uncaught, []);
  await closeVisit(page);
});

test("a picture on which the decoder breaks down does not end the walk", { timeout: PATIENCE }, async () => {
  const page = await open((page) => page.route("**/www/decoder.js", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("drawStill(canvas, picture);", 'if (blob.name?.includes("cursed")) throw new RangeError("out of memory"); drawStill(canvas, picture);');
    await route.fulfill({ response, body });
  }));
  const summary = await evaluated(page, "cursed", { "espresso/a.jpg": photo, "espresso/cursed.jpg": photo, "espresso/z.jpg": photo });
  assert.match(summary, /^The folder has been evaluated\. 3 pictures, .*; all with a label\.$/);
  await closeVisit(page);
});
