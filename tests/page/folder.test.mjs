// A folder of pictures is seen by networks: accuracy by labels, agreement, speed, memory.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bareRate } from "./bare.mjs";
import { PATIENCE, closeVisit, errorSays, launch, manifest, site, visit } from "./browser.mjs";
import { serveRows } from "./made.mjs";
import { longTasks, watchTasks } from "./tasks.mjs";

const MANY = 500;
const SIDE = 240; // pixels, the shorter one
/** Without it, a page that is isolated starts no worker of this script. */
const ISOLATED = { "cross-origin-embedder-policy": "require-corp" };
const CLASSES = [["coffee", "espresso"], ["chelsea", "285_Egyptian cat"], ["camera", "n04485082_tripod"], ["rocket", "unlabelled"]];

let browser;
/** @type {string} */
let folder;
before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "convscope-"));
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

/**
 * Cut-outs of the sample photos, each one another, as JPEG files.
 * @param {string} name of the folder
 * @param {number} count
 */
async function makeFolder(name, count) {
  const page = await visit(browser, "www/samples.json");
  const samples = JSON.parse(await (await fetch(`${site()}www/samples.json`)).text());
  for (const [n, [id, label]] of CLASSES.entries()) {
    await mkdir(join(folder, name, label), { recursive: true });
    const { file } = samples.find((sample) => sample.id === id);
    const own = Math.ceil((count - n) / CLASSES.length);
    const pictures = await page.evaluate(async ({ url, own, side }) => {
      const photo = await createImageBitmap(await (await fetch(url)).blob());
      const canvas = new OffscreenCanvas((side * 4) / 3, side);
      const context = canvas.getContext("2d");
      const made = [];
      for (let i = 0; i < own; i++) {
        const share = 0.85 + 0.15 * ((i * 0.618) % 1); // of the photo's shorter side
        const square = share * Math.min(photo.width, photo.height);
        const [left, top] = [((photo.width - square) * (i % 7)) / 12 + (photo.width - square) / 4, (photo.height - square) / 2];
        context.fillStyle = "#888";
        context.fillRect(0, 0, canvas.width, side);
        context.drawImage(photo, left, top, square, square, side / 6, 0, side, side);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
        made.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
      }
      return made;
    }, { url: `${site()}www/samples/${file}`, own, side: SIDE });
    await Promise.all(pictures.map((base64, i) => writeFile(join(folder, name, label, `${String(i).padStart(4, "0")}.jpg`), Buffer.from(base64, "base64"))));
  }
  await closeVisit(page);
  return join(folder, name);
}

/**
 * Drops files and folders as a file manager does.
 * @param {import("playwright-core").Page} page
 * @param {string[]} files
 */
async function drop(page, files) {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await client.send("Input.dispatchDragEvent", { type: /** @type {any} */ (type), x: 300, y: 300, data });
}

/** @param {import("playwright-core").Page} page */
const done = (page) => page.locator("#folder-announcement").getByText("The folder has been evaluated.").waitFor({ timeout: PATIENCE, state: "attached" });

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of a network
 * @returns {Promise<string[]>} its line in the table of scores
 */
const scores = (page, name) => page.locator("#folder-scores tr", { hasText: name }).locator("td").allTextContents();

