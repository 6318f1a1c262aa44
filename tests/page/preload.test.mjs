// The modules that index.html asks for ahead are those that the first view imports, neither fewer nor more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPhoto } from "../../www/photo.js";
import { DEFAULT_NETWORK } from "../../www/state.js";
import { site } from "./browser.mjs";

/** What index.html runs; the worker and what is brought in later load their own modules. */
const SCRIPTS = ["www/first.js", "www/givenFiles.js", "www/main.js"];
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

test("the list of networks in the markup is the engine's, and its first choice the page's", async () => {
  const [html, cards] = await Promise.all([text("index.html"), text("pkg/cards.json")]);
  const list = html.match(/<select id="network".*?<\/select>/s)?.[0] ?? "";
  const options = [...list.matchAll(/<option value="(\w+)"( selected)?>([^<]+)<\/option>/g)].map(([, id, selected, words]) => ({ id, words, selected: Boolean(selected) }));
  const wanted = JSON.parse(cards).map((/** @type {any} */ { id, name, year }) => ({ id, words: `${name} (${year})`, selected: id === DEFAULT_NETWORK }));
  assert.ok(wanted.length >= 16);
  assert.deepEqual(options, wanted, "cargo xtask documents");
});

test("the photo that is asked for ahead is the one that is shown first", async () => {
  const [first] = JSON.parse(await text("www/samples.json"));
  const of = (/** @type {string} */ query) => firstPhoto(new URLSearchParams(query));
  for (const query of ["", "device=cpu", `network=${DEFAULT_NETWORK}`, `inside=${DEFAULT_NETWORK}`, "networks=lenet5,vgg16"]) assert.equal(of(query), first.id, query);
  assert.equal(of("source=sample:rocket&network=lenet5"), "rocket");
  for (const query of ["network=lenet5", "source=camera", "source=drawing", "lab=vanishing", "inside=lenet5", "source=sample:../x"]) assert.equal(of(query), null, query);
});
