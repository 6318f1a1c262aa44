// @ts-check
import { PART_MISSING } from "./pure/failure.js";
import { dismiss, notice } from "./state.js";

/** Parts of the page that are brought when they are wanted, and what is said where one does not come. */

/** Some browsers keep the failure of an import for as long as the page is open, so that trying again cannot help. */
const STILL_MISSING = "A part of the page still does not come, although the server answers. Reload the page: this browser may have kept the failure.";

/** Parts that did not come, by their names, with what brings them. @type {Map<string, () => Promise<unknown>>} */
const missing = new Map();

/**
 * Brings a part. Where it does not come, a notice offers to bring all that are missing.
 * @param {string} name
 * @param {() => Promise<unknown>} bring
 */
export async function bringPart(name, bring) {
  const isRetry = missing.delete(name);
  try {
    await bring();
    if (missing.size) return;
    dismiss(PART_MISSING);
    dismiss(STILL_MISSING);
  } catch {
    missing.set(name, bring);
    const { text, label, retry } = await missingPart(isRetry, bringMissing);
    dismiss(PART_MISSING);
    notice(text, { label, run: retry });
  }
}

function bringMissing() {
  for (const [name, bring] of [...missing]) void bringPart(name, bring);
}

/**
 * What is said of a part that did not come, and what is offered.
 * @param {boolean} isRetry it did not come before either
 * @param {() => void} again
 */
export async function missingPart(isRetry, again) {
  const isKept = isRetry && (await serverAnswers());
  return isKept ? { text: STILL_MISSING, label: "Reload the page", retry: () => location.reload() } : { text: PART_MISSING, label: "Try again", retry: again };
}

async function serverAnswers() {
  const response = await fetch(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
  return Boolean(response?.ok);
}
