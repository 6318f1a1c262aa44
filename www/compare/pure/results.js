// @ts-check
import { DEFAULT_VARIANT, RANDOM, isOwnVariant, nameOf, weightsOf } from "../../pure/entries.js";
import { mayUseCpu } from "../../pure/place.js";
import { percent } from "../../pure/text.js";
import { SETUPS, isSameSetup } from "./setups.js";
import { FEWEST_FOR_P90, FEWEST_STEPS, isSettled, medianInterval, quantile, slowdown } from "./statistics.js";

/**
 * What a benchmark found, as it is shown, saved and shared. `results.schema.json` says what the fields mean.
 *
 * @typedef {object} Row
 * @property {string} network
 * @property {string} variant
 * @property {"webgpu" | "cpu"} device
 * @property {import("../../state.js").EngineName} engine
 * @property {boolean} f16
 * @property {"f32" | "int8"} arithmetic
 * @property {number | null} threads
 * @property {boolean | null} dot8
 * @property {string} adapter
 * @property {boolean} software
 * @property {number} load
 * @property {number} first
 * @property {number} runs
 * @property {number} batch
 * @property {number} median
 * @property {number} low
 * @property {number} high
 * @property {number | null} p90
 * @property {number} min
 * @property {boolean} settled
 * @property {import("./statistics.js").Ending | null} ended
 * @property {number} preprocess
 * @property {number} framesPerSecond
 * @property {number} gmacPerSecond
 * @property {number} macs
 * @property {number} parameters
 * @property {number | null} weightsBytes
 * @property {number | null} activationBytes
 * @property {number | null} top1
 * @property {number | null} top5
 * @property {number[]} [times]
 *
 * @typedef {object} Result
 * @property {"convscope-benchmark"} format
 * @property {4} version
 * @property {string} date
 * @property {string} convscope
 * @property {string} browser
 * @property {string} os
 * @property {number} clockStep
 * @property {number} slowdown
 * @property {boolean} hidden
 * @property {boolean} cancelled
 * @property {boolean} busy
 * @property {number} secondsPerRow
 * @property {Row[]} rows
 *
 * @typedef {object} Measured a row on its way
 * @property {string} key of the row
 * @property {import("../../pure/entries.js").Entry} entry
 * @property {"webgpu" | "cpu"} device
 * @property {import("../../state.js").EngineName} engine
 * @property {boolean} f16
 * @property {"f32" | "int8"} arithmetic
 * @property {number | null} threads null until its engine is there
 * @property {boolean | null} dot8 its browser and machine have quick 8-bit arithmetic; null until its engine is there
 * @property {"waiting" | "loading" | "measuring" | "done" | "failed"} phase
 * @property {string} text why it failed
 * @property {string} variant
 * @property {string} adapter
 * @property {boolean} software
 * @property {number} load
 * @property {number} first
 * @property {number} batch runs that are timed together
 * @property {import("./sample.js").Sample} sample milliseconds of a run; where several are timed together, their mean
 * @property {import("./sample.js").Sample} preprocess
 * @property {import("./statistics.js").Ending | null} ended
 * @property {number | null} weightsBytes
 * @property {number | null} activationBytes
 * @property {import("../../../pkg/convscope.js").Card | undefined} card
 *
 * @typedef {import("../../pure/entries.js").Entry} Entry
 * @typedef {import("./setups.js").SetupName} SetupName
 * @typedef {{ kind: "warning" | "remark", text: string }} Note
 */

const COARSE = 0.03; // share of a median above which a step of the clock is too coarse to measure it

/** @param {number} time */
const round = (time) => Number(time.toPrecision(6));

/**
 * How many pictures are answered in a second: each is preprocessed before its inference.
 * @param {number} inference milliseconds
 * @param {number} preprocess milliseconds
 */
export const framesPerSecond = (inference, preprocess) => (inference + preprocess ? round(1000 / (inference + preprocess)) : 0);

/**
 * @param {Row} row
 * @returns {number | null} the share of its time that preprocessing took, 0 to 1; null where it is less than half
 */
