// The layers of the page: views render and call back, logic knows no view, and pure functions know neither.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../www/", import.meta.url));

/** What a view may take from the state: it reads, and is told. */
const READING = new Set(["state", "subscribe", "cardOf", "stepOf"]);

/** What a function that depends on its arguments alone has no use for. */
const EFFECTS = /\b(?:document|location|history|navigator|localStorage|sessionStorage|caches)\.|\b(?:fetch|setTimeout|addEventListener|postMessage|requestAnimationFrame)\(/;

/**
 * @param {string} path below www/
 * @returns {"view" | "pure" | "state" | "wiring" | "logic"}
 */
function layerOf(path) {
  if (/(^|\/)views\//.test(path)) return "view";
  if (/(^|\/)pure\//.test(path)) return "pure";
  if (/(^|\/)state\.js$/.test(path)) return "state";
  return path === "main.js" || path === "sharedViews.js" || /^\w+\/view\.js$/.test(path) || /^\w+\/\w+\/tab\.js$/.test(path) ? "wiring" : "logic";
}

/** Whom each layer may import. */
const MAY = {
  pure: ["pure"],
  state: ["state", "pure"],
  view: ["view", "pure", "state"],
  logic: ["logic", "pure", "state"],
  wiring: ["wiring", "view", "logic", "pure", "state"],
};

/**
 * What a module imports; types do not count.
 * @param {string} path
 * @param {string} text
 * @returns {{ path: string, names: string[], isLazy: boolean }[]} isLazy: it is brought in when it is wanted
 */
function importsOf(path, text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  const at = (/** @type {string} */ named) => normalize(join(dirname(path), named)).split(sep).join("/");
  const fixed = [...code.matchAll(/^(?:import|export)\b([^;]*?)from "(\.[^"]+)";|^import "(\.[^"]+)";/gm)];
  const lazy = [...code.matchAll(/\bimport\("(\.[^"]+)"\)/g)];
  return [
    ...fixed.map(([, names = "", named, bare]) => ({ path: at(named ?? bare), names: [...names.matchAll(/\w+/g)].map(String), isLazy: false })),
    ...lazy.map(([, named]) => ({ path: at(named), names: [], isLazy: true })),
  ].filter((found) => !found.path.startsWith(".."));
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]} what breaks a rule
 */
function faultsOf(path, text) {
  const layer = layerOf(path);
  const faults = importsOf(path, text).flatMap((imported) => {
    const other = layerOf(imported.path);
    if (layer === "view" && other === "state") return imported.names.filter((name) => !READING.has(name)).map((name) => `${path}, a view, takes ${name} from the state`);
    if (path === join(dirname(path), "row.js") && imported.isLazy && imported.path === join(dirname(path), "view.js")) return []; // its own view, when it is shown
    return MAY[layer].includes(other) ? [] : [`${path} (${layer}) imports ${imported.path} (${other})`];
  });
  if (/^(?:export )?let /m.test(text)) faults.push(`${path} keeps state in a module-level variable`);
  if (layer === "pure" && EFFECTS.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""))) faults.push(`${path} is not pure: ${EFFECTS.exec(text)?.[0]}`);
  return faults;
}

const modules = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .map((path) => path.split(sep).join("/"))
  .filter((path) => /\.js$/.test(path) && !/^(vendor|weights|samples)\//.test(path));

test("no view imports logic, no logic imports a view, and nothing that is pure imports either", () => {
  const layers = Object.groupBy ? Object.groupBy(modules, layerOf) : Object.fromEntries(Object.keys(MAY).map((layer) => [layer, modules.filter((path) => layerOf(path) === layer)]));
  assert.ok(modules.length > 60 && (layers.view?.length ?? 0) > 20 && (layers.logic?.length ?? 0) > 20, `only ${modules.length} modules were found`);
  assert.deepEqual(modules.flatMap((path) => faultsOf(path, readFileSync(join(ROOT, path), "utf8"))), []);
});

test("each rule can be broken, and is noticed", () => {
  for (const [path, text, fault] of [
    ["views/a.js", 'import { LineUp } from "../lineup.js";', /views\/a\.js \(view\) imports lineup\.js \(logic\)/],
    ["compare/views/a.js", 'import { a,\n  b } from "../benchmark.js";', /imports compare\/benchmark\.js \(logic\)/],
    ["single/views/a.js", 'import { state, update } from "../../state.js";', /takes update from the state/],
    ["single/views/a.js", 'import("../../download.js");', /imports download\.js \(logic\)/],
    ["lineup.js", 'import { write } from "./views/page.js";', /lineup\.js \(logic\) imports views\/page\.js \(view\)/],
    ["compare/row.js", 'import("../single/view.js");', /imports single\/view\.js \(wiring\)/],
    ["pure/a.js", 'import { state } from "../state.js";', /pure\/a\.js \(pure\) imports state\.js \(state\)/],
    ["pure/a.js", "export const title = () => document.title;", /is not pure: document\./],
    ["load.js", "let last = 0;", /module-level variable/],
  ]) {
    assert.match(faultsOf(String(path), String(text)).join("\n"), /** @type {RegExp} */ (fault));
  }
  assert.deepEqual(faultsOf("views/a.js", '/** @type {import("../lineup.js").LineUp} */\nimport { state, subscribe } from "../state.js";\nimport { plural } from "../pure/text.js";'), []);
  assert.deepEqual(faultsOf("compare/row.js", 'import("./view.js");'), []);
});

test("no page test waits for a promise as if it were an answer", () => {
  const folder = fileURLToPath(new URL("./", import.meta.url));
  const waits = readdirSync(folder).filter((name) => name.endsWith(".mjs")).filter((name) => /waitForFunction\((async\b|\(\w*\) => import\()/.test(readFileSync(join(folder, name), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "")));
  assert.deepEqual(waits.filter((name) => name !== "layers.test.mjs"), [], "`becomes` of browser.mjs waits for what a promise gives");
});
