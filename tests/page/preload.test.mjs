// The modules that index.html asks for ahead are those that the first view imports, neither fewer nor more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./browser.mjs";

/** What index.html runs; the worker and what is brought in later load their own modules. */
const SCRIPTS = ["www/compile.js", "www/main.js"];
/** What main.js brings in for the first view, after what the first prediction waits for. */
const LATER = ["www/sharedViews.js", "www/single/view.js"];

/** @param {string} path */
async function text(path) {
  const response = await fetch(site() + path);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.text();
}

/**
 * The modules that a module names in `import … from` and `export … from`.
 * @param {string} path
 */
async function imports(path) {
  const found = (await text(path)).matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)";$|^import "(\.[^"]+)";$/gm);
  return [...found].map(([, named, bare]) => new URL(named ?? bare, `http://site/${path}`).pathname.slice(1));
}

test("every module of the first view is preloaded, and no other one", async () => {
  const needed = new Set([...SCRIPTS, ...LATER]);
  for (const path of needed) for (const other of await imports(path)) needed.add(other);
  const html = await text("index.html");
  const scripts = [...html.matchAll(/<script type="module"[^>]* src="([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(scripts.sort(), [...SCRIPTS].sort());
  const preloaded = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, path]) => path);
  assert.equal(new Set(preloaded).size, preloaded.length, "a module stands twice");
  const wanted = [...needed].filter((path) => !SCRIPTS.includes(path));
  assert.ok(wanted.length > 20, `only ${wanted.length} imports were found`);
  assert.deepEqual(preloaded.sort(), wanted.sort());
});
