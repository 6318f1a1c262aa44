// BVLC's real GoogLeNet on the page, from the file that tests/googlenet.rs converted. Photos of its classes are read from the folder
// that the environment variable CONVSCOPE_FIXTURES_FOLDER names.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { PATIENCE, closeVisit, launch, manifest, predictions, visit } from "./browser.mjs";
import { serveRows } from "./made.mjs";

const FOLDER = process.env.CONVSCOPE_MADE ?? "";
const ROW = path.join(FOLDER, "googlenet", "manifest.json");
const PHOTOS = path.resolve(process.env.CONVSCOPE_FIXTURES_FOLDER ?? "", "photos");
const missing = existsSync(ROW) ? false : "tests/googlenet.rs has left no converted weights: it needs the folder that CONVSCOPE_FIXTURES_FOLDER names";

/** @param {import("playwright-core").Page} page */
async function withGoogLeNet(page) {
  const rows = await manifest();
  const row = JSON.parse(readFileSync(ROW, "utf8"));
  await serveRows(page, [...rows.filter(({ id }) => id !== row.id), row]);
  await page.route("**/www/weights/googlenet/*", (route) => {
    const name = path.basename(new URL(route.request().url()).pathname);
    return route.fulfill({ body: readFileSync(path.join(FOLDER, "googlenet", name)), contentType: "application/octet-stream" });
  });
}

test("GoogLeNet names the sample photos, and more from files", { timeout: PATIENCE, skip: missing }, async () => {
  const browser = await launch();
  try {
    const page = await visit(browser, "?network=googlenet&device=cpu&source=sample:coffee", { before: withGoogLeNet });
    await predictions(page, "espresso");
    for (const [photo, label] of [["chelsea", "Egyptian cat"], ["camera", "tripod"]]) {
      await page.locator(`#samples button[data-id="${photo}"]`).click();
      await predictions(page, label);
    }
    for (const [file, label] of [["parrot.jpg", "macaw"], ["hot_dog.jpg", "hotdog"], ["dragonfly.bmp", "dragonfly"]]) {
      if (!existsSync(path.join(PHOTOS, file))) continue;
      await page.getByLabel("Picture file").setInputFiles(path.join(PHOTOS, file));
      await predictions(page, label);
    }
    await closeVisit(page);
  } finally {
    await browser.close();
  }
});

test("GoogLeNet sees the espresso alike on both devices", { timeout: PATIENCE, skip: missing }, async () => {
  const browser = await launch();
  try {
    const page = await visit(browser, "?network=googlenet&device=webgpu&source=sample:coffee", { before: withGoogLeNet });
    const webgpu = await predictions(page, "espresso");
    const onCpu = await visit(browser, "?network=googlenet&device=cpu&source=sample:coffee", { before: withGoogLeNet });
    const cpu = await predictions(onCpu, "espresso");
    for (const [i, { label, probability }] of webgpu.entries()) {
      assert.equal(label, cpu[i].label);
      assert.ok(Math.abs(probability - cpu[i].probability) < 1e-3, `${label}: ${probability} and ${cpu[i].probability}`);
    }
    await closeVisit(page);
    await closeVisit(onCpu);
  } finally {
    await browser.close();
  }
});
