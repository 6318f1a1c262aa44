// @ts-check
import { Runtime, plain } from "./runtime.mjs";

/** Bytes; `uncollected` are the buffers with those that only wait to be collected. @typedef {{ wasm: number, buffersNow: number, uncollected: number }} Taken */

/**
 * After how many times memory is taken first: a tenth of them, and eight at least. In the first few, pieces of other sizes come to lie
 * where earlier ones were freed, and WebAssembly's memory, which never shrinks, may grow once: measured for ResNet-18, at one of the
 * first seven loads and at none of the next 53.
 * @param {number} times
 */
const warmUp = (times) => Math.min(times - 1, Math.max(8, Math.ceil(times / 10)));

/**
 * What ConvScope holds after a warm-up and after the last of many times.
 * @typedef {object} Growth
 * @property {string} what
 * @property {string} name of the runtime
 * @property {number} times
 * @property {Taken} [first] after the warm-up
 * @property {Taken} [last]
 * @property {string} [failed]
 */

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("./runtimes.mjs").Contender} contender
 * @param {import("../page/description.js").Description} description
 * @param {{ what: string, times: number, patience: number, each: (runtime: Runtime, description: import("../page/description.js").Description) => Promise<unknown>, loaded: boolean }} options
 * @returns {Promise<Growth>}
 */
async function growth(browser, url, contender, description, { what, times, patience, each, loaded }) {
  const { name } = contender;
  const runtime = await Runtime.open(browser, url, patience);
  try {
    await runtime.start(contender);
    if (loaded) await runtime.ask("load", description);
    /** @returns {Promise<Taken>} */
    const taken = async () => {
      const { buffersNow: uncollected } = await runtime.ask("report");
      await runtime.ask("collect");
      const { wasm, buffersNow } = await runtime.ask("report");
      return { wasm, buffersNow, uncollected };
    };
    const warm = warmUp(times);
    for (let time = 0; time < warm; time += 1) await each(runtime, description);
    const first = await taken();
    for (let time = warm; time < times; time += 1) await each(runtime, description);
    return { what, name, times, first, last: await taken() };
  } catch (error) {
    return { what, name, times, failed: plain(error) };
  } finally {
    await runtime.close();
  }
}

/**
 * Frames of 640 × 480 on one network, one after the other.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("./runtimes.mjs").Contender} contender
 * @param {import("../page/description.js").Description} description of a network with installed weights
 * @param {{ times: number, patience: number }} options
 */
export function frames(browser, url, contender, description, { times, patience }) {
  const each = (/** @type {Runtime} */ runtime) => runtime.ask("frame");
  return growth(browser, url, contender, description, { what: `frames on ${description.name}`, times, patience, each, loaded: true });
}

/**
 * A network loaded and unloaded again and again.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("./runtimes.mjs").Contender} contender
 * @param {import("../page/description.js").Description} description
 * @param {{ times: number, patience: number }} options
 */
export function loads(browser, url, contender, description, { times, patience }) {
  /** @param {Runtime} runtime @param {import("../page/description.js").Description} description */
  const each = async (runtime, description) => {
    await runtime.ask("load", description);
    await runtime.ask("infer", 1);
    await runtime.ask("own", "unload", [description.id]);
  };
  const what = `loads, inferences and unloads of ${description.name}`;
  return growth(browser, url, contender, description, { what, times, patience, each, loaded: false });
}
