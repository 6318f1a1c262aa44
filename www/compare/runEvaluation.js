// @ts-check
import { bringD3 } from "../bring.js";
import { entryOf } from "../pure/entries.js";
import { sentenceOf } from "../pure/failure.js";
import { setProblem, state, updateCompare } from "../state.js";
import { evaluate } from "./evaluation.js";
import { sortOut } from "./folderFiles.js";
import { tableLabels } from "./pure/labels.js";

/**
 * Starts and ends the evaluation of a folder, of which one runs at a time.
 *
 * @typedef {import("./folderFiles.js").Found} Found
 */

/** @type {{ run: AbortController, found: Found[] }} */
const current = { run: new AbortController(), found: [] };

/** @param {Found[]} found files of a folder */
export async function evaluateFolder(found) {
  if (state.compare.evaluation?.running || state.compare.run) return;
  const { pictures, table: within } = sortOut(found);
  setProblem("source", null);
  if (!pictures.length) {
    setProblem("source", { text: "There are no pictures in that folder. JPEG, PNG, WebP, GIF, BMP and AVIF files are taken.", retry: null });
    return;
  }
  current.found = found;
  const { signal } = (current.run = new AbortController());
  const start = performance.now();
  const total = pictures.length;
  const tell = (/** @type {string} */ text, /** @type {number} */ done, /** @type {import("./evaluation.js").Report | null} */ report) => {
    const seconds = report?.seconds ?? (performance.now() - start) / 1000;
    const remaining = done ? (seconds / done) * (total - done) : null;
    updateCompare({ evaluation: { text, done, total, remaining, report, running: true } });
  };
  const end = (/** @type {string} */ text, /** @type {import("./evaluation.js").Report} */ report) =>
    updateCompare({ evaluation: { text, done: report.pictures + report.unread, total, remaining: null, report, running: false } });
  tell("Starting…", 0, null);
  try {
    const { device, engine, compare } = state;
    const file = compare.table ?? (await within?.open()) ?? null;
    const tabled = file && tableLabels((await bringD3()).csvParseRows(await file.text()));
    const report = await evaluate(pictures, (compare.keys ?? []).map(entryOf), { device, engine }, tabled, signal, tell);
    end(signal.aborted ? "Cancelled." : "Done.", report);
  } catch (error) {
    const before = state.compare.evaluation?.report;
    if (before) end("It ended early.", before);
    else updateCompare({ evaluation: null });
    if (!signal.aborted) setProblem("source", { text: `The folder was not evaluated to its end. ${sentenceOf(error)}`, retry: () => void evaluateFolder(found) });
  }
}

/** Evaluates the same folder again, with the networks that are chosen now. */
export const evaluateAgain = () => evaluateFolder(current.found);

/** Ends the evaluation. What has been counted until now is kept. */
export function cancelEvaluation() {
  current.run.abort();
}
