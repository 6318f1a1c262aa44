// @ts-check

/** Workers for engines. The first one is started together with the page, so that its modules load at the same time as the page's. */

const SCRIPT = new URL("./worker.js", import.meta.url);

const spare = { worker: /** @type {Worker | null} */ (start()), failed: false };
spare.worker?.addEventListener("error", () => (spare.failed = true), { once: true });

function start() {
  return new Worker(SCRIPT, { type: "module" });
}

/** @returns {Worker} a worker that is not in use */
export function newWorker() {
  const { worker, failed } = spare;
  spare.worker = null;
  if (!worker) return start();
  if (!failed) return worker;
  worker.terminate(); // Its error event came before anybody listened. A new worker reports it again.
  return start();
}
