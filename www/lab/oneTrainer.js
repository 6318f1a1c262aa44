// @ts-check

/**
 * The lab's worker, of which there is one at most. It is opened when it is first wanted, and closed when it is not wanted for
 * long or does not answer.
 *
 * @typedef {Pick<import("./trainer.js").Trainer, "create" | "step" | "test" | "classify" | "free" | "close" | "hasEnded">} Trainer
 */

const PATIENCE = 1000; // milliseconds

export class OneTrainer {
  #open;
  /** @type {Promise<Trainer> | null} */
  #trainer = null;
  /** Until a worker that was emptied has nothing to do, or is closed. @type {Promise<void>} */
  #emptied = Promise.resolve();

  /** @param {() => Promise<Trainer>} open */
  constructor(open) {
    this.#open = open;
  }

  /** Whether there is one, or one is being opened. */
  get isThere() {
    return this.#trainer !== null;
  }

  /** @returns {Promise<Trainer>} without runs. All callers share one */
  async get() {
    await this.#emptied;
    const before = this.#trainer;
    const known = await before?.catch(() => null);
    if (known && !known.hasEnded) return known;
    if (!this.#trainer || this.#trainer === before) this.#trainer = this.#open();
    return this.#trainer;
  }

  /** Frees its runs. A worker that does not answer within a second is closed: a step may take minutes. */
  empty() {
    const opening = this.#trainer;
    if (opening) this.#emptied = this.#emptied.then(() => freed(opening));
  }

  /** Closes it, whatever it does. */
  close() {
    this.#trainer?.then((trainer) => trainer.close(), () => {});
    this.#trainer = null;
  }
}

/** @param {Promise<Trainer>} opening */
async function freed(opening) {
  const trainer = await opening.catch(() => null);
  if (!trainer) return;
  const waiting = setTimeout(() => trainer.close(), PATIENCE); // ends the waiting, too
  await trainer.free().catch(() => {});
  clearTimeout(waiting);
}
