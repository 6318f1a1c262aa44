// @ts-check
import { THIRD, pointsAlong, smoothed } from "./curves.js";
import { latestOf, mostLayers, recentNorms, shownLayers } from "./layers.js";
import { beyondSentences, layerWords, layersBeyond, scaleSentence, stepsBeyond } from "./notes.js";
import { followed, scaleFrom } from "./recent.js";
import { gradientSpan, linearScale, logScale, lossScale, rangeOf, robustRange, stepScale } from "./scales.js";
import { appliedOf } from "./settings.js";
import { listed, ofRun } from "./words.js";

/**
 * The charts of an experiment: functions of its runs.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Run} Run
 * @typedef {import("../state.js").Observed} Observed
 * @typedef {import("./layers.js").Charted} Charted
 * @typedef {import("./chart.js").Chart} Chart
 * @typedef {import("./chart.js").Series} Series
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {"loss" | "accuracy" | "profile" | "spread" | "stuck" | "updates"} Name
 */

const NAMES = ["first", "second"];

/** @param {Run[]} runs */
const mostSteps = (runs) => Math.max(0, ...runs.map(({ record }) => record.steps));

/**
 * The values of each step, and their running means.
 * @param {Run[]} runs
 * @param {Scale} axis
 * @param {"loss" | "accuracy"} name of the values
 * @returns {{ series: Series[], sentence: string }} with how the lines are to be read
 */
function curves(runs, axis, name) {
  const lines = runs.map(({ record }) => [pointsAlong(record, record[name], axis), pointsAlong(record, smoothed(record, record[name]), axis)]);
  const most = Math.max(0, ...lines.map(([{ most }]) => most));
  const thin = most > 1 ? `means of up to ${most} steps` : "each step";
  return {
    series: lines.flatMap(([raw, smooth], i) => [
      /** @type {Series} */ ({ className: `line raw ${NAMES[i]}`, kind: "line", points: raw.points }),
      /** @type {Series} */ ({ className: `line ${NAMES[i]}`, kind: "line", points: smooth.points }),
    ]),
    sentence: `Thin line: ${thin}. Thick line: a running mean, in which a step has a third of its weight after ${THIRD} more.`,
  };
}

/** @param {Pick<Lab, "runs" | "logLoss" | "logSteps">} lab @returns {Chart} */
function lossChart({ runs, logLoss, logSteps }) {
  const x = stepScale(mostSteps(runs), logSteps);
  const y = lossScale(runs, logLoss);
  const { series, sentence } = curves(runs, x, "loss");
  const beyond = stepsBeyond(runs, y.min, y.max, ({ loss, columns }) => loss.subarray(0, columns));
  return {
    x,
    y,
    xTitle: "step",
    yTitle: "cross-entropy",
    series,
    caption: `The cross-entropy of the batch before each step${auxiliaryWords(runs)}. Guessing among ten classes gives 2.3${runs.some(hasAuxiliary) ? ", and 3.7 with the auxiliary classifiers" : ""}. ${sentence}`,
    note: [
      ...(y.isLog && !logLoss ? ["The scale is logarithmic, because the loss grows by orders of magnitude."] : []),
      ...(beyond.length ? [scaleSentence(scaleFrom(runs)), beyondSentences(beyond, runs)] : []),
    ].join(" "),
  };
}

/** @param {Run} run */
const hasAuxiliary = ({ config }) => appliedOf(config).auxiliary;

/** @param {Run[]} runs */
function auxiliaryWords(runs) {
  const having = runs.map((_, i) => i).filter((i) => hasAuxiliary(runs[i]));
  if (!having.length) return "";
  return ` plus 0.3 times that of each auxiliary classifier${having.length < runs.length ? `, which only the ${NAMES[having[0]]} run has` : ""}`;
}

/** @param {Pick<Lab, "runs" | "logSteps">} lab @returns {Chart} */
function accuracyChart({ runs, logSteps }) {
  const x = stepScale(mostSteps(runs), logSteps);
  const { series, sentence } = curves(runs, x, "accuracy");
  const dots = runs.map(({ tests }, i) => /** @type {Series} */ ({ className: `dot ${NAMES[i]}`, kind: "dots", points: tests.map(({ step, accuracy }) => ({ x: step, y: accuracy })) }));
  return {
    x,
    y: percentScale(),
    xTitle: "step",
    yTitle: "share of the pictures",
    series: [...series, ...dots],
    caption: `The share of the batch that is read right before each step. Dots: the share of the test pictures, which it was not trained with. ${sentence}`,
    note: "",
  };
}

