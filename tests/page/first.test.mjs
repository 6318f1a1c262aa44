// What a first visit costs: bytes on the wire and time until the first prediction, on the CPU, with an empty cache.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, predictions, visit } from "./browser.mjs";

const VISITS = 5; // for a median
const SLOWEST = 4000; // milliseconds: ten times the aim, for a machine that has other work to do

/** What may come over the wire until the first prediction, in bytes. */
const NETWORKS = [
  { id: "efficientnet_lite0", most: 6.35e6 }, // its weights are 5.75 MB, the engine 0.27 MB compressed by Brotli
  { id: "squeezenet1_1", most: 1.9e6 },
];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** @param {string} id */
async function firstVisit(id) {
  /** @type {Promise<{ path: string, bytes: number }>[]} */
  const files = [];
  const page = await visit(browser, `?network=${id}&device=cpu&source=sample:coffee`, {
    before: async (page) => {
      page.on("requestfinished", (request) => {
        const size = request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize);
        files.push(size.then((bytes) => ({ path: new URL(request.url()).pathname, bytes })));
      });
    },
  });
  await predictions(page, "espresso");
  const milliseconds = await page.evaluate(() => performance.getEntriesByName("first-prediction")[0].startTime);
  const received = await Promise.all(files);
  await closeVisit(page);
  return { milliseconds, received };
}

for (const { id, most } of NETWORKS) {
  test(`${id} answers soon, and little is downloaded for it`, async (t) => {
    const visits = [];
    for (let i = 0; i < VISITS; i++) visits.push(await firstVisit(id));
    const times = visits.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    const { received } = visits[0];
    const sum = (/** @type {RegExp} */ pattern) => received.reduce((bytes, file) => bytes + (pattern.test(file.path) ? file.bytes : 0), 0);
    const bytes = sum(/./);
    const parts = { weights: sum(/\.safetensors$/), wasm: sum(/\.wasm$/), photos: sum(/\/samples\//), scripts: sum(/\.js$/) };
    const words = Object.entries(parts).map(([name, size]) => `${name} ${(size / 1e6).toFixed(3)} MB`).join(", ");
    t.diagnostic(`${id}: first prediction after ${times[VISITS >> 1].toFixed(0)} ms (median of ${VISITS}, ${times[0].toFixed(0)} to ${times.at(-1)?.toFixed(0)}), ${(bytes / 1e6).toFixed(3)} MB: ${words}`);
    assert.ok(parts.weights > 1e6 && parts.wasm > 1e5, "the weights and the code were counted");
    assert.ok(bytes <= most, `${bytes} bytes came over the wire, ${most} at most are wanted: ${words}`);
    assert.ok(times[VISITS >> 1] < SLOWEST, `the first prediction came after ${times[VISITS >> 1]} ms`);
    assert.equal(received.filter(({ path }) => path.includes("/pkg/burn/")).length, 0, "burn comes only when it is asked for");
  });
}
