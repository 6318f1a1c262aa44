// @ts-check

/**
 * The statistics of a benchmark's times. Medians, because times have a floor and a long tail: one interruption by another
 * program would spoil a mean.
 *
 * @typedef {{ low: number, high: number, sure: boolean }} Interval sure: it holds the true median in 95 of 100 cases
 */

/** Half of the interval's width that is aimed at, as a share of the median. */
const WANTED = 0.03;

/** Runs before which no median counts as settled: a few that agree by chance would end a row early. */
export const FEWEST_RUNS = 15;

const TAIL = 0.025;
const EXACT = 200; // runs up to which the binomial distribution is summed
const NORMAL = 1.96;
const UNLIKELY = 0.01;
const NOTABLE = 1.05; // the smallest slowdown that is reported

/** @param {number[]} values */
export const sorted = (values) => [...values].sort((a, b) => a - b);

/**
 * @param {number[]} ordered
 * @param {number} share 0 to 1
 * @returns {number} interpolated between neighbours; NaN of nothing
 */
export function quantile(ordered, share) {
  const at = (ordered.length - 1) * share;
  const below = Math.floor(at);
  const low = ordered[below] ?? NaN;
  return low + ((ordered[below + 1] ?? low) - low) * (at - below);
}

/** @param {number[]} values */
export const median = (values) => quantile(sorted(values), 0.5);

/**
 * The 95 % interval of the median from order statistics: it assumes nothing of how the times are spread.
 * @param {number[]} ordered
 * @returns {Interval} of fewer than six values their range, which is not sure
 */
export function medianInterval(ordered) {
  const n = ordered.length;
  const rank = n > EXACT ? Math.floor((n - NORMAL * Math.sqrt(n)) / 2) : exactRank(n);
  if (rank < 1) return { low: ordered[0] ?? NaN, high: ordered[n - 1] ?? NaN, sure: false };
  return { low: ordered[rank - 1], high: ordered[n - rank], sure: true };
}

/**
 * The largest rank below which the true median lies with a probability of at most 2.5 %.
 * @param {number} n
 */
function exactRank(n) {
  let term = 0.5 ** n; // of n fair coins, `rank` show heads
  let sum = term;
  let rank = 0;
  while (sum <= TAIL && rank < n) {
    rank++;
    term *= (n - rank + 1) / rank;
    sum += term;
  }
  return rank;
}

/**
 * Half of the interval's width as a share of the median.
 * @param {number[]} ordered
 */
export function spread(ordered) {
  const { low, high } = medianInterval(ordered);
  return (high - low) / 2 / quantile(ordered, 0.5);
}

/** @param {number[]} ordered */
export function isSettled(ordered) {
  return ordered.length >= FEWEST_RUNS && medianInterval(ordered).sure && spread(ordered) <= WANTED;
}

/**
 * About how many runs it takes until the median is settled: the interval shrinks with the root of their number.
 * @param {number[]} ordered the runs so far
 */
export function runsWanted(ordered) {
  if (ordered.length < 3) return FEWEST_RUNS;
  return Math.max(FEWEST_RUNS, Math.ceil(ordered.length * Math.min(16, (spread(ordered) / WANTED) ** 2)));
}

/**
 * Whether the machine became slower on the way, as with a battery saver or heat: the last third of the runs against
 * the first one (Mann and Whitney's test, one-sided).
 * @param {number[]} relative times in the order of the runs, each as a multiple of its row's median
 * @returns {{ factor: number, certain: boolean }} how much longer the last third took
 */
export function slowdown(relative) {
  const third = Math.floor(relative.length / 3);
  if (third < 5) return { factor: 1, certain: false };
  const [first, last] = [relative.slice(0, third), relative.slice(-third)];
  const factor = median(last) / median(first);
  return { factor, certain: factor >= NOTABLE && chanceOfGreater(first, last) < UNLIKELY };
}

/**
 * How probable it is that chance alone makes the second sample so much greater.
 * @param {number[]} a
 * @param {number[]} b
 */
function chanceOfGreater(a, b) {
  const pooled = [...a.map((value) => ({ value, second: 0 })), ...b.map((value) => ({ value, second: 1 }))].sort((x, y) => x.value - y.value);
  let ranks = 0;
  for (let i = 0; i < pooled.length; ) {
    let end = i;
    while (end < pooled.length && pooled[end].value === pooled[i].value) end++;
    const rank = (i + 1 + end) / 2; // of equal values the mean rank
    for (; i < end; i++) ranks += rank * pooled[i].second;
  }
  const u = ranks - (b.length * (b.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  return 1 - normal((u - mean) / deviation);
}

/**
 * The normal distribution's share below `z` (Abramowitz and Stegun, formula 26.2.17; error below 1e-7).
 * @param {number} z
 */
export function normal(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}

/**
 * Wilson's 95 % interval of a share.
 * @param {number} hits
 * @param {number} of
 * @returns {{ low: number, high: number }}
 */
export function shareInterval(hits, of) {
  const share = hits / of;
  const z2 = NORMAL ** 2 / of;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = (NORMAL * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of))) / (1 + z2);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
