// @ts-check
import { recentMeans, recentNorms, shownLayers } from "./layers.js";
import { gradientSpan, linearScale, logScale, lossScale, outside, smoothed, stepScale, thinned } from "./scales.js";
import { leftOutSentence, short, wholePercent } from "./words.js";

/**
 * The charts of an experiment: functions of its runs.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("../state.js").Observed} Observed
 * @typedef {import("./chart.js").Chart} Chart
 * @typedef {import("./chart.js").Series} Series
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {Chart & { note: string, words: string }} Noted note: what the chart leaves out; words: what it shows, for those who do not see it
 */

const MOST_POINTS = 400; // of a line
const NAMES = ["first", "second"];

/** @param {Run[]} runs */
const mostSteps = (runs) => Math.max(0, ...runs.map(({ record }) => record.steps));

/** @param {string[]} sentences of which some may be empty */
const together = (...sentences) => sentences.filter(Boolean).join(" ");

/**
 * @param {Run[]} runs that have something to show
 * @param {(run: Run) => string} wordsOf
 */
const each = (runs, wordsOf) => runs.map((run, i) => (runs.length > 1 ? `${i ? "Second" : "First"} run: ` : "") + wordsOf(run)).join(". ");

/**
 * @param {Run} run
 * @param {Float32Array} values
 * @param {number} index
 * @returns {Series[]} the values, and their running mean
 */
function curve({ record }, values, index) {
  const { columns, stride } = record;
  const mean = smoothed(values, columns, stride);
  const points = (/** @type {Float32Array} */ of) => thinned(of, columns, MOST_POINTS).map(({ index, value }) => ({ x: record.stepOf(index), y: value }));
  return [
    { className: `line raw ${NAMES[index]}`, kind: "line", points: points(values) },
    { className: `line ${NAMES[index]}`, kind: "line", points: points(mean) },
  ];
}

/** @param {Pick<Lab, "runs" | "logLoss" | "logSteps">} lab @returns {Noted} */
export function lossChart({ runs, logLoss, logSteps }) {
  const { scale, left } = lossScale(runs.map(({ record }) => record), logLoss);
  return {
    title: "Loss of the batch",
    x: stepScale(mostSteps(runs), logSteps),
    y: scale,
    xTitle: "step",
    yTitle: "cross-entropy",
    series: runs.flatMap((run, i) => curve(run, run.record.loss, i)),
    note: together(scale.isLog && !logLoss ? "The scale is logarithmic, since the loss grows so far." : "", leftOutSentence(left)),
    words: each(runs, (run) => short(recentMeans(run).loss)),
  };
}

/** @param {Pick<Lab, "runs" | "logSteps">} lab @returns {Noted} */
export function accuracyChart({ runs, logSteps }) {
  return {
    title: "Accuracy",
    x: stepScale(mostSteps(runs), logSteps),
    y: percentScale(),
    xTitle: "step",
    yTitle: "share of the pictures that are right",
    series: runs.flatMap((run, i) => [
      ...curve(run, run.record.accuracy, i),
      /** @type {Series} */ ({ className: `dot ${NAMES[i]}`, kind: "dots", points: run.tests.map(({ step, accuracy }) => ({ x: step, y: accuracy })) }),
    ]),
    note: "",
    words: each(runs, (run) => `${wholePercent(recentMeans(run).accuracy)} of the recent batches`),
  };
}

const percentScale = () => {
  const scale = linearScale(0, 1, 4);
  return { ...scale, ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: `${at * 100} %` })) };
};

/** @param {Run[]} runs */
function layerScale(runs) {
  const most = Math.max(2, ...runs.map(({ layers }) => layers.length));
  const every = most > 24 ? 10 : most > 10 ? 5 : 1;
  const ticks = Array.from({ length: most }, (_, i) => i + 1).filter((number) => number === 1 || number % every === 0);
  return { min: 0.5, max: most + 0.5, isLog: false, ticks: ticks.map((at) => ({ at, text: String(at) })) };
}

/**
 * A value for each layer, as a line through those on the way to the output, and dots.
 * @param {Run} run
 * @param {number[]} values in the order of the reports
 * @param {number} index
 * @returns {Series[]}
 */
function byLayer({ layers }, values, index) {
  const { order, main } = shownLayers(layers);
  const points = order.map((layer, i) => ({ x: i + 1, y: values[layer] }));
  return [
    { className: `line ${NAMES[index]}`, kind: "line", points: points.slice(0, main) },
    { className: `dot ${NAMES[index]}`, kind: "dots", points },
  ];
}

const LAYERS = "layer, from the input to the output";

/**
 * @param {Run[]} runs
 * @returns {string} what stands behind the last layer
 */
