// @ts-check
import { ownName } from "./deployment.js";
import { register } from "./registration.js";
import { dismiss, notice } from "./state.js";

/**
 * The page without a network. When it has answered for the first time, its service worker is asked to keep what it needs; a new
 * version of the page is offered, and never taken while somebody works with the one that is open.
 */

const TOLD = ownName("convscope-offline");
const READY = "Ready to work offline: from now on this page opens without a network, with all that you have used in it.";
const NEW = "A new version of this page is ready.";
const OTHER_TABS = "The new version is not taken while this page is open in other tabs too. Close them, then reload.";

/** How often the server is asked for a new version, besides each time that the page is looked at again. */
const PAUSE = 60 * 60 * 1000; // milliseconds
/** How long a worker that need not wait may seem to wait. */
const SETTLES_IN = 500; // milliseconds

export async function followOffline() {
  const registration = await register();
  if (!registration) return;
  followVersions(registration);
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  if (active && (await ask(active, { ask: "keep", loaded }))) tellOnce();
}

function tellOnce() {
  try {
    if (localStorage.getItem(TOLD)) return;
    localStorage.setItem(TOLD, "yes");
    notice(READY);
  } catch {
    // It cannot be remembered that it was told, so it is not told at every visit.
  }
}

/** @param {ServiceWorkerRegistration} registration */
function followVersions(registration) {
  const offerWaiting = () => {
    if (registration.waiting && registration.active) offer(registration);
  };
  offerWaiting();
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") setTimeout(offerWaiting, SETTLES_IN);
    });
  });
  const check = () => void (document.hidden || registration.update().catch(() => {})); // there may be no network now
  setInterval(check, PAUSE);
  document.addEventListener("visibilitychange", check);
}

/**
 * @param {ServiceWorkerRegistration} registration
 * @param {string} text
 */
function offer(registration, text = NEW) {
  notice(text, { label: "Reload", run: () => void takeNew(registration), otherwise: "Later" });
}

/**
 * Takes the new version where no other tab has the old one: a page of one version must not get parts of another.
 * @param {ServiceWorkerRegistration} registration
 */
async function takeNew(registration) {
  const { serviceWorker } = navigator;
  const { active, waiting } = registration;
  if (!waiting || !active) return location.reload(); // taken already, in whatever way
  const tabs = await ask(active, { ask: "tabs" });
  dismiss(NEW);
  dismiss(OTHER_TABS);
  if (tabs > 1) return offer(registration, OTHER_TABS);
  serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage({ ask: "take over" });
}

/**
 * @param {ServiceWorker} worker
 * @param {{ ask: string, loaded?: string[] }} question
 * @returns {Promise<any>} its answer
 */
function ask(worker, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(question, [port2]);
  });
}
