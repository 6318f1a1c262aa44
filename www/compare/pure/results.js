// @ts-check
import { DEFAULT_VARIANT, RANDOM, nameOf } from "../../pure/entries.js";
import { isSettled, median, medianInterval, quantile, slowdown, sorted } from "./statistics.js";

/**
 * What a benchmark found, as it is shown, saved and shared. `results.schema.json` says what the fields mean.
 *
 * @typedef {object} Row
 * @property {string} network
 * @property {string} variant
 * @property {"webgpu" | "cpu"} device
 * @property {import("../../state.js").EngineName} engine
 * @property {boolean} f16
 * @property {string} adapter
 * @property {boolean} software
 * @property {number} load
 * @property {number} first
 * @property {number} runs
 * @property {number} median
 * @property {number} low
 * @property {number} high
 * @property {number} p90
 * @property {number} min
 * @property {boolean} settled
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
 * @property {2} version
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
 * @property {"waiting" | "loading" | "measuring" | "done" | "failed"} phase
 * @property {string} text why it failed
 * @property {string} variant
 * @property {string} adapter
 * @property {boolean} software
 * @property {number} load
 * @property {number} first
 * @property {number[]} times
 * @property {number[]} preprocess
 * @property {number | null} weightsBytes
 * @property {number | null} activationBytes
 * @property {import("../../../pkg/convscope.js").Card | undefined} card
 *
 * @typedef {{ kind: "warning" | "remark", text: string }} Note
 */

const COARSE = 0.03; // share of a median above which a step of the clock is too coarse to measure it

/** @param {number} time */
const round = (time) => Number(time.toPrecision(6));

/**
 * @param {Measured} measured with one run at least
 * @returns {Row}
 */
export function rowOf({ entry, device, engine, f16, variant, adapter, software, load, first, times, preprocess, weightsBytes, activationBytes, card }) {
  const ordered = sorted(times);
  const middle = quantile(ordered, 0.5);
  const { low, high } = medianInterval(ordered);
  const macs = Number(card?.macs ?? 0);
  return {
    network: entry.network,
    variant,
    device,
    engine,
    f16,
    adapter,
    software,
    load: round(load),
    first: round(first),
    runs: times.length,
    median: round(middle),
    low: round(low),
    high: round(high),
    p90: round(quantile(ordered, 0.9)),
    min: round(ordered[0]),
    settled: isSettled(ordered),
    preprocess: round(median(preprocess)),
    framesPerSecond: middle ? round(1000 / middle) : 0,
    gmacPerSecond: middle ? round(macs / middle / 1e6) : 0,
    macs,
    parameters: card?.parameters ?? 0,
    weightsBytes,
    activationBytes,
    top1: card?.top1 ?? null,
    top5: card?.top5 ?? null,
    times: times.map(round),
  };
}

/**
 * How much slower the machine became, over all rows in the order in which they ran.
 * @param {{ median: number, time: number }[]} runs
 */
export function slowdownOf(runs) {
  const { factor, certain } = slowdown(runs.map(({ median, time }) => time / median));
  return certain ? round(factor) : 1;
}

/** @param {Row} row */
export const rowKey = ({ network, variant, device, engine, f16 }) => `${network} ${variant === RANDOM ? DEFAULT_VARIANT : variant} ${device} ${engine} ${f16}`;

/**
 * @param {Row} row
 * @param {import("../../pure/entries.js").Card[]} cards
 */
export function rowName({ network, variant }, cards) {
  return nameOf({ key: network, network, variant: variant === RANDOM || variant === DEFAULT_VARIANT ? null : variant }, cards);
}

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
  if (busy) warn("The server of the page was still building on this machine during the benchmark: these times are not to be trusted. Measure again when it has finished.");
  if (hidden) warn("The page was hidden for a while. Those runs are left out, but the browser may have slowed the others too.");
  const coarse = rows.filter(({ median }) => clockStep > COARSE * median);
  if (coarse.length) warn(`This browser's clock steps by ${round(clockStep)} ms, which is coarse for ${coarse.length === 1 ? "one row" : `${coarse.length} rows`}.`);
  if (cancelled) warn("It was cancelled, so that some rows have few runs.");
  const open = rows.filter(({ settled }) => !settled).length;
  if (open && !cancelled) remark(`${open === 1 ? "One row's median is" : `${open} rows' medians are`} not yet known to within 3 % after ${secondsPerRow} s: the interval beside each says how well.`);
  const random = rows.filter(({ variant }) => variant === RANDOM).length;
  if (random) remark(`${random === 1 ? "One row" : `${random} rows`} ran with random weights: their speed is real, and the accuracy is that of the published weights.`);
  return notes;
}
