// Draws the page's icons from www/app/icon.svg with a browser: CHROME=PATH node xtask/icons.mjs
//
// The results are committed. A maskable icon is cut into whatever form a system likes: its ground reaches every edge, and its sign
// lies within the circle of 80 % that is never cut.
import { readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const FOLDER = new URL("../www/app/", import.meta.url);
const GROUND = '<rect id="ground" width="24" height="24" rx="5"';
/** The sign's corners are 9.9 of 24 away from the middle with the ends of their lines; 80 % of half the width are 9.6. */
const SIGN = '<g id="sign"';
const MASKABLE = { ground: '<rect width="24" height="24"', sign: '<g transform="translate(12 12) scale(0.85) translate(-12 -12)"' };

const svg = await readFile(new URL("icon.svg", FOLDER), "utf8");
if (!svg.includes(GROUND) || !svg.includes(SIGN)) throw new Error("www/app/icon.svg has another ground or sign than this script expects");
const maskable = svg.replace(GROUND, MASKABLE.ground).replace(SIGN, MASKABLE.sign);

const browser = await chromium.launch({ executablePath: process.env.CHROME, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
for (const [name, side, source] of /** @type {[string, number, string][]} */ ([["icon-192", 192, svg], ["icon-512", 512, svg], ["icon-maskable-512", 512, maskable]])) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${side}px }</style>${source}`);
  await writeFile(new URL(`${name}.png`, FOLDER), await page.screenshot({ omitBackground: true }));
}
await browser.close();
