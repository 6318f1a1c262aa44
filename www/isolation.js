// @ts-check
import { ownName } from "./deployment.js";
import { areFilesWaiting } from "./givenFiles.js";
import { register } from "./registration.js";
import { state } from "./state.js";

/**
 * Cross-origin isolation, without which there are no threads, on hosts that do not send the headers for it: the service worker adds
 * them, from the next time on that the page is loaded. On the first visit the page loads itself again for that, once, and only while
 * nobody has touched it and it shows no picture of the visitor's.
 */

const RELOADED = ownName("convscope-isolating");

/** How long an active worker takes at most to answer for the page. It does not at all where the visitor had the page loaded past it. */
const ANSWERS_IN = 5000; // milliseconds

const visitor = { isActive: false, isLeaving: false };

/** Resolves when the page stays as it is. Where it loads itself again, that is never: what comes last begins in the page that follows. */
export async function isolate() {
  if (!isPossible()) return;
  visitor.isActive = areFilesWaiting();
  for (const event of ["pointerdown", "keydown", "drop", "paste"]) addEventListener(event, () => (visitor.isActive = true), { once: true, capture: true });
  if (!(await register())) return;
  const then = controlled().then(loadAgain);
  await Promise.race([then, new Promise((resolve) => setTimeout(resolve, ANSWERS_IN))]);
  if (visitor.isLeaving) await then;
}

/** Resolves where the page stays. */
async function loadAgain() {
  if (!isIdle() || !isFirstTime()) return;
  visitor.isLeaving = true;
  location.reload();
  await new Promise(() => {});
}

/** Whether the worker's headers can make a difference: they can where the page is loaded without a worker, and is in no frame. */
function isPossible() {
  return globalThis.crossOriginIsolated === false && isSecureContext && "serviceWorker" in navigator && !navigator.serviceWorker.controller && top === self;
}

/** Resolves when the worker answers for this page. */
async function controlled() {
  const { serviceWorker } = navigator;
  if (!serviceWorker.controller) await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
}

function isIdle() {
  const { source, strokes, own } = state;
  return !visitor.isActive && (!source || source.kind === "sample" || (source.kind === "drawing" && !strokes.length)) && own.phase === "none";
}

/** Whether this tab has not been loaded again for this before: where that does not help, it is not tried twice. */
function isFirstTime() {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, "yes");
    return true;
  } catch {
    return false; // nothing can be remembered, so that it could go on for ever
  }
}
