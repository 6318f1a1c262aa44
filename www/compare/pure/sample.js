// @ts-check

/**
 * The timings of a row, in bounded memory however many there are: when there are too many, every second one is dropped, and
 * from then on only every second, fourth … one is kept. What is kept is thus spread evenly over the whole row. The order by
 * size is kept up to date, so that asking for a quantile sorts nothing.
 */

/** Timings of a row that are kept at most. */
export const MOST_KEPT = 2000;

export class Sample {
  /** The kept timings in the order in which they were made. @type {number[]} */
  times = [];
  /** The same by size. @type {number[]} */
  ordered = [];
  /** How many timings were made. */
  count = 0;
  /** The quickest of all timings, also of those that are not kept. */
  min = Infinity;
  #stride = 1;

  /** @param {number} time */
  add(time) {
    this.min = Math.min(this.min, time);
    if (this.count++ % this.#stride) return;
    if (this.times.length === MOST_KEPT) this.#halve();
    if ((this.count - 1) % this.#stride) return;
    this.times.push(time);
    this.ordered.splice(placeOf(time, this.ordered), 0, time);
  }

  #halve() {
    this.#stride *= 2;
    this.times = this.times.filter((_, i) => i % 2 === 0);
    this.ordered = [...this.times].sort((a, b) => a - b);
  }
}

/**
 * @param {number} value
 * @param {number[]} ordered
 * @returns {number} how many are at most as large
 */
function placeOf(value, ordered) {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ordered[middle] <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * Values spread evenly over all, in their order: each as likely to be among them as any other.
 * @template T
 * @param {T[]} values
 * @param {number} most
 * @returns {T[]}
 */
export function thinned(values, most) {
  const step = Math.ceil(values.length / most);
  return step > 1 ? values.filter((_, i) => i % step === 0) : values;
}
