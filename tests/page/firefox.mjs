// @ts-check
// Firefox for the page tests, steered by WebDriver BiDi through puppeteer, without a driver of its own: playwright asks for a Firefox that
// it has altered.
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";
import { site } from "./browser.mjs";

/** Why the tests in Firefox cannot run, or false where they can. */
export const missing = process.env.FIREFOX ? false : "Firefox is missing: install it (on Debian `apt-get install firefox-esr`), or name the program in the variable FIREFOX";

const PATIENCE = 45_000;
const BETWEEN = 40; // milliseconds from one look at the page to the next

/**
 * Headless, with a profile of its own that is removed when it ends.
 * @param {{ serviceWorkers?: boolean }} [options] without them, nothing that a test has changed on the way is kept
 */
export function startFirefox({ serviceWorkers = false } = {}) {
  return puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX, headless: true, extraPrefsFirefox: { "dom.serviceWorkers.enabled": serviceWorkers } });
}

/**
 * A fresh visit, with empty storages, and what has gone wrong in it so far: uncaught errors, and whatever the browser writes to its
 * console as an error, such as what the page's policy forbids.
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} address relative to the site, or absolute
 */
export async function visitIn(browser, address) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (error) => faults.push(`uncaught: ${error instanceof Error ? error.message : error}`));
  page.on("console", (message) => { if (message.type() === "error") faults.push(`console: ${message.text()}`); });
  await page.goto(new URL(address, site()).href, { waitUntil: "domcontentloaded" });
  return { page, faults, leave: () => context.close() };
}

/**
 * Waits until `look`, which runs in the page, gives something other than null, undefined, false, 0 or "", and gives that.
 * @template {unknown[]} A
 * @template {import("puppeteer-core").EvaluateFunc<A>} F
 * @param {import("puppeteer-core").Page} page
 * @param {string} what is waited for, for people
 * @param {F} look
 * @param {A} given
 * @returns {Promise<NonNullable<Awaited<ReturnType<F>>>>}
 */
export async function until(page, what, look, ...given) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await page.evaluate(look, ...given).catch((/** @type {Error} */ error) => {
      if (!isBetweenDocuments(error)) throw error;
      return null;
    });
    if (found) return found;
    if (Date.now() > end) assert.fail(`${what}: not there after ${PATIENCE / 1000} s. The page says: ${await page.evaluate(() => document.querySelector("#messages")?.textContent?.replace(/\s+/g, " ").trim())}`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
}

/** Whether the page was being loaded again just then. @param {Error} error */
const isBetweenDocuments = ({ message }) => /context was destroyed|no such frame|navigation|discarded|realm|actor/i.test(message);

/**
 * Waits until the first prediction has one of these labels, and gives all of them.
 * @param {import("puppeteer-core").Page} page
 * @param {...string} labels
 */
export function predictionsIn(page, ...labels) {
  return until(page, `${labels.join(" or ")} as the first prediction`, (/** @type {string[]} */ labels) => {
    const rows = [...document.querySelectorAll('#predictions[aria-busy="false"] li')];
    const found = rows.map((row) => ({ label: row.querySelector(".label")?.textContent ?? "", probability: Number(row.querySelector("data")?.value) }));
    return found.length > 0 && labels.includes(found[0].label) ? found : null;
  }, labels);
}
