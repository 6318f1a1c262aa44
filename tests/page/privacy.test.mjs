// Over a whole session nothing is asked of another host, and nothing is sent to this one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, coffee, launch, predictions, site, visit } from "./browser.mjs";
import { VIEWS, openAll } from "./everyView.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

const SECTIONS = ["code", "times", "glossary", "source", "licences"];

test("every view, the pages behind the footer, a picture of the visitor's and the lab ask this host alone, and send it nothing", { timeout: 120_000 }, async () => {
  /** @type {{ url: string, method: string, body: string | null }[]} */
  const requests = [];
  // Of the whole context: what workers ask is among it.
  const page = await visit(browser, "?device=cpu", {
    before: async (page) => { page.context().on("request", (request) => requests.push({ url: request.url(), method: request.method(), body: request.postData() })); },
  });
  await predictions(page, "espresso");
  await page.locator("#file").setInputFiles({ name: "private.png", mimeType: "image/png", buffer: await coffee() });
  await page.getByText("private.png", { exact: true }).waitFor();
  await predictions(page, "espresso");
  for (const view of Object.values(VIEWS)) {
    await page.goto(site() + view.query);
    await openAll(page, view);
  }
  await page.getByRole("button", { name: "Start", exact: true }).click(); // the lab is the last view
  await page.getByText(/Step \d+:/).filter({ visible: true }).first().waitFor();
  for (const section of SECTIONS) {
    await page.goto(`${site()}?network=lenet5&device=cpu#${section}`);
    await page.locator(`#about-${section}`).waitFor();
  }
  const { origin } = new URL(site());
  const hosts = new Set(requests.map(({ url }) => new URL(url)).filter(({ protocol }) => !["data:", "blob:"].includes(protocol)).map((url) => url.origin));
  assert.deepEqual([...hosts], [origin]);
  assert.ok(requests.some(({ url }) => url.endsWith("/pkg/convscope.js")) && requests.some(({ url }) => url.endsWith(".safetensors")), "requests are seen");
  assert.ok(requests.some(({ url }) => url.endsWith("/pkg/burn/convscope.js")), "also those of workers");
  assert.deepEqual(requests.filter(({ method, body }) => !["GET", "HEAD"].includes(method) || body), []);
  assert.deepEqual(requests.filter(({ url }) => url.includes("private")), []);
  await closeVisit(page);
});
