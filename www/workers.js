// @ts-check

/** Workers for engines. The first is started with the page: its modules are loaded while the page's own are. */

const SCRIPT = new URL("./worker.js", import.meta.url);

const spare = { worker: /** @type {Worker | null} */ (start()), failed: false };
spare.worker?.addEventListener("error", () => (spare.failed = true), { once: true });

function start() {
  return new Worker(SCRIPT, { type: "module" });
}

/** @returns {Worker} that nobody else has */
export function newWorker() {
  const { worker, failed } = spare;
  spare.worker = null;
  if (!worker) return start();
  if (!failed) return worker;
  worker.terminate(); // nobody heard why it could not be loaded: another one says it
  return start();
}