const percentScale = () => {
  const scale = linearScale(0, 1, 4);
  return { ...scale, ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: `${at * 100} %` })) };
};

/** @param {Charted} lab */
function layerScale(lab) {
  const most = mostLayers(lab);
  const every = most > 24 ? 10 : most > 10 ? 5 : 1;
  const ticks = Array.from({ length: most }, (_, i) => i + 1).filter((number) => number === 1 || number % every === 0);
  return { min: 0.5, max: most + 0.5, isLog: false, ticks: ticks.map((at) => ({ at, text: String(at) })) };
}

const LAYERS = "layer, from the input to the output";

/**
 * @param {Run[]} runs
 * @returns {string} what stands behind the last layer
 */
function headWords(runs) {
  const shown = runs.map(({ layers }) => shownLayers(layers)).find(({ names, main }) => names.length > main);
  return shown ? ` The dots after layer ${shown.main} are the auxiliary classifiers'.` : "";
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

/** @param {number} value of a logarithmic scale; what is zero is told in a sentence of its own */
const endsOf = (value) => (value > 0 ? { least: value, most: value } : null);

/** @param {Charted} lab @returns {Chart} */
function profileChart(lab) {
  const { runs } = lab;
  const { low, high } = gradientSpan(runs);
  const y = logScale(10 ** low, 10 ** high);
  const norms = runs.map(recentNorms);
  const values = norms.map((norms) => norms.map(({ logarithm }) => 10 ** logarithm));
  return {
    x: layerScale(lab),
    y,
    xTitle: LAYERS,
    yTitle: "norm of the gradient",
    series: runs.flatMap((run, i) => byLayer(run, values[i], i)),
    caption: `A level line: every layer gets about the same gradient. A slope: the gradient fades or grows on its way back. The geometric mean over ${latestWords(runs)}, before clipping.${headWords(runs)}`,
    note: [...layersBeyond(runs, y, (i) => values[i].map(endsOf)), ...runs.flatMap((_, i) => zeroSentences(runs, i, norms[i]))].join(" "),
  };
}

/**
 * Over which steps the means of what is now are.
 * @param {Run[]} runs
 */
function latestWords(runs) {
  const counts = runs.map((run) => latestOf(run).length);
  const words = counts.map((count) => (count === 1 ? "the last step" : `the last ${count} steps`));
  if (new Set(counts).size > 1) return listed(words.map((steps, i) => `${steps} of the ${NAMES[i]} run`));
  return words[0] ?? "the last steps";
}

/**
 * @param {Run[]} runs
 * @param {number} index
 * @param {import("./layers.js").Norm[]} norms
 */
function zeroSentences(runs, index, norms) {
  const { layers } = runs[index];
  const steps = latestOf(runs[index]).length;
  const named = (/** @type {(norm: import("./layers.js").Norm) => boolean} */ isMeant) => layers.filter((_, i) => isMeant(norms[i]));
  const silent = named(({ logarithm }) => logarithm === -Infinity);
  const weak = named(({ logarithm, zeros }) => zeros > 0 && logarithm !== -Infinity);
  const often = steps > 1 ? `in most of the last ${steps} steps` : "in the last step";
  return [
    ...(silent.length ? [`${layerWords(silent)}${ofRun(runs, index)} had a gradient of exactly zero ${often}, and ${silent.length > 1 ? "are" : "is"} drawn at the lower edge.`] : []),
    ...(weak.length ? [`${layerWords(weak)}${ofRun(runs, index)} had a gradient of exactly zero in some of the last ${steps} steps, which the mean leaves out.`] : []),
  ];
}

/**
 * @param {Pick<Lab, "runs">} lab
 * @param {(observed: Observed, run: Run, index: number) => Series[]} seriesOf
 */
const observedSeries = ({ runs }, seriesOf) => runs.flatMap((run, i) => (run.observed ? seriesOf(run.observed, run, i) : []));

/**
 * Of which steps the values are that not every step tells.
 * @param {Run[]} runs
 */
export function observedWords(runs) {
  const seen = runs.filter(({ observed }) => observed).map(({ observedAt }) => observedAt);
  if (!seen.length) return "In the last step";
  if (new Set(seen).size < 2) return `At step ${seen[0]}`;
  return `At ${listed(seen.map((step, i) => `step ${step} of the ${NAMES[i]} run`))}`;
}

/** @param {Observed} observed */
const spreadEnds = ({ means, deviations }) => means.map((mean, i) => (Number.isFinite(mean + deviations[i]) ? { least: mean - deviations[i], most: mean + deviations[i] } : null));

const APART = 0.18; // of the distance between layers

/** @param {Charted} lab @returns {Chart} */
function spreadChart(lab) {
  const { runs } = lab;
  const ends = runs.map(({ observed }) => (observed ? spreadEnds(observed) : []));
  const { min, max } = robustRange(followed(runs).flatMap((run) => ends[runs.indexOf(run)].flatMap((end) => (end ? [end.least, end.most] : []))));
  const y = linearScale(min, max || 0.1);
  return {
    x: layerScale(lab),
    y,
    xTitle: LAYERS,
    yTitle: "output",
    series: observedSeries(lab, ({ means, deviations }, { layers }, i) => {
      const { order } = shownLayers(layers);
      const shift = runs.length > 1 ? (i ? APART : -APART) : 0;
      const points = order.map((layer, at) => ({ x: at + 1 + shift, y: means[layer] }));
      return [
        { className: `spread ${NAMES[i]}`, kind: "spread", points, spread: order.map((layer) => deviations[layer]) },
        { className: `dot ${NAMES[i]}`, kind: "dots", points },
      ];
    }),
    caption: `${observedWords(runs)}: the mean of a layer's output over the batch (dot) and one standard deviation to both sides (line), after normalisation, addition and activation function.${headWords(runs)}`,
    note: layersBeyond(runs, y, (i) => ends[i]).join(" "),
  };
}

/** @param {Charted} lab @returns {Chart} */
function stuckChart(lab) {
  const { runs } = lab;
  return {
    x: layerScale(lab),
    y: percentScale(),
    xTitle: LAYERS,
    yTitle: "share of the units",
    series: observedSeries(lab, ({ stuck }, run, i) => byLayer(run, stuck, i)),
    caption: `${observedWords(runs)}: the share of units whose activation function has, for every picture of the batch, less than a hundredth of its greatest slope. Layers without activation function have none.${headWords(runs)}`,
    note: "",
  };
}

/** @param {Charted} lab @returns {Chart} */
function updatesChart(lab) {
  const { runs } = lab;
  const range = rangeOf(followed(runs).flatMap(({ observed }) => observed?.updates ?? []).filter((value) => value > 0)) ?? { min: 1e-4, max: 1e-1 };
  const y = logScale(range.min, range.max);
  return {
    x: layerScale(lab),
    y,
    xTitle: LAYERS,
    yTitle: "change / weights",
    series: observedSeries(lab, ({ updates }, run, i) => byLayer(run, updates, i)),
    caption: `${observedWords(runs)}: the norm of the change in one step divided by the norm of the layer's weights. As a rule of thumb, about 10⁻³ is healthy.${headWords(runs)}`,
    note: [...layersBeyond(runs, y, (i) => (runs[i].observed?.updates ?? []).map(endsOf)), ...runs.flatMap((_, i) => unchangedSentences(runs, i))].join(" "),
  };
}

/**
 * @param {Run[]} runs
 * @param {number} index
 */
function unchangedSentences(runs, index) {
  const { layers, observed } = runs[index];
  const still = layers.filter((_, i) => observed?.updates[i] === 0);
  return still.length ? [`${layerWords(still)}${ofRun(runs, index)} did not change at all, and ${still.length > 1 ? "are" : "is"} drawn at the lower edge.`] : [];
}

/** All charts but the heat map, in the order of the page. @type {Record<Name, { title: string, draw: (lab: Lab) => Chart }>} */
export const CHARTS = {
  profile: { title: "Norm of each layer's gradient now", draw: profileChart },
  loss: { title: "Loss of the batch", draw: lossChart },
  accuracy: { title: "Accuracy", draw: accuracyChart },
  spread: { title: "Outputs: mean and spread", draw: spreadChart },
  stuck: { title: "Dead or saturated units", draw: stuckChart },
  updates: { title: "Relative change of the weights", draw: updatesChart },
};
