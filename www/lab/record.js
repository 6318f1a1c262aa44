// @ts-check

/** The most columns that are kept. When they are full, two neighbours become one. */
export const COLUMNS = 2048;

/**
 * What the steps of a run told, as columns of equally many steps: the mean of the loss and the accuracy, and for each layer
 * the mean of the gradient norm's logarithm. The memory that it takes stays the same, however long a run is.
 */
export class RunRecord {
  /** Steps of a column; the last one may have fewer. */
  stride = 1;
  columns = 0;
  steps = 0;
  #inLast = 0;

  /** @param {number} layers */
  constructor(layers) {
    this.layers = layers;
    this.loss = new Float32Array(COLUMNS);
    this.accuracy = new Float32Array(COLUMNS);
    /** The decimal logarithm of each layer's gradient norm, column after column: -Infinity where it is zero. */
    this.norms = new Float32Array(COLUMNS * layers);
  }

  /** @param {Pick<import("./state.js").LabStep, "loss" | "accuracy" | "gradients">} step */
  push({ loss, accuracy, gradients }) {
    this.steps += 1;
    if (this.#inLast === this.stride || !this.columns) {
      if (this.columns === COLUMNS) this.#halve();
      this.columns += 1;
      this.#inLast = 0;
    }
    const n = (this.#inLast += 1);
    const column = this.columns - 1;
    mix(this.loss, column, loss, n);
    mix(this.accuracy, column, accuracy, n);
    for (const [layer, norm] of gradients.entries()) mix(this.norms, column * this.layers + layer, Math.log10(norm), n);
  }

  /** The number of a column's last step. @param {number} column */
  stepOf(column) {
    return Math.min((column + 1) * this.stride, this.steps);
  }

  #halve() {
    for (const [values, width] of /** @type {[Float32Array, number][]} */ ([[this.loss, 1], [this.accuracy, 1], [this.norms, this.layers]])) {
      for (let column = 0; column < COLUMNS / 2; column++) {
        for (let i = 0; i < width; i++) {
          values[column * width + i] = values[2 * column * width + i];
          mix(values, column * width + i, values[(2 * column + 1) * width + i], 2);
        }
      }
    }
    this.stride *= 2;
    this.columns = COLUMNS / 2;
  }
}

/**
 * Makes an element the mean of `n` values, of which it is the mean of all but one. A value that is not finite does not count
 * where there are others.
 * @param {Float32Array} values
 * @param {number} at
 * @param {number} value
 * @param {number} n
 */
function mix(values, at, value, n) {
  if (n === 1 || !Number.isFinite(values[at])) values[at] = value;
  else if (Number.isFinite(value)) values[at] += (value - values[at]) / n;
}
