// The npm package as it is served: whole, and usable by its own words.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import { closeVisit, launch, site, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("every file that it names is there", async () => {
  const { files, main, types, dependencies } = await (await fetch(`${site()}pkg/package.json`)).json();
  for (const file of ["burn/convscope_bg.wasm", "burn/convscope.js", "convscope_bg.wasm", "convscope_relaxed_bg.wasm", "binary.js", "binary.d.ts", main, types]) assert.ok(files.includes(file), file);
  assert.equal(dependencies, undefined, "the page's libraries are not the package's");
  for (const file of files.filter((/** @type {string} */ file) => !file.endsWith("snippets"))) { // folders
    const { ok, status } = await fetch(`${site()}pkg/${file}`, { method: "HEAD" });
    assert.ok(ok, `${file}: ${status}`);
  }
});

test("what a visitor loads is small, and both builds tell their size", async () => {
  for (const name of ["convscope_bg.wasm", "convscope_relaxed_bg.wasm"]) {
    const bytes = statSync(`pkg/${name}.gz`).size;
    assert.ok(bytes <= 300_000, `${name} has ${bytes} bytes gzipped`);
  }
  for (const folder of ["pkg", "pkg/burn"]) {
    const { bytes } = await import(new URL(`../../${folder}/binary.js`, import.meta.url).href);
    const sizes = ["convscope_bg.wasm", "convscope_relaxed_bg.wasm"].map((name) => statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.size);
    assert.ok(sizes.includes(bytes), `${folder}/binary.js says ${bytes} bytes`);
  }
});

test("the binary that it chooses runs, and so does the other", async () => {
  const page = await visit(browser, "pkg/package.json"); // of the site, without the page and its policy
  const run = (/** @type {boolean} */ chosen) => page.evaluate(async (chosen) => {
    const { binary, relaxed } = await import(new URL("pkg/binary.js", location.origin).href);
    const { default: init, Engine } = await import(new URL(`pkg/convscope.js?chosen=${chosen}`, location.origin).href);
    await init(chosen ? { module_or_path: binary } : undefined);
    const engine = await Engine.create("cpu");
    await engine.loadRandom("mobilenet_v2", 1);
    const logits = await engine.logits("mobilenet_v2", Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i)));
    return { relaxed, adapter: engine.device.adapter, logits: [...logits] };
  }, chosen);
  const [own, other] = [await run(true), await run(false)];
  assert.ok(own.relaxed, "Chromium has relaxed SIMD from 114 on");
  assert.equal(other.adapter, "WebAssembly SIMD, 1 thread");
  const most = Math.max(...other.logits.map(Math.abs));
  const off = Math.max(...own.logits.map((logit, index) => Math.abs(logit - other.logits[index])));
  assert.ok(off < 1e-4 * most, `${off} of ${most}`);
  await closeVisit(page);
});
