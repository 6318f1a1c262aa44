// @ts-check

/**
 * How far networks agree. Only networks with the same classes can be compared.
 *
 * @typedef {import("../../../pkg/convscope.js").Prediction} Prediction
 * @typedef {{ key: string, predictions: Prediction[] }} Voice the most probable class first
 * @typedef {{ same: boolean, shared: number, of: number }} Pair same first class; classes in both lists, of so many
 */

/**
 * The class that most networks name first; null if several are named equally often, or if only one network names it.
 * @param {Voice[]} voices
 * @returns {{ index: number, label: string, votes: number } | null}
 */
export function majority(voices) {
  /** @type {Map<number, { index: number, label: string, votes: number }>} */
  const counted = new Map();
  for (const { predictions: [first] } of voices) {
    if (!first) continue;
    const entry = counted.get(first.index) ?? { index: first.index, label: first.label, votes: 0 };
    counted.set(first.index, { ...entry, votes: entry.votes + 1 });
  }
  const [most, second] = [...counted.values()].sort((a, b) => b.votes - a.votes);
  return most && most.votes > 1 && most.votes > (second?.votes ?? 0) ? most : null;
}

/**
 * @param {Prediction[]} predictions
 * @param {number} index of a class
 * @returns {number} its place in the list, the first being 1; 0 where it is not in it
 */
export function placeOf(predictions, index) {
  return predictions.findIndex((prediction) => prediction.index === index) + 1;
}

/**
 * @param {Prediction[]} a
 * @param {Prediction[]} b
 * @returns {Pair} two empty lists, of a picture without ink, are the same
 */
export function compare(a, b) {
  const others = new Set(b.map(({ index }) => index));
  return { same: a[0]?.index === b[0]?.index, shared: a.filter(({ index }) => others.has(index)).length, of: Math.max(a.length, b.length) };
}

/** Agreement counted over many pictures, in memory that does not grow with them. */
export class Tally {
  #keys;
  pictures = 0;
  /** Of each pair, in the order of the keys. */
  #same;
  #shared;

  /** @param {string[]} keys */
  constructor(keys) {
    this.#keys = keys;
    this.#same = new Uint32Array(keys.length ** 2);
    this.#shared = new Uint32Array(keys.length ** 2);
  }

  /**
   * @param {Prediction[][]} answers to one picture, in the order of the keys
   * @returns {boolean} all name the same class first
   */
  add(answers) {
    this.pictures++;
    const n = this.#keys.length;
    let all = true;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const { same, shared } = compare(answers[i], answers[j]);
        this.#same[i * n + j] += Number(same);
        this.#shared[i * n + j] += shared;
        all &&= same;
      }
    }
    return all;
  }

  /**
   * Shares of the pictures: the same first class; of the first five how many, on the average.
   * @returns {{ same: number, shared: number }[][]} rows and columns in the order of the keys
   */
  table() {
    const n = this.#keys.length;
    const share = (/** @type {number} */ count) => (this.pictures ? count / this.pictures : 0);
    return this.#keys.map((_, i) => this.#keys.map((_, j) => ({ same: share(this.#same[i * n + j]), shared: share(this.#shared[i * n + j]) })));
  }
}
