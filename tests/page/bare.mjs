// Times of the engine without the page: what the page's benchmark is held against.
import { closeVisit, manifest, visit } from "./browser.mjs";

/** In a worker, as the page runs it: the first message has it load the networks, each further one has them take turns. */
const WORKER = `
const { data: { base, networks, side: asked, threads } } = await new Promise((resolve) => addEventListener("message", resolve, { once: true }));
const { default: init, Engine } = await import(base + "pkg/convscope.js");
const { binary } = await import(base + "pkg/binary.js");
await init({ module_or_path: binary });
const engine = await Engine.create("cpu", { threads });
const cards = new Map(Engine.cards().map((card) => [card.id, card]));
const bytes = async (file) => new Uint8Array(await (await fetch(base + "www/weights/" + file)).arrayBuffer());
const run = async (id, runs) => {
  const side = asked ?? cards.get(id).frame.side;
  const data = Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) => (i * 7) % 256);
  return (await engine.time(id, { data, width: side, height: side }, runs)).map(({ inference, total }) => asked ? total : inference);
};
for (const { id, files } of networks) {
  if (files) await engine.load(id, await Promise.all(files.map(bytes)));
  else await engine.loadRandom(id, 1);
  await run(id, 3);
}
addEventListener("message", async ({ data: milliseconds }) => {
  const times = Object.fromEntries(networks.map(({ id }) => [id, []]));
  for (const start = performance.now(); performance.now() - start < milliseconds; ) {
    for (const { id } of networks) times[id].push(...await run(id, Math.max(1, Math.min(20, Math.round(60 / (times[id].at(-1) ?? 60))))));
  }
  postMessage(times);
});
postMessage("ready");`;

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string[]} ids
 * @param {string[]} random those that run without their weights
 * @param {number} [side] of a frame; without it the one that each network likes best
 * @param {number} [threads] without it the quickest number
 */
export async function openBare(browser, ids, random, side, threads) {
  const rows = await manifest();
  const networks = ids.map((id) => ({ id, files: random.includes(id) ? null : rows.find((row) => row.id === id && row.variant === "q8").shards.map(({ file }) => file) }));
  const page = await visit(browser, "pkg/package.json"); // of the site, without the page and its policy
  await page.evaluate(({ worker, networks, side, threads }) => {
    const started = new Worker(URL.createObjectURL(new Blob([worker], { type: "text/javascript" })), { type: "module" });
    globalThis.ask = (message) => new Promise((resolve, reject) => {
      started.onmessage = ({ data }) => resolve(data);
      started.onerror = reject;
      started.postMessage(message);
    });
    return globalThis.ask({ base: new URL("/", location.href).href, networks, side, threads });
  }, { worker: WORKER, networks, side, threads });
  return {
    /**
     * @param {number} seconds for all networks together
     * @returns {Promise<Record<string, number[]>>} milliseconds of each inference, and where a side is given of its resizing too
     */
    times: (seconds) => page.evaluate((milliseconds) => globalThis.ask(milliseconds), 1000 * seconds),
    close: () => closeVisit(page),
  };
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} id
 * @param {number} side of the frames
 * @returns {Promise<number>} frames a second, without decoding
 */
export async function bareRate(browser, id, side) {
  const bare = await openBare(browser, [id], [], side);
  const { [id]: times } = await bare.times(1.5);
  await bare.close();
  return (1000 * times.length) / times.reduce((sum, time) => sum + time, 0);
}
