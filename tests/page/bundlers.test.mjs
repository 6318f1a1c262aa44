// The npm package as other projects have it: packed, installed, and used by its README's words in Vite and in Node.js.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { PATIENCE, closeVisit, launch, manifest, site, visit } from "./browser.mjs";

const run = promisify(execFile);
const VITES = resolve("tests/vite/node_modules");

let browser;
/** A project that has installed the package. @type {string} */
let project;
/** @type {{ files: { path: string }[] }} */
let packed;
before(async () => {
  browser = await launch();
  project = await mkdtemp(join(tmpdir(), "convscope-project-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project, resolve("pkg")]);
  [packed] = JSON.parse(stdout);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(project, /** @type {any} */ (packed).filename)], { cwd: project });
});
after(async () => {
  await browser?.close();
  await rm(project, { recursive: true });
});

/**
 * A block of code in the package's README.
 * @param {RegExp} of a word that it alone has
 */
async function code(of) {
  const blocks = [...(await readFile(join(project, "node_modules/convscope/README.md"), "utf8")).matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block);
  const found = blocks.filter((block) => of.test(block));
  assert.equal(found.length, 1, `${of} is in ${found.length} of ${blocks.length} blocks`);
  return found[0];
}

test("it brings what its code loads, types and licences, and nothing that is for this project alone", async () => {
  const [own, burn] = [["convscope.js", "convscope.d.ts", "convscope_bg.wasm", "binary.js", "binary.d.ts"], ["convscope.js", "convscope.d.ts", "convscope_bg.wasm", "binary.js", "binary.d.ts"].map((file) => `burn/${file}`)];
  const wanted = [...own, "convscope_relaxed_bg.wasm", "convscope_single_bg.wasm", "memory.js", "memory.d.ts", "thread.js", "arguments.js", "burn/arguments.js", ...burn, "package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "NOTICES.md"];
  const paths = packed.files.map(({ path }) => path);
  assert.deepEqual(wanted.filter((path) => !paths.includes(path)), []);
  for (const folder of ["", "burn/"]) assert.equal(paths.filter((path) => new RegExp(`^${folder}snippets/[^/]+/src/web/gpu\\.js$`).test(path)).length, 1, `${folder}snippets`);
  assert.deepEqual(paths.filter((path) => /(^|\/)\.|lock|\.(gz|br|sha256|part)$|cards\.json/.test(path)), []);
});

test("in Node.js its README's code runs as it stands", async () => {
  await cp("www/weights", join(project, "weights"), { recursive: true });
  await writeFile(join(project, "node.js"), await code(/readFile/));
  const { stdout } = await run("node", ["node.js"], { cwd: project });
  assert.match(stdout, /^\{ index: 1, label: '1', probability: 0\.9\d+ \}\n$/);
});

/**
 * A page with the README's code, which asks LeNet-5 about a digit.
 * @param {string} vite its folder's name
 */
async function app(vite) {
  assert.ok(existsSync(join(VITES, vite)), `${join(VITES, vite)} is missing: run \`cargo xtask setup --tests\`.`);
  const root = join(project, vite);
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "vite.config.js"), await code(/optimizeDeps/));
  await writeFile(join(root, "index.html"), `<!doctype html><script type="module" src="/main.js"></script>`);
  await writeFile(join(root, "main.js"), (await code(/createImageBitmap/)).replaceAll("efficientnet_lite0", "lenet5"));
  const { createServer, build, preview } = await import(join(VITES, vite, "dist/node/index.js"));
  return { createServer, build, preview, options: { root, configFile: join(root, "vite.config.js"), logLevel: /** @type {const} */ ("error") } };
}

/** @param {import("node:http").Server} server */
const addressOf = (server) => `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;

/**
 * What the page at that address says of a seven, with this site's weights.
 * @param {string} address
 */
async function answers(address) {
  const page = await visit(browser, "pkg/package.json");
  const seven = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 56;
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 56, 56);
    context.lineWidth = 5;
    context.stroke(new Path2D("M16 12 H40 L26 46"));
    return canvas.toDataURL().split(",")[1];
  });
  const networks = (await manifest()).filter(({ id }) => id === "lenet5");
  await page.route("**/weights/**", async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.endsWith("manifest.json")) return route.fulfill({ json: { networks } });
    await route.fulfill({ body: Buffer.from(await (await fetch(`${site()}www${path}`)).arrayBuffer()), contentType: "application/octet-stream" });
  });
  await page.route("**/photo.jpg", (route) => route.fulfill({ body: Buffer.from(seven, "base64"), contentType: "image/png" }));
  /** @type {any[]} */
  const said = [];
  page.on("pageerror", ({ message }) => said.push(message));
  page.on("console", async (message) => { if (message.type() === "log") said.push(...(await Promise.all(message.args().map((arg) => arg.jsonValue())))); });
  await page.goto(address);
  for (let i = 0; i < 200 && !said.length; i++) await page.waitForTimeout(50);
  await closeVisit(page);
  return said[0]?.[0]?.label ?? said[0];
}

for (const vite of ["vite5", "vite7"]) {
  test(`with ${vite}, as its README says: the development server and the build`, { timeout: PATIENCE }, async () => {
    const { createServer, build, preview, options } = await app(vite);
    const server = await createServer({ ...options, server: { port: 0 } });
    try {
      await server.listen();
      assert.equal(await answers(addressOf(server.httpServer)), "7", "the development server");
    } finally {
      await server.close();
    }
    await build(options);
    const built = await preview({ ...options, preview: { port: 0 } });
    try {
      assert.equal(await answers(addressOf(built.httpServer)), "7", "the build");
    } finally {
      built.httpServer.close();
    }
  });
}
