// @ts-check
import { Engine, isFatal } from "../engine.js";
import { load } from "../load.js";
import { originHere } from "../origin.js";
import { rowOfEntry } from "../pure/entries.js";
import { sentenceOf } from "../pure/failure.js";
import { storedVariant } from "../pure/memory.js";
import { IDLE, standingText } from "../pure/standing.js";
import { adapterName, downloadText, placeName } from "../pure/text.js";
import { cardOf, state, update } from "../state.js";
import { cardOfEntry } from "./ownCard.js";
import { Patterns } from "./patterns.js";
import { rowOf, slowdownOf } from "./pure/results.js";
import { Sample, thinned } from "./pure/sample.js";
import { isSameSetup } from "./pure/setups.js";
import { FEWEST_TIMINGS, batchAfter, batchOf, endingOf, median, quantile, remainingTime, typicalOf } from "./pure/statistics.js";

/**
 * Times networks on devices. Every row is warmed up; then the rows take turns, so that whatever else the machine
 * does affects all of them alike. Of runs that are short for the browser's clock, several make one timing. What is
 * timed is the inference; the preprocessing before each is timed apart. A row ends when its median is settled or its time is spent.
 *
 * @typedef {import("./pure/results.js").Measured} Measured
 * @typedef {import("./pure/results.js").Result} Result
 * @typedef {import("./setups.js").Setup} Setup
 * @typedef {import("./state.js").BenchmarkRun} Run
 * @typedef {import("../state.js").Entry} Entry
 * @typedef {Measured & { on: Engine | null, inferred: number, spent: number, quick: number, usual: number, patterns: Patterns }} Contender on: what it runs on; inferred: milliseconds of timed inferences; spent: of timed runs, with their preprocessing; quick: milliseconds of an inference, about; usual: of an inference with its preprocessing, about; patterns: what it sees
 * @typedef {import("../engine.js").Timing} Timing
 * @typedef {{ contender: Contender, time: number }} Turn time: the median of its timings
 *
 * @typedef {object} Course what all turns have in common
 * @property {number} budget milliseconds a row
 * @property {number} clockStep milliseconds
 * @property {AbortSignal} signal
 * @property {ReturnType<typeof watchVisibility>} watch
 * @property {Turn[]} log
 * @property {(run: Run) => void} onProgress
 */

const TURN = 60; // milliseconds: shorter timings are made several at a time
const MOST_A_TURN = 100; // timings
const WARM = 50; // milliseconds of runs after the first that are not counted
const TELLING = 6; // milliseconds of such runs that tell about how long one takes
const MOST_TURNS = 3000; // that are compared to find a slowdown
const TELL = 200; // milliseconds between two reports of the progress

/**
 * @param {Entry[]} entries
 * @param {Setup[]} setups
 * @param {number} secondsPerRow
 * @param {AbortSignal} signal ends it; what was measured counts
 * @param {(run: Run) => void} onProgress
 * @returns {Promise<{ result: Result | null, failed: Measured[] }>} no result where nothing was measured
 */
export async function benchmark(entries, setups, secondsPerRow, signal, onProgress) {
  const closing = new AbortController();
  const close = () => closing.abort();
  signal.addEventListener("abort", close);
  const watch = watchVisibility();
  const busy = state.building.length > 0; // a server that has built everything begins nothing new
  const patterns = new Patterns();
  const contenders = setups.flatMap((setup) => entries.map((entry) => contender(entry, setup, patterns)));
  /** @type {Turn[]} in their order */
  const log = [];
  let clockStep = 0;
  try {
    for (const [i, setup] of setups.entries()) {
      const own = contenders.filter((row) => isSameSetup(row, setup));
      await prepare(own, setup, closing.signal, (text) => onProgress({ phase: "preparing", text, share: i / setups.length, remaining: null, rows: contenders }));
    }
    const engine = contenders.find(({ on }) => on)?.on;
    if (engine) clockStep = await engine.clockStep();
    for (const row of contenders) row.batch = batchOf(row.quick, row.usual, clockStep);
    await measure(contenders, { budget: secondsPerRow * 1000, clockStep, signal, watch, log, onProgress });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", close);
    close();
    watch.end();
  }
  const measured = contenders.filter(({ sample }) => sample.count > 0);
  for (const row of measured) row.ended ??= row.phase === "failed" ? "failed" : "cancelled";
  const medians = new Map(measured.map((one) => [one, quantile(one.sample.ordered, 0.5)]));
  /** @type {Result | null} */
  const result = measured.length ? {
    format: "convscope-benchmark",
    version: 4,
    ...(await originHere()),
    clockStep: Number(clockStep.toPrecision(3)),
    slowdown: slowdownOf(thinned(log, MOST_TURNS).map(({ contender, time }) => ({ median: medians.get(contender) ?? NaN, time }))),
    hidden: watch.wasHidden(),
    cancelled: signal.aborted,
    busy,
    secondsPerRow,
    rows: measured.map(rowOf),
  } : null;
  return { result, failed: contenders.filter(({ phase }) => phase === "failed") };
}

