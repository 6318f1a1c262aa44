// @ts-check
import { RECENT } from "./pure/recent.js";

/** The most columns that are kept. When they are full, neighbours become one. */
export const COLUMNS = 4096;

/** A column has at most this share of the steps before it, so that early steps stay apart however long a run is. */
const SHARE = 1 / 100;

/**
 * What the steps of a run told, as columns of neighbouring steps: the means of the loss and of the accuracy, and for each layer
 * the mean of the gradient norm's logarithm. At first a column is one step. In a long run the first 200 steps stay as they were,
 * later columns have more and more steps, and the last half of them about equally many, so that the early steps are there for a
 * logarithmic axis and the late ones for a linear one. The memory that it takes stays the same.
 */
export class RunRecord {
  columns = 0;
  steps = 0;
  /** The most steps of a column. */
  #longest = 1;
  /** The last steps as they were. @type {Pick<import("./state.js").LabStep, "loss" | "accuracy" | "gradients">[]} */
  latest = [];

  /** @param {number} layers */
  constructor(layers) {
    this.layers = layers;
    /** The number of each column's last step. */
    this.ends = new Uint32Array(COLUMNS);
    this.loss = new Float32Array(COLUMNS);
    this.accuracy = new Float32Array(COLUMNS);
    /**
     * The mean of the decimal logarithms of each layer's gradient norms that are finite and not zero, column after column:
     * -Infinity where there are only zeros, NaN where no value is finite.
     */
    this.norms = new Float32Array(COLUMNS * layers).fill(NaN);
    /** How many norms each of these means is of. */
    this.counts = new Uint32Array(COLUMNS * layers);
    /** In how many steps a layer's gradient was exactly zero. */
    this.zeros = new Uint32Array(COLUMNS * layers);
  }

  /** @param {Pick<import("./state.js").LabStep, "loss" | "accuracy" | "gradients">} step */
  push({ loss, accuracy, gradients }) {
    this.latest.push({ loss, accuracy, gradients });
    if (this.latest.length > RECENT) this.latest.shift();
    this.steps += 1;
    const last = this.columns - 1;
    if (last < 0 || this.stepsOf(last) >= this.#mostSteps(this.firstOf(last))) {
      while (this.columns === COLUMNS) this.#thin();
      this.#clear(this.columns);
      this.columns += 1;
    }
    const column = this.columns - 1;
    this.ends[column] = this.steps;
    const share = 1 / this.stepsOf(column);
    this.loss[column] += (loss - this.loss[column]) * share;
    this.accuracy[column] += (accuracy - this.accuracy[column]) * share;
    for (const [layer, norm] of gradients.entries()) this.#add(column * this.layers + layer, norm);
  }

  /** The number of a column's first step. @param {number} column */
  firstOf(column) {
    return (column ? this.ends[column - 1] : 0) + 1;
  }

  /** The number of a column's last step. @param {number} column */
  lastOf(column) {
    return this.ends[column];
  }

  /** How many steps a column has. @param {number} column */
  stepsOf(column) {
    return this.lastOf(column) - this.firstOf(column) + 1;
  }

  /**
   * @param {number} step
   * @returns {number} the first column that has steps after this one; `columns` where there is none
   */
  columnAfter(step) {
    let [low, high] = [0, this.columns];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] > step) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * The share of a column's steps in which a layer's gradient was exactly zero.
   * @param {number} column
   * @param {number} layer
   */
  zeroShare(column, layer) {
    return this.zeros[column * this.layers + layer] / this.stepsOf(column);
  }

  /**
   * How many steps a column may have: a power of two, so that whole columns become one.
   * @param {number} first step of the column
   */
  #mostSteps(first) {
    return Math.min(this.#longest, 2 ** Math.floor(Math.log2(Math.max(1, first * SHARE))));
  }

  /** @param {number} column */
  #clear(column) {
    this.loss[column] = this.accuracy[column] = 0;
    const cells = [column * this.layers, (column + 1) * this.layers];
    this.norms.fill(NaN, ...cells);
    this.counts.fill(0, ...cells);
    this.zeros.fill(0, ...cells);
  }

  /**
   * @param {number} cell
   * @param {number} norm
   */
  #add(cell, norm) {
    if (norm === 0) this.zeros[cell] += 1;
    if (norm > 0 && Number.isFinite(norm)) this.#mix(cell, Math.log10(norm), 1);
    else if (norm === 0 && !this.counts[cell]) this.norms[cell] = -Infinity;
  }

  /**
   * Adds the mean of `count` logarithms to a cell.
   * @param {number} cell
   * @param {number} mean
   * @param {number} count
   */
  #mix(cell, mean, count) {
    const all = (this.counts[cell] += count);
    this.norms[cell] = all === count ? mean : this.norms[cell] + ((mean - this.norms[cell]) * count) / all;
  }

  /** Makes neighbours one that are short enough together. */
  #thin() {
    this.#longest *= 2;
    let kept = -1;
    for (let column = 0; column < this.columns; column++) {
      const [first, last] = [this.firstOf(column), this.lastOf(column)]; // before they are written over
      const begin = kept > 0 ? this.ends[kept - 1] : 0;
      if (kept >= 0 && last - begin <= this.#mostSteps(begin + 1)) {
        this.#merge(kept, column, last - first + 1, last - begin);
      } else {
        kept += 1;
        this.#move(kept, column);
      }
      this.ends[kept] = last;
    }
    this.columns = kept + 1;
  }

  /**
   * @param {number} to
   * @param {number} from
   */
  #move(to, from) {
    if (to === from) return;
    this.loss[to] = this.loss[from];
    this.accuracy[to] = this.accuracy[from];
    for (const values of [this.norms, this.counts, this.zeros]) values.copyWithin(to * this.layers, from * this.layers, (from + 1) * this.layers);
  }

  /**
   * @param {number} into
   * @param {number} from
   * @param {number} steps of the second column
   * @param {number} all steps of both
   */
  #merge(into, from, steps, all) {
    this.loss[into] += ((this.loss[from] - this.loss[into]) * steps) / all;
    this.accuracy[into] += ((this.accuracy[from] - this.accuracy[into]) * steps) / all;
    for (let layer = 0; layer < this.layers; layer++) {
      const [cell, other] = [into * this.layers + layer, from * this.layers + layer];
      this.zeros[cell] += this.zeros[other];
      if (this.counts[other]) this.#mix(cell, this.norms[other], this.counts[other]);
      else if (this.zeros[other] && !this.counts[cell]) this.norms[cell] = -Infinity;
    }
  }
}
