// What the gradient lab shows of runs: the record, scales that say what they leave out, lines, colours and numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHARTS, observedWords } from "../../www/lab/pure/charts.js";
import { chartMarkup } from "../../www/lab/pure/chart.js";
import { pointsAlong, smoothed } from "../../www/lab/pure/curves.js";
import { ZERO, colourOfNorm, heatBeyond, heatCaption, pictureOf, pixelsOf } from "../../www/lab/pure/heat.js";
import { mostLayers, recentMeans, recentNorms, shownLayers } from "../../www/lab/pure/layers.js";
import { tablesOf } from "../../www/lab/pure/numbers.js";
import { RECENT, followed, scaleFrom } from "../../www/lab/pure/recent.js";
import { gradientSpan, linearScale, logScale, lossScale, place, robustRange, stepScale } from "../../www/lab/pure/scales.js";
import { COLUMNS, RunRecord } from "../../www/lab/record.js";
import { BASE, labOf, recordFor, recordOf, runOf, stopped } from "./labRuns.mjs";

/** @param {number} value @param {number} wanted */
const near = (value, wanted, share = 1e-5) => assert.ok(Math.abs(value - wanted) <= share * Math.max(1, Math.abs(wanted)), `${value} is not ${wanted}`);

/** @param {keyof typeof CHARTS} name @param {object} lab */
const chartOf = (name, lab) => CHARTS[name].draw(lab);

test("before anything is trained, the axis has the layers of the settings", () => {
  const asked = (settings, change = null) => mostLayers(labOf([], { settings: { ...BASE, ...settings }, change }));
  assert.equal(asked({ depth: 20, auxiliary: false }), 21);
  assert.equal(asked({ depth: 20, auxiliary: false }, { depth: 30 }), 31);
  assert.equal(asked({ depth: 20, auxiliary: true }), 23);
  assert.equal(asked({ depth: 2, auxiliary: true }), 4);
  assert.equal(asked({ family: "lenet5" }), 5);
  assert.equal(chartOf("profile", labOf([], { settings: { ...BASE, depth: 20 } })).x.max, 21.5);
});

// The record

test("a long run keeps its first 200 steps, and its columns have each step once", () => {
  const steps = 60_000;
  const record = new RunRecord(2);
  for (let step = 1; step <= steps; step++) record.push({ loss: step, accuracy: step / steps, gradients: [10 ** -(step % 4), 1] });
  assert.equal(record.steps, steps);
  assert.ok(record.columns < COLUMNS && record.columns > COLUMNS / 4, `${record.columns} columns`);
  let last = 0;
  let most = 1;
  for (let column = 0; column < record.columns; column++) {
    assert.equal(record.firstOf(column), last + 1);
    last = record.lastOf(column);
    most = Math.max(most, record.stepsOf(column));
    if (last <= 200) assert.equal(record.stepsOf(column), 1, `step ${last} is no column of its own`);
    assert.ok(record.stepsOf(column) <= Math.max(1, record.firstOf(column) / 100), `the column from step ${record.firstOf(column)} on has ${record.stepsOf(column)} steps`);
    near(record.loss[column], (record.firstOf(column) + last) / 2); // the mean of neighbouring whole numbers
    assert.equal(record.counts[2 * column], record.stepsOf(column));
    assert.equal(record.columnAfter(record.firstOf(column) - 1), column);
  }
  assert.equal(last, steps);
  assert.ok(most <= steps / 1000, `a column has ${most} steps`);
  near(record.norms[2 * (record.columns - 2)], -1.5); // the mean of 0, -1, -2, -3
});