/**
 * @param {Entry} entry
 * @param {Setup} setup
 * @param {Patterns} patterns
 * @returns {Contender}
 */
function contender(entry, setup, patterns) {
  return {
    key: `${entry.key} ${Object.values(setup).join(" ")}`, entry, ...setup, card: undefined, phase: "waiting", text: "", variant: "", adapter: "", software: false, threads: null, dot8: null,
    load: 0, first: 0, batch: 1, sample: new Sample(), preprocess: new Sample(), ended: null, weightsBytes: null, activationBytes: null, on: null, inferred: 0, spent: 0, quick: Infinity, usual: 0, patterns,
  };
}

/**
 * Loads and warms up the rows of one device. A network that ends the engine is left out, and the others are loaded again.
 * @param {Contender[]} rows
 * @param {Setup} setup
 * @param {AbortSignal} signal closes the engine
 * @param {(text: string) => void} say
 */
async function prepare(rows, setup, signal, say) {
  for (;;) {
    const left = rows.filter(({ phase }) => phase !== "failed");
    if (!left.length) return;
    say(`Starting ${placeName(setup)}…`);
    /** @type {Engine} */
    let engine;
    try {
      const onFetched = (/** @type {number} */ received, /** @type {number} */ total) => say(downloadText("burn", { received, total }));
      engine = await Engine.open(setup.device, signal, (cards) => update({ cards }), { engine: setup.engine, f16: setup.f16, arithmetic: setup.arithmetic, threads: state.threads, onFetched });
    } catch (error) {
      signal.throwIfAborted();
      for (const row of left) fail(row, error);
      return;
    }
    if (await loadAll(left, engine, signal, say)) return;
    engine.close();
  }
}

/**
 * @param {Contender[]} rows
 * @param {Engine} engine
 * @param {AbortSignal} signal
 * @param {(text: string) => void} say
 * @returns {Promise<boolean>} false: the engine ended, and the row that ended it has failed
 */
async function loadAll(rows, engine, signal, say) {
  for (const row of rows) {
    const { entry } = row;
    const card = cardOf(entry.network); // known since the engine started
    row.phase = "loading";
    row.on = engine;
    try {
      row.card = await cardOfEntry(entry, engine);
      const manifest = state.rows ?? [];
      row.weightsBytes = rowOfEntry(entry, manifest)?.bytes ?? null;
      row.activationBytes = (await engine.memory(entry.network, storedVariant(entry, manifest))).activationBytes;
      if (engine.device) Object.assign(row, { adapter: adapterName(engine.device), software: engine.device.software, threads: engine.device.threads ?? null, dot8: engine.device.dot8 ?? null });
      const name = card?.name ?? entry.network;
      const { weights, milliseconds } = await load(entry, engine, signal, (phase, details) => say(standingText({ ...IDLE, phase, ...details }, name)));
      row.variant = weights;
      row.load = milliseconds;
      say(`Warming up ${name}…`);
      await warmUp(row, engine);
      row.phase = "measuring";
    } catch (error) {
      signal.throwIfAborted();
      fail(row, error);
      if (isFatal(error)) return false;
    }
  }
  return true;
}

/**
 * The first run compiles shaders and fills caches. Its time is kept apart, and the runs after it, in calls that become longer,
 * tell about how long a run takes.
 * @param {Contender} row
 * @param {Engine} engine
 */
async function warmUp(row, engine) {
  const run = (/** @type {number} */ runs) => engine.time(row.entry.key, row.patterns.frameFor(row), runs);
  row.first = (await run(1))[0].inference;
  let spent = 0;
  for (let runs = 1; spent < WARM; runs *= 2) {
    const timings = await run(runs);
    const { total } = meanOf(timings);
    row.usual = total;
    if (runs * total >= TELLING) row.quick = Math.min(row.quick, typicalOf(timings.map(({ inference }) => inference))); // interruptions only add to a time
    spent += Math.max(1, runs * total);
  }
}

