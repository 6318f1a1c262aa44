// @ts-check

const SPAN = 3000; // milliseconds over which pictures are counted

/** Counts how often something happens a second, over the last three seconds. */
export class Rate {
  /** @type {number[]} */
  #times = [];

  /**
   * @param {number} now milliseconds
   * @returns {number | null} a second; null at the first time
   */
  count(now) {
    this.#times = [...this.#times.filter((time) => now - time < SPAN), now];
    const [first] = this.#times;
    return now > first ? ((this.#times.length - 1) * 1000) / (now - first) : null;
  }
}