test("a mean is that of the norms that are finite and not zero, however the steps come together", () => {
  const record = new RunRecord(4);
  const values = [0, 1e-2, 1e-4];
  const steps = COLUMNS * 8;
  for (let i = 0; i < steps; i++) record.push({ loss: 1, accuracy: 0, gradients: [values[i % 3], 0, i % 20 ? 0 : 1, i % 2 ? 1e-3 : NaN] });
  let several = 0;
  for (let column = 0; column < record.columns; column++) {
    const [cell, count, last] = [column * 4, record.stepsOf(column), record.lastOf(column)];
    const inIt = Array.from({ length: count }, (_, i) => values[(last - count + i) % 3]).filter((norm) => norm > 0);
    if (inIt.length) near(record.norms[cell], inIt.reduce((sum, norm) => sum + Math.log10(norm), 0) / inIt.length);
    else assert.equal(record.norms[cell], -Infinity);
    assert.deepEqual([record.counts[cell], record.zeros[cell]], [inIt.length, count - inIt.length]);
    assert.equal(record.norms[cell + 1], -Infinity);
    assert.equal(record.zeroShare(column, 1), 1);
    if (count % 2) continue;
    several += 1;
    near(record.norms[cell + 3], -3);
    assert.deepEqual([record.counts[cell + 3], record.zeros[cell + 3]], [count / 2, 0]);
  }
  assert.ok(several > 1000, `only ${several} columns have several steps`);
});

test("0, 1e-2 and 1e-4 have the geometric mean 1e-3, and a layer that is mostly zero is not shown as alive", () => {
  const [norm] = recentNorms({ record: recordOf([[0], [1e-2], [1e-4]]), diverged: null });
  near(norm.logarithm, -3);
  assert.equal(norm.zeros, 1);
  const silent = recordFor(20, (step) => [step === 7 ? 1 : 0, 1]);
  assert.deepEqual(recentNorms({ record: silent, diverged: null })[0], { logarithm: -Infinity, zeros: 19 });
  assert.equal(recentMeans({ record: silent, layers: ["layer1", "output"] }).ratio, -Infinity);
  assert.match(chartOf("profile", labOf([runOf(silent)])).note, /^The layer “layer1” had a gradient of exactly zero in most of the last 20 steps, and is drawn at the lower edge\.$/);
  assert.match(chartOf("profile", labOf([runOf(recordOf([[0], [1e-2], [1e-4]]))])).note, /“layer1” had a gradient of exactly zero in some of the last 3 steps, which the mean leaves out/);
});

test("what is now is the mean of the last 20 steps, also in a run of which columns have more", () => {
  const record = recordFor(30_000, (step) => [step > 30_000 - RECENT ? 1e-2 : 1], (step) => (step > 30_000 - RECENT ? 3 : 100));
  assert.ok(record.stepsOf(record.columns - 2) > 1);
  const { steps, loss, accuracy } = recentMeans({ record, layers: ["output"] });
  assert.deepEqual([steps, loss, accuracy], [RECENT, 3, 0.5]);
  near(recentNorms({ record, diverged: null })[0].logarithm, -2);
});

