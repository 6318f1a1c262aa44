// @ts-check

/** Libraries that some views bring in when they are wanted; `cargo xtask setup` puts them into www/vendor. */

/** @type {Map<string, Promise<unknown>>} */
const brought = new Map();

/** @returns {Promise<typeof import("@observablehq/plot")>} charts */
export async function bringPlot() {
  await bringD3(); // which it wants
  await bring("plot.umd.min.js");
  return /** @type {any} */ (globalThis).Plot;
}

/** @returns {Promise<{ csvParseRows: (text: string) => string[][] }>} of D3 what is used here */
export async function bringD3() {
  await bring("d3.min.js");
  return /** @type {any} */ (globalThis).d3;
}

/** @param {string} file */
function bring(file) {
  const known = brought.get(file);
  if (known) return known;
  const loading = new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: new URL(`./vendor/${file}`, import.meta.url).href });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => {
      brought.delete(file);
      script.remove();
      reject(new Error(`${file} could not be loaded. Check the connection and try again; on the server, \`cargo xtask setup\` brings it.`));
    });
    document.head.append(script);
  });
  brought.set(file, loading);
  return loading;
}
