// @ts-check

/**
 * The page's service worker (`sw.js`), which lies beside index.html.
 */
const SCRIPT = new URL("../sw.js", import.meta.url);

/** @type {{ coming: Promise<ServiceWorkerRegistration | null> | null }} */
const registered = { coming: null };

/**
 * Registers the service worker, once.
 * @returns {Promise<ServiceWorkerRegistration | null>} null where the browser has none or refuses it, or the server has no list of its files
 */
export async function register() {
  if (!("serviceWorker" in navigator)) return null;
  // Without "none", a browser could take the list of files out of its HTTP cache.
  registered.coming ??= navigator.serviceWorker.register(SCRIPT, { updateViaCache: "none" }).then((registration) => registration ?? null, () => null);
  return registered.coming;
}