export function preprocessingShare({ median, preprocess }) {
  const share = preprocess / (median + preprocess);
  return share > 0.5 ? share : null;
}

/**
 * @param {Measured} measured with one timing at least
 * @returns {Row} without its single times
 */
export function summaryOf({ entry, device, engine, f16, arithmetic, threads, dot8, variant, adapter, software, load, first, batch, sample, preprocess, ended, weightsBytes, activationBytes, card }) {
  const { ordered, count, min } = sample;
  const middle = quantile(ordered, 0.5);
  const before = quantile(preprocess.ordered, 0.5);
  const { low, high } = medianInterval(ordered);
  const macs = Number(card?.macs ?? 0);
  return {
    network: entry.network,
    variant,
    device,
    engine,
    f16,
    arithmetic,
    threads,
    dot8,
    adapter,
    software,
    load: round(load),
    first: round(first),
    runs: count * batch,
    batch,
    median: round(middle),
    low: round(low),
    high: round(high),
    p90: count < FEWEST_FOR_P90 ? null : round(quantile(ordered, 0.9)),
    min: round(min),
    settled: isSettled(ordered),
    ended,
    preprocess: round(before),
    framesPerSecond: framesPerSecond(middle, before),
    gmacPerSecond: middle ? round(macs / middle / 1e6) : 0,
    macs,
    parameters: card?.parameters ?? 0,
    weightsBytes,
    activationBytes,
    top1: isOwnVariant(variant) ? null : (card?.top1 ?? null), // the published accuracy is not theirs
    top5: isOwnVariant(variant) ? null : (card?.top5 ?? null),
  };
}

/**
 * @param {Measured} measured with one timing at least
 * @returns {Row}
 */
export const rowOf = (measured) => ({ ...summaryOf(measured), times: measured.sample.times.map(round) });

/**
 * How many timings a row has: as many as runs, unless several were timed together.
 * @param {Row} row
 */
export const timingsOf = ({ runs, batch }) => runs / batch;

/**
 * How much slower the machine became, over all rows in the order of their turns.
 * @param {{ median: number, time: number }[]} turns time: the median of a turn; median: that of its row
 */
export function slowdownOf(turns) {
  const { factor, certain } = slowdown(turns.map(({ median, time }) => time / median));
  return certain ? round(factor) : 1;
}

/** @param {Row} row */
export const rowKey = ({ network, variant, device, engine, f16, arithmetic }) => `${network} ${variant === RANDOM ? DEFAULT_VARIANT : variant} ${device} ${engine} ${f16} ${arithmetic}`;

/**
 * How a row differs from what would be measured now.
 * @param {Row} row
 * @param {{ entries: Entry[], setups: SetupName[], threads: number | null, manifest: import("../../pure/entries.js").Row[] }} chosen threads: null where the quickest number is taken
 * @returns {string} in a few words; empty where it does not differ
 */
export function differenceOf(row, { entries, setups, threads, manifest }) {
  const { network, variant } = row;
  const own = entries.filter((entry) => entry.network === network);
  if (!own.length) return "network not chosen now";
  if (!own.some((entry) => weightsOf(entry, manifest) === variant)) return "other weights now";
  if (!setups.some((name) => isSameSetup(SETUPS[name], row))) return "device not chosen now";
  return threads !== null && mayUseCpu(row) && row.threads !== threads ? "other threads now" : "";
}

/**
 * @param {Row} row
 * @param {import("../../pure/entries.js").Card[]} cards
 */
export function rowName({ network, variant }, cards) {
  return nameOf({ key: network, network, variant: variant === RANDOM || variant === DEFAULT_VARIANT ? null : variant }, cards);
}

/** Whether it computed in 8 bits where that gains nothing. @param {Row} row */
export const isGainless = ({ arithmetic, dot8 }) => arithmetic === "int8" && dot8 === false;

/** @param {Result} result */
export const dateOf = ({ date }) => date.replace("T", " ").replace("Z", " UTC");

/**
 * What a reader must know before trusting the numbers.
 * @param {Result} result
 * @returns {Note[]}
 */
