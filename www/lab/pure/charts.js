// @ts-check
import { recentNorms, shownLayers } from "./layers.js";
import { gradientSpan, linearScale, logScale, lossScale, smoothed, stepScale, thinned } from "./scales.js";
import { leftOutSentence } from "./words.js";

/**
 * The charts of an experiment: functions of its runs.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("../state.js").Observed} Observed
 * @typedef {import("./chart.js").Chart} Chart
 * @typedef {import("./chart.js").Series} Series
 * @typedef {Chart & { note: string }} Noted note: what the chart leaves out
 */

const MOST_POINTS = 400; // of a line
const NAMES = ["first", "second"];

/** @param {Run[]} runs */
const mostSteps = (runs) => Math.max(0, ...runs.map(({ record }) => record.steps));

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
    series: runs.flatMap((run, i) => curve(run, run.record.loss, i)),
    note: leftOutSentence(left),
  };
}

/** @param {Pick<Lab, "runs" | "logSteps">} lab @returns {Noted} */
export function accuracyChart({ runs, logSteps }) {
  return {
    title: "Accuracy",
    x: stepScale(mostSteps(runs), logSteps),
    y: percentScale(),
    xTitle: "step",
    series: runs.flatMap((run, i) => [
      ...curve(run, run.record.accuracy, i),
      /** @type {Series} */ ({ className: `dot ${NAMES[i]}`, kind: "dots", points: run.tests.map(({ step, accuracy }) => ({ x: step, y: accuracy })) }),
    ]),
    note: "",
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

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function profileChart({ runs }) {
  const { low, high } = gradientSpan(runs.map(({ record }) => record));
  const silent = runs.some(({ record }) => recentNorms(record).includes(-Infinity));
  return {
    title: "Norm of each layer's gradient",
    x: layerScale(runs),
    y: logScale(10 ** low, 10 ** high),
    xTitle: "layer, from the input to the output",
    series: runs.flatMap((run, i) => byLayer(run, recentNorms(run.record).map((norm) => 10 ** norm), i)),
    note: silent ? "Layers whose gradient is exactly zero are drawn at the lower edge." : "",
  };
}

/**
 * @param {Pick<Lab, "runs">} lab
 * @param {(observed: Observed, run: Run, index: number) => Series[]} seriesOf
 */
const observedSeries = ({ runs }, seriesOf) => runs.flatMap((run, i) => (run.observed ? seriesOf(run.observed, run, i) : []));

const APART = 0.18; // of the distance between layers

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function spreadChart(lab) {
  const { runs } = lab;
  const ends = runs.flatMap(({ observed }) => observed?.means.flatMap((mean, i) => [mean - observed.deviations[i], mean + observed.deviations[i]]) ?? []).filter(Number.isFinite);
  return {
    title: "Outputs: mean and spread",
    x: layerScale(runs),
    y: linearScale(Math.min(0, ...ends), Math.max(0.1, ...ends)),
    xTitle: "layer",
    series: observedSeries(lab, ({ means, deviations }, { layers }, i) => {
      const { order } = shownLayers(layers);
      const shift = runs.length > 1 ? (i ? APART : -APART) : 0;
      const points = order.map((layer, at) => ({ x: at + 1 + shift, y: means[layer] }));
      return [
        { className: `spread ${NAMES[i]}`, kind: "spread", points, spread: order.map((layer) => deviations[layer]) },
        { className: `dot ${NAMES[i]}`, kind: "dots", points },
      ];
    }),
    note: "",
  };
}

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function stuckChart(lab) {
  return { title: "Dead or saturated units", x: layerScale(lab.runs), y: percentScale(), xTitle: "layer", series: observedSeries(lab, ({ stuck }, run, i) => byLayer(run, stuck, i)), note: "" };
}

/** @param {Pick<Lab, "runs">} lab @returns {Noted} */
export function updatesChart(lab) {
  const values = lab.runs.flatMap(({ observed }) => observed?.updates ?? []).filter((value) => value > 0 && Number.isFinite(value));
  const [least, most] = values.length ? [Math.min(...values), Math.max(...values)] : [1e-4, 1e-1];
  const isSilent = lab.runs.some(({ observed }) => observed?.updates.includes(0));
  return {
    title: "Change of the weights, relative to them",
    x: layerScale(lab.runs),
    y: logScale(Math.max(least, most * 1e-12), most),
    xTitle: "layer",
    series: observedSeries(lab, ({ updates }, run, i) => byLayer(run, updates, i)),
    note: isSilent ? "Layers whose weights do not change at all are drawn at the lower edge." : "",
  };
}
