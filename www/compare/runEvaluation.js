// @ts-check
import { bringD3 } from "../bring.js";
import { entryOf } from "../pure/entries.js";
import { sentenceOf } from "../pure/failure.js";
import { setProblem, state, updateCompare } from "../state.js";
import { evaluate } from "./evaluation.js";
import { sortOut } from "./folderFiles.js";
import { labRefusal } from "./pure/labRefusal.js";
import { delimiterOf, tableOf, textOf } from "./pure/tables.js";

/** @typedef {import("./folderFiles.js").Found} Found */

/** Starts and ends the evaluation of a folder, of which one runs at a time. */
export class EvaluationRun {
  #run = new AbortController();
  /** The files of the folder. @type {Found[]} */
  #found = [];

  /** @param {Found[]} found files of a folder */
  async start(found) {
    if (state.compare.evaluation?.running || state.compare.run) return;
    const refusal = labRefusal(state.lab, "the evaluation", "slow the pictures down and be slowed down itself");
    if (refusal) return setProblem("source", { text: refusal, retry: () => void this.start(found) });
    const { pictures, table: within } = sortOut(found);
    setProblem("source", null);
    if (!pictures.length) {
      setProblem("source", { text: "There are no pictures in that folder. JPEG, PNG, WebP, GIF, BMP and AVIF files are taken.", retry: null });
      return;
    }
    this.#found = found;
    const { signal } = (this.#run = new AbortController());
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
      const table = file && (await read(file));
      const report = await evaluate(pictures, (compare.keys ?? []).map(entryOf), { device, engine }, table, signal, tell);
      end(signal.aborted ? "Cancelled." : "Done.", report);
    } catch (error) {
      const before = state.compare.evaluation?.report;
      if (before) end("It ended early.", before);
      else updateCompare({ evaluation: null });
      if (!signal.aborted) setProblem("source", { text: `The folder was not evaluated to its end. ${sentenceOf(error)}`, retry: () => void this.start(found) });
    }
  }

  /** Evaluates the same folder again, with the networks that are chosen now. */
  again() {
    return this.start(this.#found);
  }

  /** Ends the evaluation. What has been counted until now is kept. */
  cancel() {
    this.#run.abort();
  }
}

/** @param {File} file a table of labels */
async function read(file) {
  const text = textOf(await file.arrayBuffer());
  return tableOf((await bringD3()).dsvFormat(delimiterOf(text)).parseRows(text), file.name);
}
