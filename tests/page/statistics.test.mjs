// The benchmark's arithmetic against known values, and against what it promises.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_KEPT, Sample, thinned } from "../../www/compare/pure/sample.js";
import { FEWEST_TIMINGS, batchAfter, batchOf, endingOf, isSettled, median, medianInterval, normal, quantile, remainingTime, shareInterval, slowdown, sorted, spread, typicalOf } from "../../www/compare/pure/statistics.js";

/** Of runs without preprocessing. */
const time = (spent) => ({ spent, inferred: spent });
const count = (n) => Array.from({ length: n }, (_, i) => i + 1);

/** Knuth's generator: the same numbers at every run. */
function numbers(seed) {
  let state = seed;
  return () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 0.5) / 2 ** 32;
}

test("quantiles interpolate between neighbours", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile(count(11), 0.9), 10);
  assert.equal(quantile([7], 0.9), 7);
  assert.ok(Number.isNaN(median([])));
});

test("the median's interval has the ranks of the binomial table", () => {
  // n: the lower rank of the 95 % interval, as tables of the sign test have it.
  for (const [n, rank] of [[6, 1], [8, 1], [9, 2], [12, 3], [15, 4], [20, 6], [25, 8], [50, 18], [100, 40]]) {
    assert.deepEqual(medianInterval(count(n)), { low: rank, high: n + 1 - rank, sure: true }, `n = ${n}`);
  }
  assert.deepEqual(medianInterval(count(5)), { low: 1, high: 5, sure: false });
  const { low, high } = medianInterval(count(400));
  assert.ok(Math.abs(low - 180.4) <= 1 && Math.abs(high - 220.6) <= 1, `${low} to ${high}`);
});

test("the interval holds the true median in 95 of 100 samples of a skewed distribution", () => {
  const random = numbers(1);
  let held = 0;
  for (let i = 0; i < 2000; i++) {
    const { low, high } = medianInterval(sorted(Array.from({ length: 25 }, () => -Math.log(random()))));
    held += Number(low <= Math.LN2 && Math.LN2 <= high);
  }
  assert.ok(held > 1880 && held < 1960, `${held} of 2000`);
});

test("steady times are settled soon, and scattered ones take more time", () => {
  const random = numbers(2);
  const steady = sorted(Array.from({ length: FEWEST_TIMINGS }, () => 100 + random()));
  assert.ok(isSettled(steady));
  assert.ok(!isSettled(steady.slice(1)), "one timing is wanting");
  const scattered = sorted(Array.from({ length: FEWEST_TIMINGS }, () => 100 + 100 * random()));
  assert.ok(!isSettled(scattered));
  const remaining = (/** @type {number[]} */ ordered) => remainingTime({ ordered, count: FEWEST_TIMINGS }, 150, time(FEWEST_TIMINGS * 150), 60_000);
  assert.equal(remaining(steady), 0);
  assert.ok(remaining(scattered) > 750, `${remaining(scattered)} ms`);
  const more = sorted(Array.from({ length: 100 * FEWEST_TIMINGS }, () => 100 + 100 * random()));
  assert.ok(spread(more) < spread(scattered));
  assert.equal(remainingTime({ ordered: [0, 0, 0, 0], count: 4 }, 1, time(4), 1000), 96, "a clock that is so coarse that no time passes");
});

/** @param {number[]} times */
function sampleOf(times) {
  const sample = new Sample();
  for (const time of times) sample.add(time);
  return sample;
}

test("a row ends by its interval only after 100 timings or a second, else when its time is used up", () => {
  const steady = (/** @type {number} */ count, least = 5) => sampleOf(Array.from({ length: count }, (_, i) => least + (i % 3) / 1000));
  assert.equal(endingOf(steady(99), time(990), 3000), null, "steady, but neither 100 timings nor a second");
  assert.equal(endingOf(steady(100), time(500), 3000), "settled within 3 %");
  assert.equal(endingOf(steady(20, 60), time(1200), 3000), "settled within 3 %", "a second is enough");
  assert.equal(endingOf(steady(20, 10), { inferred: 200, spent: 1200 }, 3000), null, "but not a second of preprocessing");
  assert.equal(endingOf(steady(50, 10), { inferred: 500, spent: 3000 }, 3000), "time used up", "which counts towards the time that was chosen");
  assert.equal(endingOf(steady(14, 90), time(1260), 3000), null, "but no fewer than 15 timings");
  const scattered = sampleOf(Array.from({ length: 150 }, (_, i) => 5 + (i % 7)));
  assert.equal(endingOf(scattered, time(1200), 3000), null);
  assert.equal(endingOf(scattered, time(3000), 3000), "time used up");
  assert.equal(endingOf(steady(2, 2000), time(4000), 3000), null, "three timings, however long they take");
  assert.equal(endingOf(steady(3, 2000), time(6000), 3000), "time used up");
});