/**
 * @param {Timing[]} timings of runs after one another
 * @returns {Timing} in whose mean the steps of the clock average out
 */
function meanOf(timings) {
  const mean = (/** @type {keyof Timing} */ name) => timings.reduce((sum, timing) => sum + timing[name], 0) / timings.length;
  return { preprocess: mean("preprocess"), inference: mean("inference"), total: mean("total") };
}

/**
 * @param {Measured} row
 * @param {unknown} error
 */
function fail(row, error) {
  row.phase = "failed";
  row.text = sentenceOf(error);
}

/**
 * @param {Contender[]} contenders
 * @param {Course} course
 */
async function measure(contenders, course) {
  const { budget, signal, watch, onProgress } = course;
  const start = performance.now();
  let told = 0;
  for (;;) {
    const open = contenders.filter(({ phase }) => phase === "measuring");
    if (!open.length) return;
    for (const row of open) {
      if (document.hidden) {
        onProgress({ phase: "hidden", text: "Waiting until the page is seen again: browsers slow down pages that are not.", share: 0, remaining: null, rows: contenders });
        await watch.seen(signal);
      }
      await turn(row, course);
      if (row.phase === "measuring") row.ended = endingOf(row.sample, row, budget);
      if (row.ended) row.phase = "done";
      if (performance.now() - told < TELL) continue;
      told = performance.now();
      const remaining = contenders.reduce((sum, one) => sum + (one.phase === "measuring" ? remainingTime(one.sample, usualTiming(one), one, budget) : 0), 0);
      const elapsed = performance.now() - start;
      onProgress({ phase: "measuring", text: "", share: elapsed / (elapsed + remaining), remaining: remaining / 1000, rows: contenders });
    }
  }
}

/**
 * @param {Contender} row
 * @param {Course} course
 */
async function turn(row, { clockStep, signal, watch, log }) {
  const { batch } = row;
  const isFirst = row.sample.count === 0;
  const count = Math.max(1, Math.min(MOST_A_TURN, Math.round(TURN / usualTiming(row))));
  watch.reset();
  const engine = /** @type {Engine} */ (row.on);
  try {
    const runs = await engine.time(row.entry.key, row.patterns.frameFor(row), count * batch);
    signal.throwIfAborted();
    if (watch.hiddenSince()) return; // a browser slows hidden pages down
    const timings = Array.from({ length: count }, (_, i) => meanOf(runs.slice(i * batch, (i + 1) * batch)));
    for (const { preprocess, inference, total } of timings) {
      row.sample.add(inference);
      row.preprocess.add(preprocess);
      row.inferred += batch * inference;
      row.spent += batch * total;
    }
    if (isFirst || row.sample.count <= FEWEST_TIMINGS) {
      const total = median(runs.map(({ total }) => total));
      const wanted = batchAfter(row.sample.ordered, batch, total, clockStep);
      if (wanted > batch) return beginAnew(row, wanted, total);
    }
    log.push({ contender: row, time: median(timings.map(({ inference }) => inference)) });
  } catch (error) {
    signal.throwIfAborted();
    fail(row, error);
  }
}

/**
 * Leaves out the few timings that were made in a batch that proved too small.
 * @param {Contender} row
 * @param {number} batch
 * @param {number} usual milliseconds of a run, about
 */
function beginAnew(row, batch, usual) {
  Object.assign(row, { sample: new Sample(), preprocess: new Sample(), inferred: 0, spent: 0, batch, usual });
}

/**
 * @param {Contender} row
 * @returns {number} milliseconds of a timing with the preprocessing, about
 */
function usualTiming({ sample, spent, usual, batch }) {
  return (sample.count ? spent / sample.count : batch * usual) || 1;
}

/** Notices when the page is hidden. */
function watchVisibility() {
  let ever = document.hidden;
  let since = false;
  /** @type {Set<() => void>} */
  const waiting = new Set();
  const changed = () => {
    if (document.hidden) ever = since = true;
    else for (const resolve of waiting) resolve();
  };
  document.addEventListener("visibilitychange", changed);
  return {
    wasHidden: () => ever,
    reset: () => (since = document.hidden),
    hiddenSince: () => since,
    end: () => document.removeEventListener("visibilitychange", changed),
    /** @param {AbortSignal} signal */
    seen: (signal) => new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
      waiting.add(resolve);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
  };
}
