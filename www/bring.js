// @ts-check
import { PART_MISSING } from "./pure/failure.js";

/** Loads libraries and style sheets when a view needs them. `cargo xtask setup` puts the libraries into www/vendor. */

/** @type {Map<string, Promise<unknown>>} */
const brought = new Map();

/** @returns {Promise<typeof import("@observablehq/plot")>} charts */
export async function bringPlot() {
  await bringD3(); // which Plot needs
  await bringScript("plot.umd.min.js");
  return /** @type {any} */ (globalThis).Plot;
}

/** @returns {Promise<{ dsvFormat: (delimiter: string) => { parseRows: (text: string) => string[][] } }>} of D3 what is used here */
export async function bringD3() {
  await bringScript("d3.min.js");
  return /** @type {any} */ (globalThis).d3;
}

/** @param {string} file */
function bringScript(file) {
  const src = new URL(`./vendor/${file}`, import.meta.url).href;
  return bring(src, () => Object.assign(document.createElement("script"), { src }), `${file} could not be loaded. Check the connection and try again; on the server, \`cargo xtask setup\` brings it.`);
}

/** @param {URL} url of a style sheet */
export function bringStyle({ href }) {
  return bring(href, () => Object.assign(document.createElement("link"), { rel: "stylesheet", href }), "The page's style could not be loaded. Check the connection and reload the page.");
}

/**
 * @param {URL} url of a file that belongs to the page
 * @returns {Promise<Response>} rejects with a sentence
 */
export async function fetchPart(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(PART_MISSING);
  return response;
}

/**
 * @param {URL} url of a part of the page's markup
 * @returns {Promise<DocumentFragment>}
 */
export async function bringMarkup(url) {
  const response = await fetchPart(url);
  return document.createRange().createContextualFragment(await response.text());
}

/**
 * @param {string} url
 * @param {() => HTMLElement} make
 * @param {string} failure
 */
function bring(url, make, failure) {
  const known = brought.get(url);
  if (known) return known;
  const loading = new Promise((resolve, reject) => {
    const element = make();
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => {
      brought.delete(url);
      element.remove();
      reject(new Error(failure));
    });
    document.head.append(element);
  });
  brought.set(url, loading);
  return loading;
}
