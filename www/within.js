// @ts-check

/**
 * For what a browser may never answer, though it is asked in the right way: a storage that is damaged, a graphics process that
 * hangs, a drive that has gone to sleep.
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} answer
 * @returns {Promise<T>} rejects where there is no answer in that time
 */
export function within(milliseconds, answer) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer("The browser did not answer.")), milliseconds);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Waits for what others may wait for as well, and only until it is cancelled: what is waited for goes on, or never answers.
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} coming
 * @returns {Promise<T>} rejects with the signal's reason
 */
export function unlessAborted(signal, coming) {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel);
    coming.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
  });
}

export class NoAnswer extends Error {}
