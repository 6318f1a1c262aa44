// The README's table of versions is what the code needs: whatever a browser of the table lacks is taken away, and the page goes on without it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { ALONE, EARLY, GRAPHICS, LATER, NEEDED, OLDEST } from "./absentFeatures.mjs";
import { PATIENCE, closeVisit, launch, predictions, visit } from "./browser.mjs";

const USUAL = "?network=squeezenet1_1&device=cpu";
/** A view of which each part is used: it labels what it makes itself, and opens pictures in a worker. */
const COMPARE = "?networks=squeezenet1_1&device=cpu";
const ROOT = new URL("../../", import.meta.url);
/** A script that takes a feature away, which a worker's script imports before its other modules. */
const FIRST = "absent.js";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/**
 * Opens the page in a browser that lacks features, in the page and in its workers.
 * @param {import("playwright-core").Browser} browser
 * @param {import("./absentFeatures.mjs").Absent[]} absent
 * @param {string} query
 * @param {boolean} [isBare] without the page's modules
 */
async function visitWithout(browser, absent, query, isBare = false) {
  /** @type {string[]} */
  const faults = [];
  /** @type {string[]} */
  const asked = [];
  const body = absent.map(({ remove = () => {} }) => `(${remove})();`).join("\n");
  const styles = absent.flatMap(({ styles = [] }) => styles);
  const page = await visit(browser, query, {
    waitUntil: "commit",
    before: async (page) => {
      page.on("pageerror", ({ message }) => faults.push(message));
      page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1)));
      await page.addInitScript(body);
      await page.route(`**/${FIRST}`, (route) => route.fulfill({ body, contentType: "text/javascript" }));
      const change = (address, change) => page.route(address, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: change(await response.text()) });
      });
      await change(/\/(worker|decoder|thread)\.js$/, (text) => `import "/${FIRST}";\n${text}`);
      if (isBare) await page.route(/\/www\/(main|first)\.js$/, (route) => route.abort());
      if (styles.length) await change(/\.css$/, (text) => styles.reduce((text, [from, to]) => text.replaceAll(from, to), text));
    },
  });
  return { page, faults, asked };
}

/** @param {import("playwright-core").Page} page */
async function leave(page) {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await closeVisit(page);
}

/**
 * Waits for what comes of it: all of them are absent. The address follows, too.
 * @param {Awaited<ReturnType<typeof visitWithout>>} visited
 * @param {import("./absentFeatures.mjs").Absent[]} absent
 */
async function goesOn({ page, faults, asked }, absent) {
  await page.locator('.predictions[aria-busy="false"] li').filter({ hasText: "espresso" }).first().waitFor();
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.waitForURL(/[?&]source=sample:chelsea$/);
  await page.locator('.predictions[aria-busy="false"] li').filter({ hasText: /tabby|tiger cat|Egyptian cat/ }).first().waitFor();
  assert.deepEqual(faults, []);
  for (const { feature, asks, holds } of absent) {
    if (asks) assert.ok(asked.includes(asks), `${feature}: ${asks} is not among ${asked.filter((file) => file.endsWith(".wasm"))}`);
    if (holds) assert.equal(await page.evaluate(holds), true, feature);
  }
}

for (const absent of [...NEEDED, ...ALONE]) {
  const { feature, says, query = USUAL } = absent;
  test(`${says ? "it is said that the page needs" : "the page classifies without"} ${feature}`, { timeout: PATIENCE }, async () => {
    const isEarly = EARLY.includes(says);
    const visited = await visitWithout(browser, [absent], query, isEarly);
    if (says) await visited.page.getByRole("alert").filter({ hasText: says }).first().waitFor();
    else await goesOn(visited, [absent]);
    if (says && !isEarly) await visited.page.locator("#still, .first-photo").filter({ visible: true }).first().waitFor();
    await leave(visited.page);
  });
}

Object.entries(OLDEST).forEach(([name, oldest], at) => {
  test(`the page classifies without what ${name} ${oldest} lacks`, { timeout: PATIENCE }, async (t) => {
    const absent = LATER.filter(({ since }) => since[at] > oldest);
    t.diagnostic(absent.map(({ feature }) => feature).join(", "));
    const visited = await visitWithout(browser, absent, COMPARE);
    await goesOn(visited, absent);
    await leave(visited.page);
  });
});

test("each feature of the table is needed by all of the oldest browsers, or lacking in one", () => {
  const oldest = Object.values(OLDEST);
  for (const { feature, since } of NEEDED) assert.ok(since.every((version, at) => version <= oldest[at]), feature);
  for (const { feature, since } of LATER) assert.ok(since.some((version, at) => version > oldest[at]), feature);
});

test(`WebGPU computes without ${GRAPHICS.feature}, and the adapter's name is known`, { timeout: PATIENCE }, async () => {
  const graphics = await launch();
  for (const [engine, name] of [["convscope", "ConvScope"], ["burn", "burn"]]) {
    const { page } = await visitWithout(graphics, [GRAPHICS], `${GRAPHICS.query}&engine=${engine}`);
    page.setDefaultTimeout(PATIENCE);
    await predictions(page);
    assert.match(await page.locator("#adapter").textContent(), new RegExp(`^Computed by ${name} on WebGPU: .*swiftshader`, "i"));
    await leave(page);
  }
  await graphics.close();
});

/** @param {string} path */
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");

test("the README names the versions that the page asks for", () => {
  const versions = Object.values(OLDEST).map(String);
  const [, ...named] = /\| older: Chrome and Edge ([\d.]+), Firefox ([\d.]+), Safari ([\d.]+) \|/.exec(read("README.md")) ?? [];
  assert.deepEqual(named, versions, "README.md");
  for (const path of ["www/boot.js", "www/workers.js"]) {
    const [, ...said] = /Chrome and Edge can (?:show it )?from version ([\d.]+), Firefox from version ([\d.]+), Safari from version ([\d.]+):/.exec(read(path)) ?? [];
    assert.deepEqual(said, versions, path);
  }
});

test("each property of an ARIA attribute that the page uses is added where a browser has none", () => {
  const added = /PROPERTIES = (\[.*?\])/s.exec(read("www/views/reflection.js"))?.[1] ?? "";
  const paths = readdirSync(new URL("www/", ROOT), { recursive: true }).map(String).filter((path) => path.endsWith(".js") && !path.startsWith("vendor"));
  const used = new Set(paths.flatMap((path) => read(`www/${path}`).match(/\baria[A-Z]\w*/g) ?? []));
  assert.ok(used.size >= 6, String([...used]));
  assert.deepEqual([...used].filter((name) => !added.includes(`"${name}"`)), []);
});
