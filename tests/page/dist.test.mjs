// The folder that `cargo xtask dist` makes, below a path of a static host: with its headers and compressed copies, with none of them,
// and with its weights on another host.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { launch, manifest, predictions, site } from "./browser.mjs";

const PATH = "/school/vision/";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };

let browser;
/** Ends each host, also where a test fails. @type {(() => void)[]} */
const ends = [];
before(async () => { browser = await launch({ webgpu: false }); });
after(async () => {
  await browser?.close();
  ends.forEach((end) => end());
});

/** @param {string} name of the variable with the folder's path */
function folder(name) {
  const path = process.env[name];
  assert.ok(path, `${name} is not set: run the page tests with \`cargo xtask test\`, or set it to a folder that \`cargo xtask dist\` made.`);
  return path;
}

/** The headers that a host which reads `_headers` sends with every file. @param {string} root */
async function headersOf(root) {
  const [path, ...lines] = (await readFile(join(root, "_headers"), "utf8")).trimEnd().split("\n");
  assert.equal(path, "/*");
  return Object.fromEntries(lines.map((line) => /^ {2}([\w-]+): (.+)$/.exec(line)?.slice(1) ?? assert.fail(line)));
}

/**
 * A static host that has the folder below a path, and nothing else.
 * @param {string} root
 * @param {{ headers?: Record<string, string>, compressed?: boolean }} [sends] compressed: the copies beside the files
 */
async function host(root, { headers = {}, compressed = false } = {}) {
  /** @type {string[]} */
  const missing = [];
  const server = createServer(async (asked, to) => {
    const { pathname } = new URL(asked.url ?? "/", "http://host");
    const name = decodeURIComponent(pathname.slice(PATH.length)) || "index.html";
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    const copy = compressed && (await readFile(join(root, `${name}.br`)).catch(() => null));
    const body = copy || (await readFile(join(root, name)).catch(() => null));
    if (!pathname.startsWith(PATH) || !body) {
      missing.push(pathname);
      return to.writeHead(404).end();
    }
    to.writeHead(200, { ...headers, "content-type": type, ...(copy ? { "content-encoding": "br" } : {}) }).end(body);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${port}${PATH}`, missing };
}

/**
 * Opens the folder's page and waits for its answer.
 * @param {string} address
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} [before]
 */
async function open(address, before) {
  const page = await (await browser.newContext()).newPage();
  /** @type {string[]} */
  const refused = [];
  page.on("console", (message) => { if (message.type() === "error") refused.push(message.text()); });
  await before?.(page);
  await page.goto(address);
  return { page, refused };
}

for (const [words, isFull] of /** @type {[string, boolean][]} */ ([["with its headers and compressed copies", true], ["without headers and copies", false]])) {
  test(`below a path, ${words}, it classifies a sample, and looks inside`, async () => {
    const root = folder("CONVSCOPE_DIST");
    const served = await host(root, isFull ? { headers: await headersOf(root), compressed: true } : {});
    const { page, refused } = await open(`${served.address}?device=cpu`);
    await predictions(page, "espresso");
    assert.equal(await page.evaluate(() => crossOriginIsolated), isFull);
    await page.goto(`${served.address}?inside=squeezenet1_1&tab=diagram&device=cpu`);
    await page.locator(".drawing .node").first().waitFor();
    await page.goto(`${served.address}?networks=lenet5,squeezenet1_1&tab=benchmark&device=cpu#licences`);
    await page.locator("#about-weights li").first().waitFor();
    for (const link of await page.locator("#about a[href]:not([href^=http])").evaluateAll((links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).href))) {
      assert.ok((await fetch(link)).ok, `${link}, to which the page leads, is missing`);
    }
    await page.goto(`${served.address}?lab=vanishing`);
    await page.locator("#lab-form input").first().waitFor();
    assert.deepEqual({ missing: served.missing, refused }, { missing: [], refused: [] });
    await page.context().close();
  });
}

test("weights come from another host, if it allows that, and nothing else does", async () => {
  const root = folder("CONVSCOPE_DIST_ELSEWHERE");
  const served = await host(root, { headers: await headersOf(root) });
  const { shards } = (await manifest()).find(({ id }) => id === "squeezenet1_1") ?? assert.fail("there are no weights of SqueezeNet");
  const weights = Buffer.from(await (await fetch(`${site()}www/weights/${shards[0].file}`)).arrayBuffer());
  /** @type {string[]} */
  const asked = [];
  const answering = (/** @type {Record<string, string>} */ headers) => (/** @type {import("playwright-core").Page} */ page) =>
    page.route("https://weights.example/**", (route) => {
      asked.push(route.request().url());
      return route.fulfill({ body: weights, headers });
    });
  const address = `${served.address}?network=squeezenet1_1&device=cpu&source=sample:coffee`;

  const { page, refused } = await open(address, answering({ "access-control-allow-origin": "*" }));
  await predictions(page, "espresso");
  assert.deepEqual({ asked, missing: served.missing, refused }, { asked: [`https://weights.example/convscope/${shards[0].file}`], missing: [], refused: [] });
  await page.evaluate(() => fetch("https://elsewhere.example/").catch(() => {}));
  assert.match(refused.join(), /elsewhere\.example.*Content Security Policy/s);
  await page.context().close();

  const refusing = await open(address, answering({ "access-control-allow-origin": "https://another.example" }));
  await refusing.page.getByRole("alert").getByText(/could not be downloaded/).waitFor();
  await refusing.page.context().close();
});
