// @ts-check
import { plain } from "../race/runtime.mjs";
import { HOURLY, SWITCHED, changesOf, periodOf, placeAfter } from "./plan.mjs";
import { trendOf } from "./trend.mjs";
import { Watched } from "./watched.mjs";

/** For each call: a software adapter takes minutes until a network is ready. */
const PATIENCE = 600_000;
/** After the last call, until what has no reply is taken for what never gets one. */
const SETTLING = 60_000;
/** So often memory is looked at during a run. */
const SAMPLES = 40;
/** Every so many switches the next one comes before the page has answered. */
const HASTY = 5;
/** What is looked at; of each the name in the report is in report.mjs. @type {("wasm" | "heap" | "arrays" | "buffers")[]} */
export const HELD = ["wasm", "heap", "arrays", "buffers"];

/**
 * @typedef {import("./plan.mjs").Run} Run
 * @typedef {import("./trend.mjs").Trend} Trend
 * @typedef {import("./watched.mjs").Sample} Sample
 * @typedef {import("./watched.mjs").Happened} Happened
 *
 * @typedef {object} Outcome
 * @property {Run["kind"]} kind
 * @property {string} where
 * @property {string} network
 * @property {number} times
 * @property {number} seconds
 * @property {boolean} [random] the network ran with random weights
 * @property {Sample[]} samples
 * @property {Partial<Record<"wasm" | "heap" | "arrays" | "buffers", Trend | null>>} trends null: too few samples
 * @property {number} [others] answers that were other than the first one to the same picture
 * @property {number} [hasty] switches that came before the page had answered
 * @property {Happened} [happened]
 * @property {string} [failed]
 */

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} site
 * @param {Run} run
 * @param {{ threads: number, devices: ("cpu" | "webgpu")[] }} machine
 * @returns {Promise<Outcome>}
 */
export async function carryOut(browser, site, run, machine) {
  const { kind, where, network, times } = run;
  /** @type {Outcome} */
  const outcome = { kind, where, network, times, seconds: 0, samples: [], trends: {} };
  const start = Date.now();
  /** @type {Watched | undefined} */
  let watched;
  try {
    const path = kind === "switches" ? `?network=${SWITCHED[0]}&device=cpu&source=camera` : "bench/page/endurance.html";
    watched = await Watched.open(browser, `${site}${path}`, PATIENCE);
    await WORK[kind](watched, run, outcome, machine);
    outcome.happened = await watched.happened(SETTLING);
  } catch (error) {
    outcome.failed = plain(error);
  } finally {
    await watched?.close();
  }
  outcome.seconds = (Date.now() - start) / 1000;
  for (const of of HELD) outcome.trends[of] = trendOf(outcome.samples.map(({ at, [of]: value }) => ({ at, value })), HOURLY[kind]);
  return outcome;
}

/** @type {Record<Run["kind"], (watched: Watched, run: Run, outcome: Outcome, machine: { threads: number, devices: ("cpu" | "webgpu")[] }) => Promise<void>>} */
const WORK = {
  async frames(watched, { device, options, network, times }, outcome) {
    outcome.random = (await watched.call("openEngine", device, options, network)).random;
    await watched.call("load", network);
    outcome.others = 0;
    // Every picture once, and what comes with the first answers.
    await watched.call("classify", network, 0, 8);
    await watched.settle();
    const each = Math.max(1, Math.floor(times / SAMPLES));
    for (let done = 0; done < times; ) {
      const count = Math.min(each, times - done);
      outcome.others += await watched.call("classify", network, done, count);
      done += count;
      outcome.samples.push(await watched.sample(done));
    }
  },

  async loads(watched, { device, options, network, times }, outcome) {
    outcome.random = (await watched.call("openEngine", device, options, network)).random;
    outcome.others = 0;
    await watched.settle();
    for (let done = 1; done <= times; done += 1) {
      await watched.call("load", network);
      outcome.others += await watched.call("classify", network, 0, 1);
      await watched.call("unload", network);
      outcome.samples.push(await watched.sample(done));
    }
  },

  async changes(watched, { options, network, times }, outcome, { threads }) {
    // The page's engine tells the networks and is not asked for anything else.
    outcome.random = (await watched.call("openEngine", "cpu", options, network)).random;
    outcome.others = 0;
    const all = changesOf(threads);
    outcome.others += await watched.call("change", network, all[0]);
    await watched.settle();
    for (let done = 0; done < times; done += 1) {
      outcome.others += await watched.call("change", network, all[done % all.length]);
      outcome.samples.push(await watched.sample(done + 1));
    }
  },

  async switches(watched, { times }, outcome, { devices }) {
    await watched.call("followEngines");
    const { page } = watched;
    const period = periodOf(devices.length);
    outcome.hasty = 0;
    await answered(page, placeAfter(0, devices));
    await watched.settle();
    outcome.samples.push(await watched.sample(0));
    for (let done = 1; done <= times; done += 1) {
      const place = placeAfter(done, devices);
      await choose(page, place);
      const isSampled = done % period === 0 || done === times;
      if (!isSampled && done % HASTY === 0) outcome.hasty += 1;
      else await answered(page, place);
      if (done % period === 0) outcome.samples.push(await watched.sample(done));
    }
    // A live source asks without end; the calls that are open then are waited for.
    await page.locator("#use-camera").click();
  },
};

/**
 * As a visitor chooses it.
 * @param {import("playwright-core").Page} page
 * @param {{ network: string, device: string }} place
 */
async function choose(page, { network, device }) {
  const chosen = await page.locator("#network").inputValue();
  if (chosen !== network) await page.locator("#network").selectOption(network);
  const radio = page.locator(`#device input[value="${device}"]`);
  if (!(await radio.isChecked())) await radio.evaluate((/** @type {HTMLInputElement} */ radio) => radio.click());
}

/**
 * Until two pictures of the camera have been answered by the network on its device.
 * @param {import("playwright-core").Page} page
 * @param {{ network: string, device: string }} place
 */
async function answered(page, place) {
  const late = await page.evaluate(async ({ network, device, patience }) => {
    const { state, once } = await import(/** @type {any} */ (new URL("/www/state.js", location.href).href));
    const find = (/** @type {any} */ { running, answers, deviceInfo }) => {
      const runs = running.find((/** @type {any} */ entry) => entry.network === network);
      return deviceInfo?.kind === device && runs ? answers[runs.key] : undefined;
    };
    try {
      const signal = AbortSignal.timeout(patience);
      await once((/** @type {any} */ state) => find(state), signal);
      const first = find(state);
      await once((/** @type {any} */ state) => find(state) && find(state) !== first, signal);
      return null;
    } catch {
      const { problems } = state;
      return Object.values(problems).map((/** @type {any} */ problem) => problem?.text).filter(Boolean).join(" ") || "nothing is said";
    }
  }, { ...place, patience: PATIENCE });
  if (late !== null) throw new Error(`After the switch to ${place.network} on ${place.device} there is no answer within ${PATIENCE / 1000} s: ${late}`);
}
