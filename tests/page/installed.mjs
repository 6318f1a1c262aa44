// The npm package as other projects have it: packed, and installed from the tarball into an empty project, which has weights and a photo
// to serve; and the servers of such projects.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** Headers of cross-origin isolation, without which there are no threads. */
export const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** What the README's code classifies with, and on what. */
const NETWORKS = ["efficientnet_lite0", "lenet5"];
const PHOTO = "www/samples/coffee.png";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm", ".jpg": "image/jpeg" };

/**
 * An empty project that has installed the package.
 * @returns {Promise<{ folder: string, files: string[], remove: () => Promise<void> }>} files: of the tarball
 */
export async function installed() {
  const folder = await mkdtemp(join(tmpdir(), "convscope-project-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder, resolve("pkg")]);
  const [{ filename, files }] = JSON.parse(stdout);
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], { cwd: folder });
  return { folder, files: files.map((/** @type {{ path: string }} */ { path }) => path), remove: () => rm(folder, { recursive: true }) };
}

/** Puts weights and a photo where the README says that they are. @param {string} folder of what a site serves */
export async function provide(folder) {
  const weights = join(folder, "weights");
  await mkdir(weights, { recursive: true });
  for (const id of NETWORKS) await cp(join("www/weights", id), join(weights, id), { recursive: true });
  await cp("www/weights/manifest.json", join(weights, "manifest.json"));
  await cp(PHOTO, join(folder, "photo.jpg")); // browsers look at the bytes, not at the ending
}

/**
 * A block of code in the installed package's README.
 * @param {string} folder of the project
 * @param {RegExp} of what it alone has
 * @param {string} language
 */
export async function code(folder, of, language = "js") {
  const readme = await readFile(join(folder, "node_modules/convscope/README.md"), "utf8");
  const blocks = [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, found]) => found === language).map(([, , block]) => block);
  const found = blocks.filter((block) => of.test(block));
  assert.equal(found.length, 1, `${of} is in ${found.length} of ${blocks.length} blocks`);
  return found[0];
}

/**
 * The README's code as a worker that has two threads, if it may, and what starts it.
 * @param {string} folder of the project
 */
export async function threaded(folder) {
  const text = await code(folder, /createImageBitmap/);
  const worker = text
    .replace('Engine.create("auto")', 'Engine.create("cpu", { threads: 2 })')
    .replace("console.log(predictions, timing)", "postMessage([predictions, engine.device.adapter, engine.device.note])");
  assert.match(worker, /threads: 2[^]+postMessage/);
  return { worker, main: `${await code(folder, /new Worker/)}\nworker.onmessage = ({ data }) => console.log(...data);\nworker.onerror = ({ message }) => console.log(message);\n` };
}

/**
 * Serves folders, the first that has a file, on a port of its own.
 * @param {string[]} folders
 * @param {Record<string, string>} [headers]
 */
export async function serve(folders, headers = {}) {
  const server = createServer(async (request, to) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    for (const folder of folders) {
      const body = await readFile(join(folder, name)).catch(() => null);
      if (body) return to.writeHead(200, { ...headers, "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(body);
    }
    to.writeHead(404).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  return {
    address: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * What the page at an address says first, on its console or as an error that nobody caught.
 * @param {import("playwright-core").Browser} browser
 * @param {string} address
 * @returns {Promise<any[]>}
 */
export async function said(browser, address) {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    return await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`the page at ${address} says nothing`)), 45_000).unref();
      page.on("pageerror", ({ message }) => resolve([message]));
      page.on("console", async (message) => {
        if (message.type() === "log") resolve(await Promise.all(message.args().map((arg) => arg.jsonValue())));
      });
      page.goto(address).catch(reject);
    });
  } finally {
    await context.close();
  }
}
