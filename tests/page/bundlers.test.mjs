// The npm package in other projects, each of which has installed its tarball: by its README's words without a bundler, in Vite, in
// webpack and in Node.js, a photo is classified.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, launch } from "./browser.mjs";
import { ISOLATION, code, installed, provide, run, said, serve, threaded } from "./installed.mjs";

const BUNDLERS = resolve("tests/bundlers/node_modules");

let browser;
/** A project that has installed the package. */
let project;
/** What its sites serve besides their code. @type {string} */
let shared;
/** Ends what a test has started, also where it fails. @type {(() => unknown)[]} */
let ends = [];
before(async () => {
  browser = await launch({ webgpu: false });
  project = await installed();
  shared = join(project.folder, "public");
  await provide(shared);
  await cp(join(shared, "weights"), join(project.folder, "weights"), { recursive: true }); // for Node.js, which is no site
});
after(async () => {
  await browser?.close();
  for (const end of ends) await end();
  await project?.remove();
});

/** @param {string} folder @param {Record<string, string>} headers */
async function site(folder, headers = {}) {
  const server = await serve([folder, shared], headers);
  ends.push(server.close);
  return server.address;
}

/** A folder of the project with files. @param {string} name @param {Record<string, string>} files */
async function folderWith(name, files) {
  const root = join(project.folder, name);
  await mkdir(root, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text);
  return root;
}

/** @param {string} address */
async function classifies(address) {
  const [predictions, ...others] = await said(browser, address);
  assert.equal(predictions?.[0]?.label, "espresso", `${address} says ${JSON.stringify([predictions, ...others])}`);
  assert.equal(predictions.length, 5);
  return others;
}

/** @param {string} address @param {RegExp} adapter */
async function classifiesWith(address, adapter) {
  const [found, note] = await classifies(address);
  assert.match(found, adapter);
  assert.equal(note, "", "threads could be started");
}

