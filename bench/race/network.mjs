// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { Runtime, plain } from "./runtime.mjs";
import { REFERENCE } from "./runtimes.mjs";
import { cosine, median, quantile, relativeDifference } from "./statistics.mjs";

/**
 * Milliseconds and bytes. What a runtime did not reach is left out, and `failed` says why.
 * @typedef {object} Result
 * @property {string} id
 * @property {string} name
 * @property {"webgpu" | "cpu"} device
 * @property {import("./runtimes.mjs").Arithmetic} arithmetic
 * @property {number} threads
 * @property {number} [start] code loaded and compiled, device ready
 * @property {number} [load] session made, weights on the device
 * @property {number} [first] first inference
 * @property {number} [runs] warm runs
 * @property {number} [median]
 * @property {number} [p90]
 * @property {number} [least]
 * @property {number[]} [rounds] each round's median
 * @property {number} [difference] of the logits from the reference's, relative
 * @property {number} [cosine] of the angle between both logits
 * @property {string[]} [code] files of code that it loaded
 * @property {number} [weights] bytes of weights that it loaded
 * @property {number} [wasm] bytes of its wasm memory
 * @property {number} [buffers] bytes of its buffers on the device, at most
 * @property {number} [refusedShaders]
 * @property {string[]} [said] complaints on the console
 * @property {{ at: string, why: string }} [failed]
 */

/** @typedef {{ photo: string, same: boolean }[]} Photos */

/** Between two turns, so that one's clean-up is not the next one's time. */
const PAUSE = 200;
/** Runs of a turn at most: more would only wait longer. */
const MOST_RUNS = 50;
const LEAST_RUNS = 3;

/**
 * All runtimes on one network, each in a page of its own, taking turns.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url of the page for one runtime
 * @param {import("../page/description.js").Description} description
 * @param {import("./runtimes.mjs").Contender[]} contenders
 * @param {{ rounds: number, seconds: number, patience: number }} options
 * @returns {Promise<{ results: Result[], photos: Photos | null }>}
 */
export async function race(browser, url, description, contenders, { rounds, seconds, patience }) {
  const entrants = [];
  for (const contender of contenders) entrants.push(await enter(browser, url, description, contender, patience));

  const turn = (seconds * 1000) / rounds;
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < entrants.length; place += 1) {
      await run(entrants[(round + place) % entrants.length], turn, seconds * 1000);
    }
    console.log(`    round ${round + 1} of ${rounds}`);
  }

  const photos = description.seed === null && description.input.channels === 3 ? await samePhotos(entrants) : null;
  for (const entrant of entrants) await finish(entrant);
  const reference = entrants.find(({ result }) => result.id === REFERENCE)?.logits;
  for (const { result, logits } of entrants) {
    if (reference && logits) Object.assign(result, { difference: relativeDifference(reference, logits), cosine: cosine(reference, logits) });
  }
  return { results: entrants.map(({ result }) => result), photos };
}

/**
 * @typedef {object} Entrant
 * @property {Result} result
 * @property {Runtime} [runtime] none once it failed
 * @property {number[][]} times of each round
 * @property {number} last duration of a run
 * @property {number[]} [logits]
 */

/**
 * Until the first inference, alone.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("../page/description.js").Description} description
 * @param {import("./runtimes.mjs").Contender} contender
 * @param {number} patience
 * @returns {Promise<Entrant>}
 */
async function enter(browser, url, description, contender, patience) {
  const { id, name, device, arithmetic, threads } = contender;
  /** @type {Entrant} */
  const entrant = { result: { id, name, device, arithmetic, threads }, times: [], last: 0 };
  const { result } = entrant;
  await attempt(entrant, "start", async () => {
    entrant.runtime = await Runtime.open(browser, url, patience);
    result.start = await entrant.runtime.start(contender);
  });
  await attempt(entrant, "load", async (runtime) => (result.load = await runtime.ask("load", description)));
  await attempt(entrant, "first inference", async (runtime) => {
    const { times, logits } = await runtime.ask("infer", 1);
    [result.first, entrant.logits] = [times[0], logits];
    entrant.last = times[0];
  });
  const { start, load, first, failed } = result;
  const seconds = [start, load, first].map((time) => (time === undefined ? "–" : `${(time / 1000).toFixed(2)} s`));
  console.log(`    ${name}: start ${seconds[0]}, load ${seconds[1]}, first ${seconds[2]}${failed ? `; failed: ${failed.why}` : ""}`);
  await sleep(PAUSE);
  return entrant;
}

/**
 * As many runs as fit a turn; a slow runtime ends once it has enough of them.
 * @param {Entrant} entrant
 * @param {number} turn milliseconds
 * @param {number} budget milliseconds for all turns
 */
async function run(entrant, turn, budget) {
  const all = entrant.times.flat();
  const spent = all.reduce((sum, time) => sum + time, 0);
  if (all.length >= LEAST_RUNS && spent + entrant.last > budget) return;
  await attempt(entrant, "warm runs", async (runtime) => {
    const { times } = await runtime.ask("infer", Math.min(Math.max(Math.floor(turn / entrant.last), 1), MOST_RUNS));
    entrant.times.push(times);
    entrant.last = median(times);
    await sleep(PAUSE);
  });
}

/**
 * Do both of ConvScope's devices name the same five classes in the same order?
 * @param {Entrant[]} entrants
 * @returns {Promise<Photos | null>}
 */
async function samePhotos(entrants) {
  /** @type {{ id: string, top5: number[] }[][]} */
  const answers = [];
  for (const id of ["convscope-cpu", "convscope-webgpu"]) {
    const entrant = entrants.find(({ result }) => result.id === id);
    if (!entrant) return null;
    await attempt(entrant, "photos", async (runtime) => answers.push(await runtime.ask("photos")));
  }
  if (answers.length < 2) return null;
  const [cpu, webgpu] = answers;
  return cpu.map(({ id, top5 }, index) => ({ photo: id, same: String(top5) === String(webgpu[index].top5) }));
}

/** @param {Entrant} entrant */
async function finish(entrant) {
  const { result, times } = entrant;
  await attempt(entrant, "report", async (runtime) => {
    const { code, weights, wasm, buffers, refusedShaders, said } = await runtime.ask("report");
    Object.assign(result, { code, weights, wasm, buffers, refusedShaders, said });
  });
  await entrant.runtime?.close();
  const all = times.flat();
  if (all.length === 0) return;
  const [middle, p90, least] = [0.5, 0.9, 0].map((share) => quantile(all, share));
  Object.assign(result, { runs: all.length, median: middle, p90, least, rounds: times.map(median) });
}

/**
 * A failure ends one runtime's race and is told in its row.
 * @param {Entrant} entrant
 * @param {string} at
 * @param {(runtime: Runtime) => Promise<unknown>} work
 */
async function attempt(entrant, at, work) {
  if (entrant.result.failed) return;
  try {
    await work(/** @type {Runtime} */ (entrant.runtime));
  } catch (error) {
    entrant.result.failed = { at, why: plain(error) };
    await entrant.runtime?.close();
    entrant.runtime = undefined;
  }
}
