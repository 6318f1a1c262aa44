// What the page tests share: the browser, a page on the site under test, and what is read from it.
import assert from "node:assert/strict";
import { SOFTWARE_WEBGPU, start } from "./chromium.mjs";

/** Enough for a software adapter, which takes seconds for a run and more to get ready. */
export const PATIENCE = 240_000;
const STEP = 45_000;

const NO_WEBGPU = ["--disable-features=WebGPU,WebGPUService", "--disable-gpu"];

export function site() {
  const url = process.env.CONVSCOPE_URL;
  assert.ok(url, "CONVSCOPE_URL is not set: run the page tests with `cargo xtask test`, or set it to the address of a served page.");
  return url.endsWith("/") ? url : `${url}/`;
}

/**
 * A browser whose visitors have no service workers, unless they ask for them: what one test has changed on the way must not be kept.
 * @param {{ webgpu?: boolean, flags?: string[] }} [options]
 */
export async function launch({ webgpu = true, flags = [] } = {}) {
  assert.ok(process.env.CHROME, "CHROME is not set: run the page tests with `cargo xtask test`, or set it to a Chromium's path.");
  const browser = await start(process.env.CHROME, [...(webgpu ? SOFTWARE_WEBGPU : NO_WEBGPU), ...flags]);
  const newContext = browser.newContext.bind(browser);
  browser.newContext = (options) => newContext({ serviceWorkers: "block", ...options });
  return browser;
}

/**
 * A fresh visit, with empty caches.
 * @param {import("playwright-core").Browser} browser
 * @param {string} query
 * @param {{ before?: (page: import("playwright-core").Page) => Promise<unknown>, context?: import("playwright-core").BrowserContextOptions, waitUntil?: "load" | "commit" }} [options]
 */
export async function visit(browser, query, { before, context, waitUntil } = {}) {
  const page = await (await browser.newContext(context)).newPage();
  page.setDefaultTimeout(/device=webgpu/.test(query) ? PATIENCE : STEP);
  page.on("pageerror", (error) => console.log(`# uncaught on the page: ${error.message}`));
  await before?.(page);
  await page.goto(site() + query, { waitUntil });
  return page;
}

/** @param {import("playwright-core").Page} page */
export const predictionList = (page) => page.getByRole("list", { name: "Predictions", exact: true });

/**
 * Waits for predictions of the current picture; the first must be `label` where one is given.
 * @param {import("playwright-core").Page} page
 * @param {string} [label]
 */
export async function predictions(page, label) {
  const list = predictionList(page);
  const settled = page.locator('#predictions[aria-busy="false"]');
  const first = settled.getByRole("listitem").first();
  await (label ? first.filter({ has: page.getByText(label, { exact: true }) }) : first).waitFor();
  return list.getByRole("listitem").evaluateAll((rows) => rows.map((row) => ({
    label: row.querySelector(".label").textContent,
    probability: Number(row.querySelector("data").value),
    text: row.textContent,
  })));
}

/**
 * @param {import("playwright-core").Page} page
 * @param {RegExp} sentence
 */
export async function errorSays(page, sentence) {
  await page.getByRole("alert").getByText(sentence).waitFor();
}

/**
 * Waits until the page says yes with a promise. Playwright's `waitForFunction` takes the promise itself for yes.
 * @template T
 * @param {import("playwright-core").Page} page @param {(argument: T) => Promise<unknown>} condition @param {T} [argument]
 */
export async function becomes(page, condition, argument) {
  const end = Date.now() + PATIENCE;
  while (!(await page.evaluate(condition, argument))) {
    if (Date.now() > end) throw new Error(`It never became true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @param {import("playwright-core").Page} page */
export async function closeVisit(page) {
  await page.context().close();
}

/** The first sample photo's bytes, from the site itself. */
export async function coffee() {
  const response = await fetch(`${site()}www/samples/coffee.png`);
  assert.ok(response.ok, "www/samples/coffee.png is missing: run `cargo xtask setup`.");
  return Buffer.from(await response.arrayBuffer());
}

/** @returns {Promise<{ id: string, variant: string, bytes: number, shards: { file: string, bytes: number, sha256: string }[] }[]>} */
export async function manifest() {
  return (await (await fetch(`${site()}www/weights/manifest.json`)).json()).networks;
}

/**
 * A photo as a film for Chromium's fake webcam: JPEG pictures one after another.
 * @param {import("playwright-core").Browser} browser
 * @param {Buffer} photo
 * @returns {Promise<Buffer>}
 */
export async function film(browser, photo) {
  const page = await browser.newPage();
  const jpeg = await page.evaluate(async (base64) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(640, 480);
    const scale = Math.max(640 / picture.width, 480 / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d").drawImage(picture, (640 - width) / 2, (480 - height) / 2, width, height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, photo.toString("base64"));
  await page.close();
  return Buffer.concat(Array(8).fill(Buffer.from(jpeg, "base64")));
}

/**
 * What the page's first worker answers, in place of what it would: a value, an error, or its end.
 * @param {import("playwright-core").Page} page
 * @param {Record<string, { value?: unknown, error?: { code: string, message: string }, end?: true }>} replies by call
 */
export function stubFirstWorker(page, replies) {
  return page.addInitScript((replies) => {
    const Real = Worker;
    let first = true;
    globalThis.Worker = class extends Real {
      #replies = first ? replies : {};
      constructor(...args) {
        super(...args);
        first = false;
      }
      postMessage(request, transfer) {
        const reply = this.#replies[request.call];
        if (!reply) return super.postMessage(request, transfer);
        const event = reply.end ? new Event("error") : new MessageEvent("message", { data: { id: request.id, ...reply } });
        setTimeout(() => this.dispatchEvent(event));
      }
    };
  }, replies);
}