test("it brings what its code loads, types and licences, and nothing that is for this project alone", async () => {
  const own = ["convscope.js", "convscope.d.ts", "convscope_bg.wasm", "binary.js", "binary.d.ts"];
  const wanted = [...own, ...own.map((file) => `burn/${file}`), ...own.map((file) => `reader/${file}`), "convscope_relaxed_bg.wasm", "convscope_single_bg.wasm", "memory.js", "memory.d.ts", "thread.js", "arguments.js", "burn/arguments.js", "package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "NOTICES.md"];
  assert.deepEqual(wanted.filter((path) => !project.files.includes(path)), []);
  for (const folder of ["", "burn/"]) assert.equal(project.files.filter((path) => new RegExp(`^${folder}snippets/[^/]+/src/web/gpu\\.js$`).test(path)).length, 1, `${folder}snippets`);
  assert.deepEqual(project.files.filter((path) => /(^|\/)\.|lock|\.(gz|br|sha256|part)$|cards\.json/.test(path)), []);
});

test("what it exports is found by its name, and nothing else is", async () => {
  const { exports } = JSON.parse(await readFile(join(project.folder, "node_modules/convscope/package.json"), "utf8"));
  const { resolve: found } = createRequire(join(project.folder, "index.js"));
  for (const name of Object.keys(exports)) assert.ok(existsSync(found(`convscope${name.slice(1)}`)), name);
  const binaries = project.files.filter((/** @type {string} */ file) => file.endsWith(".wasm"));
  assert.equal(binaries.length, 5);
  for (const file of binaries) assert.equal(exports[`./${file}`], `./${file}`);
  assert.throws(() => found("convscope/memory.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
});

test("no code of it names another host to load from", async () => {
  for (const file of project.files.filter((/** @type {string} */ file) => file.endsWith(".js"))) {
    const text = await readFile(join(project.folder, "node_modules/convscope", file), "utf8");
    assert.doesNotMatch(text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""), /["'`](https?:)?\/\//, file);
  }
});

test("in Node.js its README's code runs as it stands", async () => {
  await writeFile(join(project.folder, "node.js"), await code(project.folder, /readFile/));
  const { stdout } = await run("node", ["node.js"], { cwd: project.folder });
  assert.match(stdout, /^\{ index: 1, label: '1', probability: 0\.9\d+ \}\n$/);
});

test("in Node.js the same code classifies a photo whose pixels somebody has decoded", async () => {
  const page = await browser.newPage();
  await page.goto(await site(await folderWith("empty", { "index.html": "" })));
  const { width, height, pixels } = await page.evaluate(async () => {
    const photo = await createImageBitmap(await (await fetch("/photo.jpg")).blob());
    const context = new OffscreenCanvas(photo.width, photo.height).getContext("2d");
    context.drawImage(photo, 0, 0);
    const { data } = context.getImageData(0, 0, photo.width, photo.height);
    const address = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(new Blob([data]));
    });
    return { width: photo.width, height: photo.height, pixels: address.split(",")[1] };
  });
  await page.close();
  await writeFile(join(project.folder, "photo.rgba"), Buffer.from(pixels, "base64"));
  const text = (await code(project.folder, /readFile/)).replace(/const \[width[^]*?(?=const \{ predictions)/, `const [width, height] = [${width}, ${height}];\nconst data = new Uint8ClampedArray(await readFile("photo.rgba"));\n`);
  await writeFile(join(project.folder, "photo.js"), text.replace('"lenet5"', '"efficientnet_lite0"'));
  const { stdout } = await run("node", ["photo.js"], { cwd: project.folder });
  assert.match(stdout, /^\{ index: 967, label: 'espresso', probability: 0\.\d+ \}\n$/);
});

test("without a bundler", { timeout: PATIENCE }, async () => {
  const map = await code(project.folder, /importmap/, "html");
  const { main, worker } = await threaded(project.folder);
  const root = await folderWith("bare", { "index.html": `<!doctype html>\n${map}\n<script type="module" src="main.js"></script>`, "main.js": await code(project.folder, /createImageBitmap/) });
  await cp(join(project.folder, "node_modules"), join(root, "node_modules"), { recursive: true });
  await classifies(await site(root));

  // Import maps do not reach workers.
  const addressed = worker.replaceAll(/from "convscope(\/[^"]+)?"/g, (_, file = "/convscope.js") => `from "/node_modules/convscope${file}"`);
  await folderWith("bare", { "main.js": main, "worker.js": addressed });
  await classifiesWith(await site(root, ISOLATION), /, 2 threads$/);
  await classifiesWith(await site(root), /, 1 thread$/);
});

/**
 * Vite, and its settings for a page with the README's code.
 * @param {string} version its folder's name
 * @param {Record<string, string>} files
 * @param {string} [config]
 */
async function vite(version, files, config) {
  assert.ok(existsSync(join(BUNDLERS, version)), `${join(BUNDLERS, version)} is missing: run \`cargo xtask setup --tests\`.`);
  const root = await folderWith(version, {
    "index.html": '<!doctype html><script type="module" src="/main.js"></script>',
    "vite.config.js": config ?? (await code(project.folder, /optimizeDeps/)),
    ...files,
  });
  const { createServer, build, preview } = await import(join(BUNDLERS, version, "dist/node/index.js"));
  const options = { root, publicDir: shared, configFile: join(root, "vite.config.js"), logLevel: /** @type {const} */ ("error") };
  return {
    develop: async () => {
      const server = await createServer({ ...options, server: { port: 0, headers: ISOLATION } });
      ends.push(() => server.close());
      await server.listen();
      return addressOf(server.httpServer);
    },
    built: async () => {
      await build(options);
      const built = await preview({ ...options, preview: { port: 0, headers: ISOLATION } });
      ends.push(() => built.httpServer.close());
      return addressOf(built.httpServer);
    },
  };
}

/** @param {import("node:http").Server} server */
const addressOf = (server) => `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;

for (const version of ["vite5", "vite7"]) {
  test(`with ${version}, as its README says: the development server and the build, without threads and with them`, { timeout: PATIENCE }, async () => {
    const { develop, built } = await vite(version, { "main.js": await code(project.folder, /createImageBitmap/) });
    await classifies(await develop());
    await classifies(await built());

    const { main, worker } = await threaded(project.folder);
    const threads = await vite(version, { "main.js": main, "worker.js": worker });
    await classifiesWith(await threads.develop(), /, 2 threads$/);
    await classifiesWith(await threads.built(), /, 2 threads$/);
  });

  test(`with ${version}, where the package is not left out of what is bundled beforehand, the failure is the one that its README quotes`, { timeout: PATIENCE }, async () => {
    const { develop } = await vite(version, { "main.js": await code(project.folder, /createImageBitmap/) }, 'export default { cacheDir: "cache" };');
    const [message] = await said(browser, await develop());
    const quoted = "expected magic word 00 61 73 6d";
    assert.ok(message.includes(quoted), message);
    assert.ok((await readFile(join(project.folder, "node_modules/convscope/README.md"), "utf8")).includes(`“${quoted}”`));
  });
}

/** What webpack makes of a file without any settings. @param {string} mode @param {Record<string, string>} files */
async function webpacked(mode, files) {
  assert.ok(existsSync(join(BUNDLERS, "webpack")), `${join(BUNDLERS, "webpack")} is missing: run \`cargo xtask setup --tests\`.`);
  const root = await folderWith(`webpack-${mode}`, files);
  const path = join(root, "dist");
  const webpack = createRequire(join(BUNDLERS, "index.js"))("webpack");
  const stats = await new Promise((resolve, reject) => {
    webpack({ mode, context: root, entry: "./main.js", output: { path } }, (/** @type {Error} */ error, /** @type {any} */ stats) => (error ? reject(error) : resolve(stats)));
  });
  const { errors, warnings } = stats.toJson();
  assert.deepEqual(errors, []);
  // It thinks of every file of that size that it is large.
  assert.deepEqual(warnings.map((/** @type {{ message: string }} */ { message }) => message).filter((/** @type {string} */ message) => !/size limit|limit the size/.test(message)), []);
  await writeFile(join(path, "index.html"), '<!doctype html><script defer src="main.js"></script>');
  assert.equal((await readdir(path)).filter((file) => file.endsWith(".wasm")).length, 3, "all that a browser may need");
  return path;
}

test("with webpack, which needs no settings, without threads and with them", { timeout: PATIENCE }, async () => {
  const built = await webpacked("production", { "main.js": await code(project.folder, /createImageBitmap/) });
  await classifies(await site(built));

  const { main, worker } = await threaded(project.folder);
  const threads = await webpacked("development", { "main.js": main, "worker.js": worker });
  await classifiesWith(await site(threads, ISOLATION), /, 2 threads$/);
  await classifiesWith(await site(threads), /, 1 thread$/);
});
