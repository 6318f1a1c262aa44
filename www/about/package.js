// @ts-check

/** What the npm package beside this page says of itself. */

const FOLDER = new URL("../../pkg/", import.meta.url);

/**
 * @returns {Promise<{ install: string, sample: string, repository: string }>} how its README installs it, its first sample, and where its source code is; each empty where there is none
 */
export async function readPackage() {
  const [readme, manifest] = await Promise.all([get("README.md").then((text) => text.text()), get("package.json").then((text) => text.json())]);
  const [, sample = ""] = /^```js\n([^]*?)^```$/m.exec(readme) ?? [];
  const [, install = ""] = /^\*\*Install\.\*\* ([^]*?)\n\n/m.exec(readme) ?? [];
  return { install: install.replaceAll("\n", " "), sample: sample.trimEnd(), repository: addressOf(manifest.repository) };
}

/** @param {string} file */
async function get(file) {
  const response = await fetch(new URL(file, FOLDER));
  if (!response.ok) throw new Error(`pkg/${file} could not be read: the server answered ${response.status}.`);
  return response;
}

/**
 * @param {unknown} repository as npm has it: an address, or an object with one
 * @returns {string} an address for a browser; empty where there is none
 */
function addressOf(repository) {
  const text = typeof repository === "string" ? repository : /** @type {{ url?: unknown } | null} */ (repository)?.url;
  const address = typeof text === "string" ? text.replace(/^git\+/, "").replace(/\.git$/, "") : "";
  return /^https:\/\//.test(address) ? address : "";
}
