// @ts-check

const SPAN = 5000; // milliseconds over which the pace is measured
const EARLIEST = 1000; // milliseconds before which nothing is said

/** How long a download still takes, at the pace of its last seconds. */
export class Pace {
  /** @type {{ at: number, received: number }[]} */
  #seen = [];

  /**
   * @param {number} received bytes so far
   * @param {number} total
   * @param {number} now milliseconds
   * @returns {number | null} seconds; null while it is too early to tell
   */
  left(received, total, now) {
    this.#seen = [...this.#seen.filter(({ at }) => now - at < SPAN), { at: now, received }];
    const [first] = this.#seen;
    const [passed, come] = [now - first.at, received - first.received];
    return passed < EARLIEST || come <= 0 ? null : ((total - received) / come) * (passed / 1000);
  }
}