function headsNote(runs) {
  const shown = runs.map(({ layers }) => shownLayers(layers)).find(({ names, main }) => names.length > main);
  return shown ? `The dots behind layer ${shown.main} are the auxiliary classifiers.` : "";
}

/**
 * @param {Run} run
 * @param {number[]} values in the order of the reports
 */
function endsOf({ layers }, values) {
  const { order, names, main } = shownLayers(layers);
  return [0, main - 1].map((at) => `${short(values[order[at]])} in ${names[at]}`).join(", ");
}

const AT_THE_EDGE = "Layers beyond the scale, or with exactly zero, are drawn at its edge.";

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function profileChart({ runs }) {
  const span = gradientSpan(runs.map(({ record }) => record));
  const norms = runs.map(({ record }) => recentNorms(record));
  const isBeyond = norms.some((of) => of.includes(-Infinity) || Object.values(outside(of, span)).includes(true));
  const plain = (/** @type {number[]} */ of) => of.map((norm) => 10 ** norm);
  return {
    title: "Norm of each layer's gradient",
    x: layerScale(runs),
    y: logScale(10 ** span.low, 10 ** span.high),
    xTitle: LAYERS,
    yTitle: "norm, mean of 20 steps",
    series: runs.flatMap((run, i) => byLayer(run, plain(norms[i]), i)),
    note: together(headsNote(runs), isBeyond ? AT_THE_EDGE : ""),
    words: each(runs, (run) => endsOf(run, plain(recentNorms(run.record)))),
  };
}

/**
 * What the charts of the last observed step have in common.
 * @param {Run[]} runs
 * @param {{ title: string, yTitle: string, y: Scale, note: string }} own
 * @param {(observed: Observed, run: Run, index: number) => Series[]} seriesOf
 * @param {(observed: Observed) => number[]} valuesOf that are said
 * @returns {Noted}
 */
function observedChart(runs, own, seriesOf, valuesOf) {
  return {
    ...own,
    x: layerScale(runs),
    xTitle: LAYERS,
    series: runs.flatMap((run, i) => (run.observed ? seriesOf(run.observed, run, i) : [])),
    words: each(runs, (run) => (run.observed ? endsOf(run, valuesOf(run.observed)) : "nothing yet")),
  };
}

/**
 * The runs that scales follow: those that go on, where some do.
 * @param {Run[]} runs
 */
function living(runs) {
  const going = runs.filter(({ diverged }) => !diverged);
  return going.length ? going : runs;
}

const APART = 0.18; // of the distance between layers

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function spreadChart({ runs }) {
  const endsIn = (/** @type {Run[]} */ of) => of.flatMap(({ observed }) => observed?.means.flatMap((mean, i) => [mean - observed.deviations[i], mean + observed.deviations[i]]) ?? []).filter(Number.isFinite);
  const ends = endsIn(living(runs));
  const y = linearScale(Math.min(0, ...ends), Math.max(0.1, ...ends));
  const isBeyond = endsIn(runs).some((end) => end < y.min || end > y.max);
  const note = isBeyond ? "The scale follows the run that goes on. What lies beyond it is drawn at its edge." : "";
  return observedChart(runs, { title: "Outputs: mean and spread", yTitle: "output", y, note }, ({ means, deviations }, { layers }, i) => {
    const { order } = shownLayers(layers);
    const shift = runs.length > 1 ? (i ? APART : -APART) : 0;
    const points = order.map((layer, at) => ({ x: at + 1 + shift, y: means[layer] }));
    return [
      { className: `spread ${NAMES[i]}`, kind: "spread", points, spread: order.map((layer) => deviations[layer]) },
      { className: `dot ${NAMES[i]}`, kind: "dots", points },
    ];
  }, ({ means }) => means);
}

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function stuckChart({ runs }) {
  return observedChart(runs, { title: "Dead or saturated units", yTitle: "share of the units", y: percentScale(), note: "" }, ({ stuck }, run, i) => byLayer(run, stuck, i), ({ stuck }) => stuck);
}

const LEAST_UPDATE = 1e-12; // of the greatest

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function updatesChart({ runs }) {
  const valuesIn = (/** @type {Run[]} */ of) => of.flatMap(({ observed }) => observed?.updates ?? []);
  const values = valuesIn(living(runs)).filter((value) => value > 0 && Number.isFinite(value));
  const [least, most] = values.length ? [Math.min(...values), Math.max(...values)] : [1e-4, 1e-1];
  const y = logScale(Math.max(least, most * LEAST_UPDATE), most);
  const note = valuesIn(runs).some((value) => value < y.min || value > y.max) ? AT_THE_EDGE : "";
  return observedChart(runs, { title: "Change of the weights, relative to them", yTitle: "change / weights", y, note }, ({ updates }, run, i) => byLayer(run, updates, i), ({ updates }) => updates);
}
