// @ts-check

/**
 * For what a browser may never answer, though it is asked in the right way: a storage that is damaged, a graphics process that hangs.
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

export class NoAnswer extends Error {}
