// @ts-check

/**
 * Asks for the photo that the page shows first, and shows it, long before the rest of the page's code has come. Where the picture
 * depends on a network's card, there is no photo to ask for ahead.
 */

/** The first photo of samples.json, which is shown where the address names no source. */
const FIRST = "coffee";

/** The network that looks at it where the address names none: DEFAULT_NETWORK of state.js. */
const USUAL = "efficientnet_lite0";

/**
 * @param {URLSearchParams} query
 * @returns {string | null} the photo's id
 */
export function firstPhoto(query) {
  const source = query.get("source");
  if (source) return /^sample:(\w+)$/.exec(source)?.[1] ?? null;
  const network = query.get("network") ?? query.get("inside") ?? USUAL;
  return network === USUAL && !query.has("lab") ? FIRST : null;
}

/** @param {string} id of a sample photo */
export const photoUrl = (id) => new URL(`./samples/page/${id}.jpg`, import.meta.url).href;

/** Answers that were asked for ahead, by address; null where there was none. @type {Map<string, Promise<Response | null>>} */
const ahead = new Map();

/**
 * @param {string} url of a sample photo
 * @returns {Promise<Response | null>} null where the server did not answer
 */
export function askForPhoto(url) {
  const asked = ahead.get(url) ?? fetch(url).catch(() => null);
  ahead.delete(url); // its body can be read once
  return asked;
}

/**
 * Puts the photo onto the stage, where the picture that the page's code draws will cover it.
 * @param {Response | null} answer
 */
async function show(answer) {
  if (!answer?.ok) return;
  const src = URL.createObjectURL(await answer.blob());
  const photo = Object.assign(new Image(), { className: "first-photo", alt: "", src, onload: () => URL.revokeObjectURL(src) });
  document.getElementById("stage")?.prepend(photo);
}

const id = globalThis.location && firstPhoto(new URLSearchParams(location.search));
if (id) {
  const asked = askForPhoto(photoUrl(id));
  asked.then((answer) => show(answer?.clone() ?? null)).catch(() => {}); // the code that shows it reports what is wrong
  ahead.set(photoUrl(id), asked);
}