export function notesOf({ rows, clockStep, slowdown, hidden, cancelled, busy, secondsPerRow }) {
  /** @type {Note[]} */
  const notes = [];
  const warn = (/** @type {string} */ text) => notes.push({ kind: "warning", text });
  const remark = (/** @type {string} */ text) => notes.push({ kind: "remark", text });
  const software = new Set(rows.filter((row) => row.software).map(({ adapter }) => adapter));
  if (software.size) warn(`WebGPU ran on a software adapter (${[...software].join(", ")}): its times say nothing of a GPU.`);
  if (slowdown > 1) warn(`The machine became slower on the way: the last third of the runs took ${Math.round((slowdown - 1) * 100)} % longer than the first. A battery saver, heat or another program may be the cause; plug it in, close what runs, and measure again.`);
  const gainless = rows.filter(isGainless).length;
  if (gainless) remark(`${gainless === 1 ? "One row" : `${gainless} rows`} ran in 8-bit arithmetic where the browser or the machine has no fast 8-bit arithmetic, so that 8 bits gain nothing there.`);
  if (busy) warn("The server of the page was still building on this machine during the benchmark: these times are not to be trusted. Measure again when it has finished.");
  if (hidden) warn("The page was hidden for a while. Those runs are left out, but the browser may have slowed the others too.");
  const coarse = rows.filter(({ median, batch }) => clockStep > COARSE * median * batch);
  if (coarse.length) warn(`This browser's clock steps by ${round(clockStep)} ms, which is coarse for ${coarse.length === 1 ? "one row" : `${coarse.length} rows`}.`);
  const short = rows.filter(({ median, batch }) => clockStep <= COARSE * median * batch && median * batch < FEWEST_STEPS * clockStep).length;
  if (short) remark(`${short === 1 ? "One row's timings take" : `The timings of ${short} rows take`} less than ${FEWEST_STEPS} steps of this browser's clock (${round(clockStep)} ms each), so that a single timing is known to no better than 1 %.`);
  if (cancelled) warn("It was cancelled, so that some rows have few runs.");
  const batched = rows.filter(({ batch }) => batch > 1).length;
  if (batched) remark(`${batched === 1 ? "One row was" : `${batched} rows were`} timed in batches, because an inference takes less than ${FEWEST_STEPS} steps of this browser's clock (${round(clockStep)} ms each): several runs are added up and divided by their number for one timing, and median, interval, p90 and minimum are those of such means.`);
  const shares = rows.flatMap((row) => preprocessingShare(row) ?? []);
  if (shares.length) remark(`${shares.length === 1 ? "One row spent" : `${shares.length} rows spent up to`} ${percent(Math.max(...shares), 0)} of ${shares.length === 1 ? "its" : "their"} time on preprocessing, which comes before every inference and counts towards the time for a row, but not towards the times of inference.`);
  const few = rows.filter(({ p90 }) => p90 === null).length;
  if (few) remark(`${few === 1 ? "One row has" : `${few} rows have`} no p90: it takes ${FEWEST_FOR_P90} timings to say what nine of ten stay below.`);
  const sampled = rows.filter((row) => row.times && row.times.length < timingsOf(row)).length;
  if (sampled) remark(`${sampled === 1 ? "One row" : `${sampled} rows`} had more timings than are kept: every second, fourth or further one is, spread evenly over the whole row.`);
  const open = rows.filter(({ settled }) => !settled).length;
  if (open && !cancelled) remark(`${open === 1 ? "One row's median is" : `${open} rows' medians are`} not yet known to within 3 % after ${secondsPerRow} s: the interval beside each says how well.`);
  const random = rows.filter(({ variant }) => variant === RANDOM).length;
  if (random) remark(`${random === 1 ? "One row" : `${random} rows`} ran with random weights: ${random === 1 ? "its" : "their"} speed is real, and the accuracy is that of the published weights.`);
  const own = rows.filter(({ variant }) => isOwnVariant(variant)).length;
  if (own) remark(`${own === 1 ? "One row" : `${own} rows`} ran with weights that are not the official ones: no published accuracy holds for ${own === 1 ? "it" : "them"}, and none is given.`);
  return notes;
}
