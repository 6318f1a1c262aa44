// @ts-check

/**
 * The statistics of a benchmark's times. Medians, because times have a floor and a long tail: one interruption by another
 * program would spoil a mean.
 *
 * @typedef {{ low: number, high: number, sure: boolean }} Interval sure: it holds the true median in 95 of 100 cases
 */

/** Half of the interval's width that is aimed at, as a share of the median. */
const WANTED = 0.03;

/** Timings before which no median counts as settled: a few that agree by chance would end a row early. */
export const FEWEST_TIMINGS = 15;

/** Timings below which one in ten of them says nothing: no 90th percentile is given. */
export const FEWEST_FOR_P90 = 50;

/** A row may end by its interval only after so many timings … */
const ENOUGH_TIMINGS = 100;
/** … or after so many milliseconds of what is timed: of inference. */
const ENOUGH_TIME = 1000;

/** Where a run takes fewer steps of the clock than this, several runs make one timing. */
export const FEWEST_STEPS = 100;
/** Steps that these are to take together: twice as many, because how long a run takes is only estimated beforehand. */
const STEPS_OF_A_BATCH = 2 * FEWEST_STEPS;
/** Milliseconds that they may take together, however coarse the clock is. */
const LONGEST_BATCH = 500;

/**
 * Why a row ended, as it stands in the table and in the files.
 * @typedef {"settled within 3 %" | "time used up" | "cancelled" | "failed"} Ending
 */

const FEWEST = 3; // timings, however long they take
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
  return ordered.length >= FEWEST_TIMINGS && medianInterval(ordered).sure && spread(ordered) <= WANTED;
}

/**
 * @param {{ ordered: number[], count: number }} sample the timings of a row
 * @param {{ inferred: number, spent: number }} time milliseconds of timed runs; inferred: without their preprocessing
 * @param {number} budget milliseconds that were chosen for a row, preprocessing and all: so long its visitor waits
 * @returns {Ending | null} null: it goes on
 */
export function endingOf({ ordered, count }, { inferred, spent }, budget) {
  const isEnough = count >= ENOUGH_TIMINGS || inferred >= ENOUGH_TIME;
  if (isEnough && isSettled(ordered)) return "settled within 3 %";
  return spent >= budget && count >= FEWEST ? "time used up" : null;
}

/**
 * How many runs make one timing, which is their mean: one, where a run is long enough to be read from the clock to within 1 %.
 * @param {number} inference milliseconds of a run, about
 * @param {number} total the same with the preprocessing
 * @param {number} clockStep milliseconds
 */
export function batchOf(inference, total, clockStep) {
  if (inference >= FEWEST_STEPS * clockStep) return 1;
  const wanted = (STEPS_OF_A_BATCH * clockStep) / Math.max(inference, clockStep / 1000);
  return Math.max(1, Math.ceil(Math.min(wanted, LONGEST_BATCH / total)));
}

/**
 * About how long an inference takes. Interruptions only add to a time and move a mean, but not a median; the steps of a coarse clock
 * average out in a mean, but can make a median 0, which then tells nothing.
 * @param {number[]} inferences milliseconds of runs after one another
 */
export function typicalOf(inferences) {
  const mean = inferences.reduce((sum, time) => sum + time, 0) / inferences.length;
  return Math.min(mean, median(inferences) || Infinity);
}

/**
 * Whether the first timings of a row show that its batch is too small, as after a warm-up that was disturbed.
 * @param {number[]} timings each the mean of a batch
 * @param {number} batch runs that made one of them
 * @param {number} total milliseconds of a run with the preprocessing, about
 * @param {number} clockStep milliseconds
 * @returns {number} the batch with which the row begins anew; the same where it goes on
 */
export function batchAfter(timings, batch, total, clockStep) {
  const inference = median(timings);
  return inference * batch < FEWEST_STEPS * clockStep ? Math.max(batch, batchOf(inference, total, clockStep)) : batch;
}

/**
 * About how many milliseconds of timed runs a row still takes: the interval shrinks with the root of the timings' number.
 * @param {{ ordered: number[], count: number }} sample the timings so far
 * @param {number} usual milliseconds of a timing, with the preprocessing
 * @param {{ inferred: number, spent: number }} time milliseconds of timed runs; inferred: without their preprocessing
 * @param {number} budget milliseconds that were chosen for a row
 */
export function remainingTime({ ordered, count }, usual, { inferred, spent }, budget) {
  const least = Math.min(ENOUGH_TIMINGS * usual, inferred ? (ENOUGH_TIME * spent) / inferred : ENOUGH_TIME);
  const off = spread(ordered) / WANTED; // not a number where a clock is so coarse that the median is 0
  const settling = count >= FEWEST && off > 0 ? count * Math.min(16, off ** 2) * usual : 0;
  const wanted = Math.max(least, FEWEST_TIMINGS * usual, settling) - spent;
  return Math.max(Math.min(wanted, budget - spent), (FEWEST - count) * usual, 0);
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