test("runs shorter than 100 steps of the clock make one timing together", () => {
  assert.equal(batchOf(0.5, 0.6, 0.005), 1, "100 steps");
  assert.equal(batchOf(0.16, 0.2, 0.005), 7, "7 runs of 32 steps are 200 and more");
  assert.equal(batchOf(20, 22, 0.1), 1);
  assert.equal(batchOf(9, 10, 0.1), 3);
  assert.equal(batchOf(0.16, 1, 1), 500, "no more than half a second, with the preprocessing");
  assert.equal(batchOf(0, 1, 100), 500, "a clock that sees nothing of a run");
  assert.equal(batchOf(Infinity, 0, 0.005), 1);
});

test("what a run takes is told by a warm-up with disturbances, and by a clock that hardly sees it", () => {
  assert.equal(typicalOf([0.2, 0.2, 40, 0.2]), 0.2);
  assert.equal(typicalOf([0, 1, 0, 0]), 0.25);
  assert.equal(typicalOf([0, 0]), 0);
});

test("a batch that proves too small grows, and others stay", () => {
  assert.equal(batchAfter([0.175, 0.176, 9, 0.174], 1, 0.2, 0.005), 6, "35 steps a timing");
  assert.equal(batchAfter([0.6, 0.5, 0.7], 1, 0.8, 0.005), 1);
  assert.equal(batchAfter([0.175, 0.174], 6, 0.2, 0.005), 6, "a batch of 210 steps");
  assert.equal(batchAfter([0.6], 500, 1, 10), 500, "half a second is the most");
});

test("however many timings there are, a bounded and even sample of them is kept, and all are counted", () => {
  const random = numbers(4);
  const times = Array.from({ length: 33_333 }, (_, i) => i + random());
  const sample = sampleOf(times);
  assert.equal(sample.count, times.length);
  assert.ok(sample.times.length > MOST_KEPT / 2 && sample.times.length <= MOST_KEPT, `${sample.times.length} are kept`);
  const step = Math.floor(sample.times[1]);
  assert.ok(sample.times.every((time, i) => Math.floor(time) === i * step), "not evenly");
  assert.ok(times.length - (sample.times.at(-1) ?? 0) < 33, "the last ones are missing");
  assert.deepEqual(sample.ordered, sorted(sample.times));
  const few = sampleOf([3, 1, 2, 1]);
  assert.deepEqual([few.times, few.ordered, few.count, few.min], [[3, 1, 2, 1], [1, 1, 2, 3], 4, 1]);
  assert.deepEqual(thinned(count(10), 4), [1, 4, 7, 10]);
  assert.deepEqual(thinned(count(4), 4), count(4));
});

test("a machine that becomes slower is noticed, and a steady or a noisy one is not", () => {
  const random = numbers(3);
  const noisy = Array.from({ length: 90 }, () => 1 + 0.1 * random());
  assert.equal(slowdown(noisy).certain, false);
  const slower = noisy.map((time, i) => time * (i < 45 ? 1 : 1.2));
  assert.equal(slowdown(slower).certain, true);
  assert.ok(Math.abs(slowdown(slower).factor - 1.2) < 0.03);
  assert.equal(slowdown(noisy.map((time, i) => time * (i < 45 ? 1.2 : 1))).certain, false, "it became faster");
  assert.equal(slowdown([1, 1, 1, 2, 2, 2]).certain, false, "too few runs to tell");
  assert.equal(slowdown(Array(60).fill(1)).certain, false);
});

test("the normal distribution and Wilson's interval", () => {
  assert.ok(Math.abs(normal(1.96) - 0.9750021) < 1e-6);
  assert.ok(Math.abs(normal(-1) - 0.1586553) < 1e-6);
  for (const [hits, of, least, most] of [[8, 10, 0.49016, 0.94332], [0, 10, 0, 0.27753], [10, 10, 0.72247, 1], [3, 4, 0.30064, 0.95441], [37_550, 50_000, 0.74719, 0.75477]]) {
    const { low, high } = shareInterval(hits, of);
    assert.ok(Math.abs(low - least) < 2e-5 && Math.abs(high - most) < 2e-5, `${hits} of ${of}: ${low} to ${high}`);
  }
  assert.equal(shareInterval(0, 10).low, 0);
});
