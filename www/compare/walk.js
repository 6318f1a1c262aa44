// @ts-check
import { sentenceOf } from "../failure.js";
import { bringD3 } from "../library.js";
import { setProblem, state, updateCompare } from "../state.js";
import { evaluate } from "./evaluation.js";
import { sortOut } from "./folder.js";
import { tableLabels } from "./labels.js";
import { entryOf } from "./state.js";

/**
 * The folder that is being looked at, if one is.
 *
 * @typedef {import("./folder.js").Found} Found
 */

let running = new AbortController();
/** @type {Found[]} */
let last = [];
/** A table of labels that was chosen. @type {File | null} */
let table = null;

/** @param {Found[]} found files of a folder */
export async function walk(found) {
  if (state.compare.walk?.running || state.compare.run) return;
  const { pictures, table: within } = sortOut(found);
  setProblem("source", null);
  if (!pictures.length) {
    setProblem("source", { text: "There are no pictures in that folder. JPEG, PNG, WebP, GIF, BMP and AVIF files are taken.", retry: null });
    return;
  }
  last = found;
  const { signal } = (running = new AbortController());
  const start = performance.now();
  const say = (/** @type {string} */ text, /** @type {number} */ done, /** @type {import("./evaluation.js").Report | null} */ report) => {
    const seconds = report?.seconds ?? (performance.now() - start) / 1000;
    const remaining = done ? (seconds / done) * (pictures.length - done) : null;
    updateCompare({ walk: { text, done, total: pictures.length, remaining, report, running: true } });
  };
  say("Starting…", 0, null);
  try {
    const { device, engine } = state;
    const file = table ?? (await within?.open()) ?? null;
    const tabled = file && tableLabels((await bringD3()).csvParseRows(await file.text()));
    const report = await evaluate(pictures, (state.compare.keys ?? []).map(entryOf), { device, engine }, tabled, signal, say);
    updateCompare({ walk: { text: signal.aborted ? "Cancelled." : "Done.", done: report.pictures + report.unread, total: pictures.length, remaining: null, report, running: false } });
  } catch (error) {
    const before = state.compare.walk?.report ?? null;
    updateCompare({ walk: before && { text: "It ended early.", done: before.pictures + before.unread, total: pictures.length, remaining: null, report: before, running: false } });
    if (!signal.aborted) setProblem("source", { text: `The folder was not seen to its end. ${sentenceOf(error)}`, retry: () => void walk(found) });
  }
}

/** The same folder again, with what is chosen now. */
export const again = () => walk(last);

/** What was seen until now is kept. */
export function cancel() {
  running.abort();
}

/** @param {File | null} file */
export function labelWith(file) {
  table = file;
}
