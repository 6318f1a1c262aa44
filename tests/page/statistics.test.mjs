// The benchmark's arithmetic against known values, and against what it promises.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FEWEST_RUNS, isSettled, median, medianInterval, normal, quantile, runsWanted, shareInterval, slowdown, sorted, spread } from "../../www/compare/pure/statistics.js";

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

test("steady times are settled soon, and scattered ones say how many runs they want", () => {
  const random = numbers(2);
  const steady = sorted(Array.from({ length: FEWEST_RUNS }, () => 100 + random()));
  assert.ok(isSettled(steady));
  assert.ok(!isSettled(steady.slice(1)), "one run is wanting");
  const scattered = sorted(Array.from({ length: FEWEST_RUNS }, () => 100 + 100 * random()));
  assert.ok(!isSettled(scattered));
  assert.ok(runsWanted(scattered) > 20);
  const wanted = runsWanted(scattered);
  const more = sorted(Array.from({ length: 4 * wanted }, () => 100 + 100 * random()));
  assert.ok(spread(more) < spread(scattered));
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
  const { low, high } = shareInterval(8, 10);
  assert.ok(Math.abs(low - 0.4902) < 1e-3 && Math.abs(high - 0.9433) < 1e-3, `${low} to ${high}`);
  assert.equal(shareInterval(0, 10).low, 0);
});
