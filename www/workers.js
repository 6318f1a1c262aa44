// @ts-check
import { Failure } from "./pure/failure.js";

/** Workers for engines. The first one is started together with the page, so that its modules load at the same time as the page's. */

const SCRIPT = new URL("./worker.js", import.meta.url);

const spare = { worker: early(), failed: false };
spare.worker?.addEventListener("error", () => (spare.failed = true), { once: true });

/** None where none can be started: who needs one will hear why. */
function early() {
  try {
    return start();
  } catch {
    return null;
  }
}

function start() {
  return moduleWorker(SCRIPT);
}

/**
 * @param {URL} url of a module
 * @returns {Worker}
 */
export function moduleWorker(url) {
  let isAsked = false; // browsers that know no modules in workers do not ask for the type, and run the file as another script
  const options = {
    get type() {
      isAsked = true;
      return /** @type {const} */ ("module");
    },
  };
  try {
    const worker = new Worker(url, options);
    if (isAsked) return worker;
    worker.terminate();
  } catch {
    // told below
  }
  throw new Failure("old-browser", "This browser cannot run the page's workers. Chrome and Edge can from version 103, Firefox from version 114, Safari from version 16.4: a newer browser is needed.");
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
