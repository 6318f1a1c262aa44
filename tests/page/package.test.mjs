// The npm package as it is served: whole, and usable by its own words.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { closeVisit, coffee, launch, manifest, site, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("every file that it names is there", async () => {
  const { files, main, types, dependencies, description } = await (await fetch(`${site()}pkg/package.json`)).json();
  for (const file of ["reader/convscope_bg.wasm", "reader/convscope.js", "reader/convscope.d.ts", "reader/binary.js", "burn/convscope_bg.wasm", "burn/convscope.js", "convscope_bg.wasm", "convscope_relaxed_bg.wasm", "convscope_single_bg.wasm", "binary.js", "binary.d.ts", "memory.js", "thread.js", "arguments.js", "burn/arguments.js", main, types]) assert.ok(files.includes(file), file);
  assert.match(description, /^Famous image networks, from LeNet to EfficientNet/);
  assert.equal(dependencies, undefined, "the page's libraries are not the package's");
  for (const file of files.filter((/** @type {string} */ file) => !file.endsWith("snippets"))) { // folders
    const { ok, status } = await fetch(`${site()}pkg/${file}`, { method: "HEAD" });
    assert.ok(ok, `${file}: ${status}`);
  }
});

test("what a visitor loads is small, and all builds tell their size", async () => {
  for (const name of ["convscope_bg.wasm", "convscope_relaxed_bg.wasm", "convscope_single_bg.wasm"]) {
    const bytes = statSync(`pkg/${name}.gz`).size;
    assert.ok(bytes <= 350_000, `${name} has ${bytes} bytes gzipped`);
  }
  const reader = statSync("pkg/reader/convscope_bg.wasm.gz").size;
  assert.ok(reader <= 250_000, `the reader has ${reader} bytes gzipped`);
  for (const folder of ["pkg", "pkg/reader", "pkg/burn"]) {
    const { bytes } = await import(new URL(`../../${folder}/binary.js`, import.meta.url).href);
    const sizes = ["convscope_bg.wasm", "convscope_relaxed_bg.wasm", "convscope_single_bg.wasm"].map((name) => statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.size);
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

/** A page of somebody else's site: its own document, the package, weights and a photo. @param {string} code */
const somebodys = (code) => async (/** @type {import("playwright-core").Page} */ page) => {
  const imports = { convscope: "/pkg/convscope.js", "convscope/": "/pkg/" };
  const body = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${code}</script>`;
  await page.route("**/somebodys.html", (route) => route.fulfill({ body, contentType: "text/html" }));
  await page.route("**/weights/*", (route) => route.continue({ url: route.request().url().replace("/weights/", "/www/weights/") }));
  await page.route("**/weights/*/*", (route) => route.continue({ url: route.request().url().replace("/weights/", "/www/weights/") }));
  const photo = await coffee();
  await page.route("**/photo.jpg", (route) => route.fulfill({ body: photo, contentType: "image/png" }));
};

test("its README is its own, and the code in it runs as it stands", async () => {
  const readme = await (await fetch(`${site()}pkg/README.md`)).text();
  assert.equal(readme, readFileSync("src/web/README.md", "utf8"));
  const code = readme.match(/```js\n([\s\S]*?)```/)?.[1] ?? "";
  assert.ok(code.split("\n").filter((line) => line.trim()).length <= 16, "it is short");
  assert.ok((await manifest()).some(({ id }) => id === "efficientnet_lite0"));
  const said = [];
  const page = await visit(browser, "somebodys.html", {
    before: async (page) => {
      page.on("console", async (message) => said.push(...(await Promise.all(message.args().map((arg) => arg.jsonValue())))));
      await somebodys(code)(page);
    },
  });
  for (let i = 0; i < 200 && said.length < 2; i++) await page.waitForTimeout(50);
  const [answers, timing] = said;
  assert.equal(answers?.length, 5, `it says ${JSON.stringify(said)}`);
  assert.deepEqual(Object.keys(answers[0]).sort(), ["index", "label", "probability"]);
  assert.equal(answers[0].label, "espresso");
  assert.equal(answers[0].index, 967);
  for (const name of ["preprocess", "inference", "total"]) assert.ok(timing[name] > 0, name);
  assert.match(readme, /`\[\{ index: 967, label: "espresso", probability: 0\.\d+ \}, …\]`/);
  await closeVisit(page);
});
