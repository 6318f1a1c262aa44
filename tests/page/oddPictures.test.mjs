// Odd picture files: each ends in an answer or in a sentence, and the page goes on.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, site, visit } from "./browser.mjs";
import { oddPictures, seven } from "./oddPictures.mjs";

const GOOD = "grey.png";
const QUERY = "?network=lenet5&device=cpu";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** The seven, as the browser itself writes it. @param {import("playwright-core").Page} page @returns {Promise<import("./oddPictures.mjs").Drawn>} */
async function drawn(page) {
  const squares = Array.from({ length: 600 }, (_, i) => seven(i % 30, Math.floor(i / 30)));
  const base64 = await page.evaluate(async (squares) => {
    const drawn = (paper, ink) => {
      const canvas = new OffscreenCanvas(240, 160);
      const context = canvas.getContext("2d");
      context.fillStyle = paper;
      context.fillRect(0, 0, 240, 160);
      context.fillStyle = ink;
      squares.forEach((shade, i) => { if (!shade) context.fillRect(8 * (i % 30), 8 * Math.floor(i / 30), 8, 8); });
      return canvas;
    };
    const file = async (canvas, type) => {
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    };
    const keyFrame = async (canvas) => {
      const config = { codec: "av01.0.04M.08", width: 240, height: 160 };
      if (!("VideoEncoder" in globalThis) || !(await VideoEncoder.isConfigSupported(config)).supported) return null;
      const bytes = [];
      const encoder = new VideoEncoder({ error: () => {}, output: (chunk) => { chunk.copyTo(bytes[0] = new Uint8Array(chunk.byteLength)); } });
      encoder.configure(config);
      encoder.encode(new VideoFrame(canvas, { timestamp: 0 }), { keyFrame: true });
      await encoder.flush();
      return btoa(Array.from(bytes[0], (byte) => String.fromCharCode(byte)).join(""));
    };
    return {
      av1: await keyFrame(drawn("#fff", "#000")),
      jpeg: await file(drawn("#fff", "#000"), "image/jpeg"),
      png: await file(drawn("#fff", "#000"), "image/png"),
      webp: await file(drawn("#fff", "#000"), "image/webp"),
      clearWebp: await file(drawn("transparent", "#000"), "image/webp"),
      otherWebp: await file(drawn("#fff", "#fff"), "image/webp"),
    };
  }, squares);
  return Object.fromEntries(Object.entries(base64).map(([name, text]) => [name, text && Buffer.from(text, "base64")]));
}

/**
 * Opens a file, and waits for what comes of it.
 * @param {import("playwright-core").Page} page
 * @param {{ name: string, bytes: Buffer }} file
 * @returns {Promise<{ said: string } | { label: string, seen: string }>}
 */
async function outcomeOf(page, { name, bytes }) {
  const before = await page.evaluate(async () => (await import("/www/state.js")).state.picture);
  await page.locator("#file").setInputFiles({ name, mimeType: "", buffer: bytes });
  return page.evaluate(async ({ name, before }) => {
    const { state } = await import("/www/state.js");
    const look = () => {
      const said = [...document.querySelectorAll('[role="alert"] .message')].map(({ textContent }) => textContent).find((text) => text.includes(`“${name}”`));
      if (said) return { said };
      const list = document.querySelector('#predictions[aria-busy="false"]');
      const isShown = document.querySelector("#caption").textContent.includes(name);
      return list && isShown && state.source.name === name && state.picture > before && { list };
    };
    let found;
    for (const start = performance.now(); !(found = look()); await new Promise((next) => setTimeout(next, 10))) {
      if (performance.now() - start > 20_000) return { said: "nothing in 20 seconds" };
    }
    if (found.said) return found;
    const { width, height } = state.still;
    const context = new OffscreenCanvas(Math.min(width, 256), Math.min(height, 256)).getContext("2d");
    context.drawImage(state.still, 0, 0);
    const sum = await crypto.subtle.digest("SHA-256", context.getImageData(0, 0, context.canvas.width, context.canvas.height).data);
    const none = document.querySelector("#no-predictions").textContent;
    const rows = [...found.list.querySelectorAll("li")].map((row) => ({ label: row.querySelector(".label").textContent, probability: row.querySelector("data").value }));
    return { label: rows[0]?.label ?? none, seen: JSON.stringify([rows, width, height, [...new Uint8Array(sum)]]) };
  }, { name, before });
}

/** What is wrong with an outcome, or null. @param {import("./oddPictures.mjs").Odd} file @param {Awaited<ReturnType<typeof outcomeOf>>} found */
function fault({ name, outcome }, found) {
  const isRight = "said" in found ? outcome instanceof RegExp && outcome.test(found.said) : outcome === "" || found.label === outcome;
  return isRight ? null : `${name}: ${"said" in found ? found.said : `the answer “${found.label}”`} instead of ${outcome}`;
}

test("each odd picture ends in an answer or in a sentence, and the page goes on", { timeout: PATIENCE }, async (t) => {
  const page = await visit(browser, QUERY);
  const faults = [];
  page.on("pageerror", ({ message }) => faults.push(`uncaught: ${message}`));
  page.on("request", (request) => { if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site())) faults.push(`asked for: ${request.url()}`); });
  const files = oddPictures(await drawn(page));
  const good = files.find(({ name }) => name === GOOD);
  const turned = [];
  for (const file of files) {
    const found = await outcomeOf(page, file);
    faults.push(fault(file, found));
    if (/^turned-[1-8]\./.test(file.name)) turned.push("seen" in found ? found.seen : found.said);
    if ("said" in found) faults.push(fault(good, await outcomeOf(page, good)));
  }
  assert.deepEqual(faults.filter(Boolean), []);
  assert.equal(turned.length, 8);
  assert.deepEqual([...new Set(turned)], [turned[0]], "the pixels and probabilities are the same however the camera was held");
  assert.equal(await page.evaluate(() => globalThis.ran), undefined, "no file's script has run");
  t.diagnostic(`${files.length} files, ${files.filter(({ outcome }) => outcome instanceof RegExp).length} of them refused`);
  await closeVisit(page);
});

test("a folder that is dropped where one picture is looked at is told where folders go, and a picture answers after it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, QUERY);
  const good = oddPictures(await drawn(page)).find(({ name }) => name === GOOD);
  assert.equal(fault(good, await outcomeOf(page, good)), null);
  const folder = await mkdtemp(join(tmpdir(), "pictures-"));
  const devtools = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, x: 200, y: 300, data: { items: [], files: [folder], dragOperationsMask: 1 } });
  }
  await errorSays(page, /is not there any more, or is a folder\. Choose the file again\. Folders are taken in “Compare”, under “Many pictures”\./);
  assert.equal(fault(good, await outcomeOf(page, good)), null);
  await rm(folder, { recursive: true });
  await closeVisit(page);
});