test("auxiliary classifiers' layers are shown behind the output, and are not the last layer", () => {
  const layers = ["layer1", "head1", "layer2", "output"];
  assert.deepEqual(shownLayers(layers), { names: ["layer1", "layer2", "output", "head1"], order: [0, 2, 3, 1], main: 3 });
  near(recentMeans({ record: recordOf([[1e-6, 5, 1e-3, 1]]), layers }).ratio, -6);
  assert.match(chartOf("profile", labOf([runOf(recordOf([[1, 1, 1, 1]]), layers)])).caption, /The dots after layer 3 are the auxiliary classifiers'\.$/);
});

test("of a run that has stopped, the last step is what is now: a mean would hide the explosion", () => {
  const record = recordOf([[1, 1], [1e5, 1e3], [1e25, 1e20]]);
  near(recentNorms({ record, diverged: null })[0].logarithm, 10);
  const run = runOf(record, ["layer1", "output"], { diverged: { step: 4, layer: "output", what: "output" } });
  near(recentNorms(run)[0].logarithm, 25);
  near(recentMeans(run).ratio, 5);
  assert.match(chartOf("profile", labOf([run])).caption, /over the last step, before clipping/);
  assert.match(tablesOf([run])[0].caption, /those of the last step\./);
});

// Scales

test("scales have round numbers, and a place for each value", () => {
  const linear = linearScale(0, 2.3);
  assert.deepEqual([linear.min, linear.max, linear.ticks.map(({ text }) => text)], [0, 3, ["0", "1", "2", "3"]]);
  assert.equal(place(linear, 1.5), 0.5);
  const log = logScale(2e-5, 0.4);
  assert.deepEqual([log.min, log.max], [1e-5, 1]);
  near(place(log, 1e-3), 0.4, 1e-9);
  const many = logScale(1e-16, 1);
  assert.ok(many.ticks.length <= 8, `${many.ticks.length} ticks`);
});

test("the recent steps are counted in steps that the runs have in common", () => {
  const run = (/** @type {number} */ steps) => runOf(recordFor(steps, () => [1]));
  assert.equal(scaleFrom([]), 0);
  assert.equal(scaleFrom([run(10)]), 0);
  assert.equal(scaleFrom([run(30)]), 10, "20 steps are followed at least");
  assert.equal(scaleFrom([run(100)]), 50);
  assert.equal(scaleFrom([run(100), run(60)]), 30, "a run that is behind in its turn is followed too");
  const halted = stopped(recordFor(6, () => [1]));
  assert.equal(scaleFrom([halted, run(100)]), 50);
  assert.equal(followed([halted, run(20)]).length, 2);
  assert.equal(followed([halted, run(26)]).length, 1, "20 steps later it is left out");
  assert.equal(followed([halted]).length, 1, "alone it sets the scale");
});

test("an early spike does not set the scale, which says what it leaves out", () => {
  const run = runOf(recordFor(100, () => [1], (step) => (step <= 3 ? 501 - step : 1)));
  assert.ok(lossScale([run], false).max < 3);
  assert.equal(chartOf("loss", labOf([run])).note, "The scale follows the steps after 50. Steps 1 to 3 lie above it, up to 500.");
  assert.equal(chartOf("loss", labOf([runOf(recordFor(2, () => [1], () => 2))])).note, "");
  const some = runOf(recordFor(100, () => [1], (step) => (step === 2 || step === 9 ? 40 : 1)));
  assert.match(chartOf("loss", labOf([some])).note, / 2 of the steps 2 to 9 lie above it, up to 40\.$/);
});

test("a loss that falls is shown from its beginning, and one that explodes has a logarithmic scale", () => {
  const falls = labOf([runOf(recordFor(100, () => [1], (step) => (step < 10 ? 2.3 : 0.6)))]);
  assert.deepEqual([chartOf("loss", falls).y.isLog, chartOf("loss", falls).note], [false, ""]);
  const explodes = labOf([runOf(recordFor(3, () => [1], (step) => 10 ** (4 * step)))]);
  assert.deepEqual([chartOf("loss", explodes).y.isLog, chartOf("loss", explodes).note], [true, "The scale is logarithmic, because the loss grows by orders of magnitude."]);
  assert.equal(chartOf("loss", { ...explodes, logLoss: true }).note, "");
});

test("notes count steps, not columns", () => {
  const steps = 40_000;
  const record = recordFor(steps, () => [1], (step) => (step > 4000 && step <= 8000 ? 50 : 1));
  const columns = record.columnAfter(8000) - record.columnAfter(4000);
  const [, count, from, to] = /(?:(\d+) of the steps|Steps) (\d+) to (\d+) lie above/.exec(chartOf("loss", labOf([runOf(record)])).note) ?? [];
  assert.ok(columns < 1500);
  near(Number(to) - Number(from) + 1, 4000, 0.05);
  near(Number(count ?? 4000), 4000, 0.05);
});

test("a run that stopped does not ruin the scales of the one that goes on, and the notes say so", () => {
  const exploded = stopped(recordFor(6, (step) => [10 ** (5 * step), 1], (step) => 10 ** (4 * step)), { observed: { updates: [1e9, 1e9], means: [1e20, 0], deviations: [1e21, 1], stuck: [0, 0] }, observedAt: 4 });
  const healthy = runOf(recordFor(100, () => [1e-2, 1]), undefined, { observed: { updates: [1e-3, 2e-3], means: [0.1, 0], deviations: [0.5, 1], stuck: [0, 0] }, observedAt: 100 });
  for (const [first, second, name] of [[exploded, healthy, "first"], [healthy, exploded, "second"]]) {
    const lab = labOf([first, second]);
    assert.deepEqual(gradientSpan(lab.runs), { low: -4, high: 0 });
    assert.ok(chartOf("loss", lab).y.max < 3);
    assert.match(chartOf("loss", lab).note, new RegExp(`^The scale follows the steps after 50\\. Steps 1 to 6 of the ${name} run, which stopped at step 7, lie above it, up to 10²⁴\\.$`));
    assert.match(chartOf("profile", lab).note, new RegExp(`“layer1” of the ${name} run, which stopped at step 7, goes beyond the scale, up to .*drawn at its edge`));
    assert.match(chartOf("spread", lab).note, new RegExp(`“layer1” of the ${name} run, which stopped at step 7, goes beyond`));
    assert.match(chartOf("updates", lab).note, new RegExp(`“layer1” and “layer2” of the ${name} run, which stopped at step 7, go beyond the scale, up to 10⁹`));
    assert.ok(chartOf("spread", lab).y.max <= 2 && chartOf("updates", lab).y.max <= 1e-2);
    const { above, below, note } = heatBeyond(lab.runs, gradientSpan(lab.runs));
    assert.deepEqual([above, below], [true, false]);
    assert.match(note, /^The scale follows the steps after 50\. Steps 1 to 6 of the (first|second) run, which stopped at step 7, lie above it, up to 10³⁰\. What lies beyond/);
  }
  const early = labOf([exploded, runOf(recordFor(6, () => [1e-2, 1]))]);
  assert.equal(gradientSpan(early.runs).high, 30, "while both go on, both are shown");
});

test("50 sigmoid layers are shown to their last power of ten", () => {
  const norms = Array.from({ length: 51 }, (_, i) => 10 ** (-0.8 * (50 - i)));
  const lab = labOf([runOf(recordFor(30, () => norms))]);
  assert.deepEqual(gradientSpan(lab.runs), { low: -40, high: 0 });
  const { y, note, series } = chartOf("profile", lab);
  assert.equal(note, "");
  for (const { y: value } of series.flatMap(({ points }) => points)) assert.ok(place(y, value) > -1e-6 && place(y, value) < 1.0001, `${value} is not on the scale`);
  assert.deepEqual(heatBeyond(lab.runs, gradientSpan(lab.runs)), { below: false, above: false, note: "" });
  const updates = norms.map((norm) => norm * 1e-3);
  const changes = chartOf("updates", labOf([runOf(recordFor(30, () => norms), undefined, { observed: { updates, means: [], deviations: [], stuck: [] }, observedAt: 30 })]));
  assert.ok(place(changes.y, updates[0]) > -1e-6, "13 decades and more are not cut off");
  assert.equal(changes.note, "");
});

test("what lies beyond the colours is said, on either side", () => {
  const run = runOf(recordFor(100, (step) => (step < 5 ? [1e-9, 1e3] : [1e-2, 1])));
  const { above, below, note } = heatBeyond([run], gradientSpan([run]));
  assert.deepEqual([above, below], [true, true]);
  assert.match(note, /Steps 1 to 4 lie above or below it, up to 1000 and down to 10⁻⁹\. What lies beyond it has the colour of its end\.$/);
});

test("one layer with huge outputs does not flatten the others", () => {
  assert.deepEqual(robustRange([-1, 1, -2, 2, 1e6, 3]), { min: -2, max: 3 });
  assert.deepEqual(robustRange([1, 1, 1, 5]), { min: 0, max: 5 }, "what is a few times larger is shown");
  assert.deepEqual(robustRange([0, 0, 0, 0, 2]), { min: 0, max: 2 });
  assert.deepEqual(robustRange([]), { min: 0, max: 0 });
  const observed = { updates: [1, 1, 1, 1], means: [0, 0, 0, 1e8], deviations: [1, 1, 1, 1e7], stuck: [0, 0, 0, 0] };
  const chart = chartOf("spread", labOf([runOf(recordOf([[1, 1, 1, 1]]), undefined, { observed, observedAt: 1 })]));
  assert.ok(chart.y.max <= 2, `up to ${chart.y.max}`);
  assert.equal(chart.note, "The layer “layer4” goes beyond the scale, up to 10⁸, and is drawn at its edge.");
});

// Lines

test("lines are thinned evenly along the axis that they are drawn on", () => {
  const record = recordFor(60_000, () => [1], (step) => step);
  for (const isLog of [false, true]) {
    const axis = stepScale(record.steps, isLog);
    const { points, most } = pointsAlong(record, record.loss, axis);
    assert.ok(points.length <= 401 && points.length > 150, `${points.length} points`);
    for (const { x, y } of points) near(y, x, 1e-3);
    const gaps = points.slice(1).map(({ x }, i) => place(axis, x) - place(axis, points[i].x));
    if (isLog) assert.ok(points.filter(({ x }) => x <= 20).length === 20, "each of the first steps is a point");
    else assert.ok(Math.max(...gaps) < 0.006, `a gap of ${Math.max(...gaps)}`);
    assert.ok(most > 100);
  }
});

test("a running mean begins as a plain mean, and forgets by steps and not by columns", () => {
  const mean = smoothed(recordFor(6, () => [1], (step) => (step % 2 ? 0 : 10)), [0, 10, 0, 10, 0, 10]);
  assert.equal(mean[1], 5);
  assert.ok(Math.abs(mean[5] - 5) < 1.5);
  const jump = recordFor(20_000, () => [1], (step) => (step > 10_000 ? 1 : 0));
  const smooth = smoothed(jump, jump.loss);
  const after = jump.columnAfter(10_100);
  assert.ok(smooth[after] > 0.99, `100 steps after a jump it is at ${smooth[after]}`);
});

test("what is drawn is said: the loss with auxiliary classifiers, means, running means, and which step", () => {
  const run = runOf(recordFor(5, () => [1]));
  const { caption } = chartOf("loss", labOf([run, { ...run, config: { ...BASE, auxiliary: true } }]));
  assert.match(caption, /plus 0\.3 times that of each auxiliary classifier, which only the second run has\. Guessing among ten classes gives 2\.3, and 3\.7 with the auxiliary classifiers\. Thin line: each step\. Thick line: a running mean, in which a step has a third of its weight after 16 more\./);
  assert.doesNotMatch(chartOf("loss", labOf([run])).caption, /auxiliary/);
  assert.match(chartOf("loss", labOf([runOf(recordFor(9000, () => [1]))])).caption, /Thin line: means of up to \d\d steps\./);
  assert.match(chartOf("profile", labOf([run])).caption, /geometric mean over the last 5 steps, before clipping/);
  assert.match(chartOf("profile", labOf([run, runOf(recordFor(90, () => [1]))])).caption, /over the last 5 steps of the first run and the last 20 steps of the second run, before/);
  const seen = (/** @type {number} */ observedAt) => ({ ...run, observed: { updates: [1], means: [0], deviations: [1], stuck: [0] }, observedAt });
  assert.equal(observedWords([seen(4)]), "At step 4");
  assert.equal(observedWords([seen(4), seen(4)]), "At step 4");
  assert.equal(observedWords([seen(4), seen(9)]), "At step 4 of the first run and step 9 of the second run");
  for (const name of ["spread", "stuck", "updates"]) assert.match(chartOf(name, labOf([seen(4)])).caption, /^At step 4: /);
  assert.match(chartOf("stuck", labOf([seen(4)])).caption, /for every picture of the batch, less than a hundredth of its greatest slope/);
  for (const [name, { title, draw }] of Object.entries(CHARTS)) {
    assert.ok(title.length > 5 && draw(labOf([])).caption.length > 20, `${name} is not explained`);
    const { axes } = chartMarkup(draw(labOf([])), { width: 300, height: 200 });
    assert.doesNotMatch(axes, /NaN|Infinity/);
    const { xTitle, yTitle } = draw(labOf([]));
    assert.ok(xTitle && yTitle && axes.includes(`>${xTitle}<`) && axes.includes(`>${yTitle}<`), `${name} has axes without names`);
  }
});

test("weights that do not change are said, and test results are dots", () => {
  const run = runOf(recordOf([[1, 1]]), undefined, { observed: { updates: [0, 1e-3], means: [0, 0], deviations: [1, 1], stuck: [0, 0] }, observedAt: 1, tests: [{ step: 1, accuracy: 0.75, loss: 1 }] });
  assert.equal(chartOf("updates", labOf([run])).note, "The layer “layer1” did not change at all, and is drawn at the lower edge.");
  assert.match(chartMarkup(chartOf("accuracy", labOf([run])), { width: 300, height: 200 }).series, /<path class="dot first" d="M[\d. ]+h0"/);
});

// Colours

const SPAN = { low: -4, high: 0 };

test("a heat map has one pixel for each column and layer, the first layer at the top", () => {
  const picture = pictureOf(recordFor(1000, (step) => [step <= 500 ? 1 : 1e-4, 1]), 10);
  assert.equal(picture.columns, 10);
  const pixels = new Uint32Array(pixelsOf(picture, [0, 1], SPAN).buffer);
  assert.equal(pixels.length, 20);
  assert.equal(pixels[0], pixels[19]);
  assert.notEqual(pixels[9], pixels[19]);
  assert.equal(pixels[9], colourOfNorm(-4, 0, SPAN));
});

test("a heat map's columns have equally many steps, also of a long run", () => {
  const steps = 30_000;
  const { columns, norms } = pictureOf(recordFor(steps, (step) => [10 ** (step / steps)]), 100);
  assert.equal(columns, 100);
  for (let column = 0; column < columns; column++) near(norms[column], (column + 0.5) / columns, 2e-3);
  assert.match(heatCaption([runOf(recordFor(1000, () => [1]))], 100), /geometric mean of about 10 steps/);
});

test("zeros are grey, and a part of them greys the colour", () => {
  const level = colourOfNorm(-2, 0, SPAN);
  assert.equal(colourOfNorm(-Infinity, 1, SPAN), ZERO);
  assert.equal(colourOfNorm(-2, 1, SPAN), ZERO);
  assert.ok(![ZERO, level].includes(colourOfNorm(-2, 0.5, SPAN)));
  assert.notEqual(colourOfNorm(-4, 0, SPAN), colourOfNorm(0, 0, SPAN));
  assert.equal(colourOfNorm(-9, 0, SPAN), colourOfNorm(-4, 0, SPAN));
  const { zeros } = pictureOf(recordFor(100, (step) => [step % 20 ? 0 : 1]), 5);
  for (const share of zeros) near(share, 0.95);
  const pixels = new Uint32Array(pixelsOf(pictureOf(recordOf([[NaN], [0]]), 5), [0], SPAN).buffer);
  assert.deepEqual([...pixels], [0, ZERO], "what is not finite stays transparent");
});

// Numbers

test("the numbers by layer are a table for each run, in the order of the charts", () => {
  const observed = { updates: [1e-3, 0, 2e-3], means: [0.5, 0, 1], deviations: [1, 2, 3], stuck: [0.25, 0, 1] };
  const run = runOf(recordOf([[0, 1, 1e-2], [1e-3, 1, 1e-4]]), ["layer1", "head1", "output"], { observed, observedAt: 2 });
  const [first, second] = tablesOf([run, runOf(recordOf([[NaN]]), ["output"])]);
  assert.deepEqual(first.rows, [
    ["layer1", "0.001", "1 of 2", "0.5", "1", "25.0\u00a0%", "0.001"],
    ["output", "0.001", "0 of 2", "1", "3", "100.0\u00a0%", "0.002"],
    ["head1", "1", "0 of 2", "0", "2", "0.0\u00a0%", "0"],
  ]);
  assert.match(first.caption, /^First run\. .*over the last 2 steps.*At step 2: outputs/);
  assert.deepEqual(second.rows, [["output", "–", "0 of 1", "–", "–", "–", "–"]]);
  assert.equal(first.head.length, first.rows[0].length);
});
