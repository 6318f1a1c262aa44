// @ts-check

/**
 * Has one tab do what several want, by the browser's Web Locks. Where there are none, or where the other tab is not done in time,
 * each does it for itself.
 */

/** How long another tab is waited for, in milliseconds: as long as a large network takes on a usual connection. */
const PATIENCE = 120_000;

const NOTHING_TAKEN = () => {};

/**
 * @template T
 * @param {string} name of what is done
 * @param {AbortSignal} signal ends the waiting
 * @param {(hasWaited: boolean) => Promise<{ result: T, after?: Promise<unknown> }>} task hasWaited: for another tab, which may have done
 *   it; after: what has to end before another tab may begin
 * @returns {Promise<T>}
 */
export async function oneTab(name, signal, task) {
  const free = await take(name, { ifAvailable: true }).catch(() => NOTHING_TAKEN); // a browser can refuse locks
  const release = free ?? (await waitFor(name, signal));
  try {
    const { result, after } = await task(!free);
    Promise.resolve(after).finally(release);
    return result;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function waitFor(name, signal) {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, PATIENCE);
  signal.addEventListener("abort", stop);
  const release = await take(name, { signal: waiting.signal }).catch(() => NOTHING_TAKEN);
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  if (!signal.aborted) return release ?? NOTHING_TAKEN;
  release?.();
  throw signal.reason;
}

/**
 * @param {string} name
 * @param {LockOptions} options
 * @returns {Promise<(() => void) | null>} gives it back; null where another tab has it and is not waited for
 */
function take(name, options) {
  return new Promise((resolve, reject) => {
    if (!navigator.locks) return resolve(NOTHING_TAKEN);
    /** @param {Lock | null} lock which is held until the promise resolves */
    const hold = (lock) => lock && new Promise((/** @type {(value: void) => void} */ release) => resolve(release));
    navigator.locks.request(name, options, hold).then(() => resolve(null), reject); // null only where nothing was held
  });
}