/** Megabytes that the pages' processes hold. */
async function memory() {
  const client = await browser.newBrowserCDPSession();
  const { processInfo } = await client.send("SystemInfo.getProcessInfo");
  let sum = 0;
  for (const { type, id } of processInfo) {
    if (type !== "renderer") continue;
    sum += Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${id}/status`, "utf8"))[1]) / 1024;
  }
  await client.detach();
  return sum;
}

test("500 pictures dropped as a folder: at the engine's own speed, in memory that stays", { timeout: PATIENCE }, async (t) => {
  const many = await makeFolder("many", MANY);
  const earlier = await bareRate(browser, "efficientnet_lite0", SIDE);
  const page = await visit(browser, "?networks=efficientnet_lite0&device=cpu&tab=folder", { before: watchTasks });
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  await drop(page, [many]);
  const seen = async () => Number(/^(\d+) of/.exec(await page.locator("#folder-status").textContent())?.[1] ?? 0);
  const peak = async (from, to) => {
    let most = 0;
    for (let at = 0; at < to * MANY; at = await seen()) {
      if (at >= from * MANY) most = Math.max(most, await memory());
      await page.waitForTimeout(250);
    }
    return most;
  };
  const early = await peak(0.1, 0.4);
  const tasks = await longTasks(page, 2000);
  const grown = (await peak(0.6, 0.9)) - early;
  await done(page);
  // Other programs slow either side down for a while: the folder has more chances to show what it is capable of.
  let [before, rate, summary, off] = [earlier, 0, "", ""];
  for (let attempt = 0; attempt < 3; attempt++) {
    if (attempt) {
      await page.getByRole("button", { name: "Run again" }).click();
      await page.locator("#folder-announcement").getByText("The folder is being evaluated.").waitFor({ state: "attached" });
      await done(page);
    }
    const after = await bareRate(browser, "efficientnet_lite0", SIDE);
    summary = await page.locator("#folder-summary").textContent();
    rate = Number(/([\d.]+) a second/.exec(summary)[1]);
    t.diagnostic(`${summary} Bare: ${before.toFixed(1)} and ${after.toFixed(1)} a second.`);
    off = rate >= 0.85 * Math.min(before, after) ? "" : `${rate} a second, and ${before} and ${after} of a bare engine`;
    if (!off) break;
    before = after;
  }
  t.diagnostic((await page.locator("#folder-scores").textContent()));
  t.diagnostic(`Memory: ${grown.toFixed(1)} MB more. Long tasks: ${tasks.join(", ") || "none"}.`);
  assert.match(summary, /^The folder has been evaluated\. 500 pictures, /);
  assert.equal(off, "");
  assert.ok(grown < 30, `${grown} MB more after ${MANY / 2} pictures more`); // their frames alone would be 58 MB
  assert.deepEqual(tasks, []);
  const [top1, , top5] = await scores(page, "EfficientNet-Lite0");
  assert.ok(Number.parseFloat(top1) > 60 && Number.parseFloat(top5) >= Number.parseFloat(top1), `top-1 ${top1}, top-5 ${top5}`);
  await page.getByText(/; 375 with a label\. No class has the name of this folder: “unlabelled”\.$/).waitFor();
  await closeVisit(page);
});

test("a folder with a table, one file that is no picture, and three networks", { timeout: PATIENCE }, async () => {
  const few = await makeFolder("few", 12);
  await writeFile(join(few, "broken.jpg"), "no picture");
  await writeFile(join(few, "labels.csv"), "file,label\nespresso/0000.jpg,espresso\nespresso/0001.jpg,tench\n");
  const page = await visit(browser, "?networks=lenet5,squeezenet1_1,efficientnet_lite0,efficientnet_lite1&device=cpu&tab=folder", {
    before: async (page) => serveRows(page, (await manifest()).filter(({ id }) => id !== "squeezenet1_1")),
  });
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  await page.locator("#folder-input").setInputFiles(few);
  await done(page);
  await page.getByText(/^The folder has been evaluated\. 12 pictures, .* a second on the CPU; 2 with a label\. One file could not be opened as a picture: few\/broken\.jpg \(not a picture, but a text\)\. Not asked, as they have random weights: SqueezeNet 1\.1\.$/).waitFor();
  for (const name of ["EfficientNet-Lite0", "EfficientNet-Lite1"]) assert.equal((await scores(page, name))[0], "50.0\u00a0%", name);
  assert.deepEqual((await scores(page, "LeNet-5")).slice(0, 3), ["–", "–", "–"]);
  const cells = await page.locator("#folder-agreements td:not(.self)").allTextContents();
  assert.equal(cells.length, 2);
  assert.equal(cells[0], cells[1]);
  assert.match(cells[0], /^\d+\s% · [1-5]\.\d$/);

  await page.locator("#folder-table-input").setInputFiles({ name: "other.csv", mimeType: "text/csv", buffer: Buffer.from('"espresso/0001.jpg","espresso"\n') });
  await page.getByText("Labels: other.csv").waitFor();
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByText(/; 1 with a label\./).waitFor();
  assert.equal((await scores(page, "EfficientNet-Lite0"))[0], "100.0\u00a0%");
  await closeVisit(page);
});

test("a folder is seen in 8-bit and in 32-bit arithmetic: how often both name the same class stands beside the table", { timeout: PATIENCE }, async () => {
  const few = await makeFolder("both", 8);
  const page = await visit(browser, "?networks=squeezenet1_1,efficientnet_lite0&device=webgpu&tab=folder", {
    before: (page) => page.addInitScript(() => {
      globalThis.created = [];
      const Real = Worker;
      globalThis.Worker = class extends Real {
        postMessage(request, transfer) {
          if (request.call === "create") globalThis.created.push([request.args[0], request.args[1].arithmetic]);
          super.postMessage(request, transfer);
        }
      };
    }),
  });
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  await page.getByRole("checkbox", { name: /^Compare 8-bit with 32-bit arithmetic/ }).check();
  await page.locator("#folder-input").setInputFiles(few);
  await done(page);
  await page.getByText(/^The folder has been evaluated\. 8 pictures, .* a second on the CPU in 32-bit and 8-bit arithmetic;/).waitFor();
  assert.deepEqual((await page.evaluate(() => globalThis.created)).slice(-2), [["cpu", "f32"], ["cpu", "int8"]]);
  const names = ["SqueezeNet 1.1", "EfficientNet-Lite0"];
  const said = (await page.locator("#folder-arithmetic").textContent()) ?? "";
  const shares = names.map((name) => Number(new RegExp(`${name} for ([\\d.]+)\\s%`).exec(said)?.[1]));
  assert.ok(shares.every((share) => share >= 50 && share <= 100), said);
  assert.match(said, /^In 8-bit arithmetic, the same first class .* of the 8 pictures\.$/);
  assert.deepEqual(await page.locator("#folder-agreements tbody th").allTextContents(), ["1 SqueezeNet 1.1", "2 EfficientNet-Lite0", "3 SqueezeNet 1.1, 8-bit", "4 EfficientNet-Lite0, 8-bit"]);
  const cells = await page.locator("#folder-agreements tbody tr").first().locator("td").allTextContents();
  assert.equal(Number.parseInt(cells[2]), Math.round(shares[0]), "the matrix tells the same");
  await closeVisit(page);
});

test("ImageNet's validation pictures are known by their names: published accuracies stand beside the measured ones, and only there", { timeout: PATIENCE }, async () => {
  const list = new Uint16Array(await (await fetch(`${site()}www/data/validation.bin`)).arrayBuffer());
  assert.equal(list.length, 50_000, "www/data/validation.bin is missing: run `cargo xtask setup`.");
  const nameOf = (/** @type {number} */ index) => `ILSVRC2012_val_${String(list.indexOf(index) + 1).padStart(8, "0")}.JPEG`;
  const flat = join(folder, "val");
  await mkdir(flat, { recursive: true });
  const photo = async (/** @type {string} */ file) => Buffer.from(await (await fetch(`${site()}www/samples/${file}`)).arrayBuffer());
  // The last one has the name of a tench: three of four are right.
  for (const [file, index] of /** @type {const} */ ([["coffee.png", 967], ["chelsea.png", 282], ["camera.png", 872], ["coffee.png", 0]])) await writeFile(join(flat, nameOf(index)), await photo(file));

  const choose = (/** @type {import("playwright-core").Page} */ page) => page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  const heads = (/** @type {import("playwright-core").Page} */ page) => page.locator("#folder-scores thead th").allTextContents();
  let asked = 0;
  const page = await visit(browser, "?networks=lenet5,efficientnet_lite0&device=cpu&tab=folder", { before: (page) => page.route("**/validation.bin", (route) => { asked++; return route.continue(); }) });
  await choose(page);
  await page.locator("#folder-input").setInputFiles(flat);
  await done(page);
  await page.getByText(/^The folder has been evaluated\. 4 pictures, .*; all with a label of ImageNet's validation set\.$/).waitFor();
  assert.deepEqual(await heads(page), ["Network", "Top-1", "95 % interval", "Published top-1", "Top-5", "95 % interval", "Published top-5", "Time of one"]);
  assert.deepEqual((await scores(page, "EfficientNet-Lite0")).slice(0, 6), ["75.0\u00a0%", "30.1–95.4\u00a0%", "75.1\u00a0%", "75.0\u00a0%", "30.1–95.4\u00a0%", "–"]);
  assert.deepEqual((await scores(page, "LeNet-5")).slice(0, 6), ["–", "–", "–", "–", "–", "–"]);
  assert.equal(
    await page.locator("#folder-published").textContent(),
    "The published top-1 is within the 95 % interval of what was measured for EfficientNet-Lite0. Published figures are of all 50,000 pictures, of weights in single precision, and of preprocessing that differs from source to source. 4 of these pictures were seen: the interval allows for chance, as if they had been drawn at random, but not for a folder that has only some of the classes.",
  );
  assert.equal(asked, 1);

  // Somebody else's labels are no ground for a comparison, and neither are other pictures among these.
  await page.locator("#folder-table-input").setInputFiles({ name: "own.csv", mimeType: "text/csv", buffer: Buffer.from(`file,label\n${nameOf(0)},espresso\n`) });
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByText(/; all with a label\.$/).waitFor();
  assert.deepEqual(await heads(page), ["Network", "Top-1", "95 % interval", "Top-5", "95 % interval", "Time of one"]);
  assert.equal((await scores(page, "EfficientNet-Lite0"))[0], "100.0\u00a0%");
  assert.equal(await page.locator("#folder-published").textContent(), "");
  await closeVisit(page);

  await mkdir(join(folder, "sorted", "espresso"), { recursive: true });
  await writeFile(join(folder, "sorted", "espresso", nameOf(967)), await photo("coffee.png"));
  await writeFile(join(folder, "sorted", nameOf(282)), await photo("chelsea.png"));
  const without = await visit(browser, "?networks=efficientnet_lite0&device=cpu&tab=folder", { before: (page) => page.route("**/validation.bin", (route) => route.fulfill({ status: 404 })) });
  await choose(without);
  await without.locator("#folder-input").setInputFiles(join(folder, "sorted"));
  await done(without);
  await without.getByText(/; 1 with a label\. .*Pictures are named as in ImageNet's validation set of 50,000, but their classes are not on this server/).waitFor();
  assert.equal((await scores(without, "EfficientNet-Lite0"))[0], "100.0\u00a0%");
  assert.equal(await without.locator("#folder-published").textContent(), "");
  await closeVisit(without);
});

test("a text file with pictures and classes is a table; another one is left out", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=squeezenet1_1&device=cpu&tab=folder");
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  const set = await makeFolder("listed", 4);
  const list = ["/data/listed/espresso/0000.jpg 967", "/data/listed/285_Egyptian cat/0000.jpg 285", "/data/listed/unlabelled/0000.jpg 657"].join("\r\n");
  await writeFile(join(set, "val.txt"), list);
  await page.locator("#folder-input").setInputFiles(set);
  await done(page);
  await page.locator("#folder-summary").getByText(/4 pictures, .*; 3 with a label\.$/).waitFor();
  await writeFile(join(set, "val.txt"), "These are pictures of 2023.");
  await page.locator("#folder-input").setInputFiles(set);
  await page.locator("#folder-summary").getByText(/; 3 with a label\..* Left out, as it is no picture: “listed\/val\.txt”\.$/).waitFor({ timeout: PATIENCE });
  const again = async (/** @type {Record<string, string>} */ tables) => {
    for (const [name, text] of Object.entries(tables)) await writeFile(join(set, name), text);
    await page.locator("#folder-input").setInputFiles(set);
  };
  await again({ "train.csv": "file,label\nespresso/0000.jpg,967\n", "test.csv": "file,label\nunlabelled/0000.jpg,657\n" });
  await page.locator("#folder-summary").getByText(/; 2 with a label\..* Left out, as it is no picture: “listed\/val\.txt”\.$/).waitFor({ timeout: PATIENCE });
  await again({ "test.csv": "file,label\nespresso/0000.jpg,0\n" });
  await page.locator("#folder-summary").getByText(/; 3 with a label\..* The tables “test\.csv” and “train\.csv” say different things of the same picture, so that none was read\. Choose one with “Labels from a table”\.$/).waitFor({ timeout: PATIENCE });
  await page.locator("#folder-table-input").setInputFiles({ name: "wide.csv", mimeType: "text/csv", buffer: Buffer.from("image_id,healthy,rust\n0000,0,1\n") });
  await mkdir(join(folder, "plain"), { recursive: true });
  await writeFile(join(folder, "plain", "0000.jpg"), await readFile(join(set, "espresso", "0000.jpg")));
  await page.locator("#folder-input").setInputFiles(join(folder, "plain"));
  await page.locator("#folder-summary").getByText(/ The table “wide\.csv” has the columns “image_id”, “healthy”, “rust”\. Call the one with the pictures' files “file” and the one with their classes “label”, and run it again\./).waitFor({ timeout: PATIENCE });
  await closeVisit(page);
});

test("a drive, or a decoder, that never answers can be cancelled, and the next folder is taken", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=squeezenet1_1&device=cpu&tab=folder", {
    before: (page) => page.addInitScript(() => {
      // By way of an entry: not every Chromium has a global name for what reads a folder.
      const entryOf = DataTransferItem.prototype.webkitGetAsEntry;
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        const entry = entryOf.call(this);
        const reader = entry?.isDirectory && Object.getPrototypeOf(/** @type {FileSystemDirectoryEntry} */ (entry).createReader());
        if (reader && !("isDelayed" in reader)) {
          const read = reader.readEntries;
          Object.assign(reader, { isDelayed: true, readEntries(/** @type {any[]} */ ...calls) {
            if ("drivesAnswer" in window) read.apply(this, calls);
          } });
        }
        return entry;
      };
    }),
  });
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  const some = await makeFolder("answering", 4);
  const cancel = page.getByRole("button", { name: "Cancel" }).and(page.locator("#folder-cancel"));
  await drop(page, [some]);
  await page.locator("#folder-status").getByText("Reading the folder").waitFor();
  await cancel.click();
  await cancel.waitFor({ state: "hidden" });
  assert.equal(await page.getByRole("alert").textContent(), "");

  await page.evaluate(() => Object.assign(window, { drivesAnswer: true }));
  const silent = 'addEventListener("message", () => {});';
  await page.route("**/www/decoder.js", (route) => route.fulfill({ contentType: "text/javascript", headers: ISOLATED, body: silent }));
  await drop(page, [some]);
  await page.locator("#folder-status").getByText(/^0 of 4|Starting/).waitFor();
  await page.waitForTimeout(1000);
  await cancel.click();
  await cancel.waitFor({ state: "hidden" });

  await page.unroute("**/www/decoder.js");
  await page.evaluate(() => {
    DataTransferItem.prototype.webkitGetAsEntry = () => {
      throw new Error("not here");
    };
  });
  await drop(page, [0, 1].map((i) => join(some, CLASSES[i][1], "0000.jpg")));
  await done(page);
  await page.locator("#folder-summary").getByText(/ 2 pictures, /).waitFor();
  await closeVisit(page);
});

test("cancelled on the way, what was seen counts; no pictures, and no weights, are told", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=efficientnet_lite2&device=cpu&tab=folder");
  await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
  await mkdir(join(folder, "empty"), { recursive: true });
  await writeFile(join(folder, "empty", "notes.txt"), "no picture");
  await page.locator("#folder-input").setInputFiles(join(folder, "empty"));
  await errorSays(page, /There are no pictures in that folder/);

  await page.locator("#folder-input").setInputFiles(await makeFolder("some", 200));
  await page.locator("#folder-status").getByText(/^[1-9]\d* of 200 pictures/).waitFor();
  await page.getByRole("button", { name: "Cancel" }).and(page.locator("#folder-cancel")).click();
  await page.getByText(/^The evaluation was cancelled\. \d+ pictures?, /).waitFor({ timeout: 5000 });
  assert.equal(await page.getByRole("alert").textContent(), "");
  await page.getByRole("heading", { name: "Results" }).waitFor();
  await page.locator("#folder-scores").getByRole("button", { name: "Top-1", exact: true }).click();
  await page.locator("#explanation").getByText(/^The share of test pictures/).waitFor();
  await page.keyboard.press("Escape");

  await page.locator("#folder-input").setInputFiles(join(folder, "empty"));
  await errorSays(page, /There are no pictures in that folder/);
  assert.ok(await page.getByRole("heading", { name: "Results" }).isHidden(), "results of another folder stand below it");
  assert.ok(await page.getByRole("button", { name: "Run again" }).isHidden());
  await closeVisit(page);

  const without = await visit(browser, "?networks=squeezenet1_1&device=cpu&tab=folder", {
    before: async (page) => serveRows(page, (await manifest()).filter(({ id }) => id !== "squeezenet1_1")),
  });
  await without.getByRole("button", { name: "Choose a folder" }).and(without.locator(":enabled")).waitFor();
  await without.locator("#folder-input").setInputFiles(join(folder, "some"));
  await errorSays(without, /None of the chosen networks has its weights on this server/);
  await closeVisit(without);
});
