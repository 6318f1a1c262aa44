// @ts-check
import { bringManifest } from "../manifest.js";
import { entryOf } from "../pure/entries.js";
import { Failure, sentenceOf } from "../pure/failure.js";
import { placeOf } from "../pure/place.js";
import { setProblem, state, updateCompare } from "../state.js";
import { unlessAborted } from "../within.js";
import { evaluate } from "./evaluation.js";
import { sortOut } from "./folderFiles.js";
import { labelled } from "./labelTable.js";
import { often } from "./often.js";
import { labRefusal } from "./pure/labRefusal.js";
import { usualKeys } from "./pure/presets.js";

/**
 * @typedef {import("./folderFiles.js").ReadFolder} ReadFolder
 * @typedef {import("./evaluation.js").Report} Report
 */

/** Starts and ends the evaluation of a folder, of which one runs at a time. */
export class EvaluationRun {
  #run = new AbortController();
  /** How the folder's files are read. @type {ReadFolder | null} */
  #folder = null;

  /** @param {ReadFolder} folder */
  async start(folder) {
    const retry = () => void this.start(folder);
    if (state.compare.evaluation?.running) return setProblem("source", { text: "The folder before is still being evaluated. Wait for its end, or cancel it; then try this one again.", retry });
    if (state.compare.run) return setProblem("source", { text: "The benchmark is running. Wait for its end, or cancel it; then try the folder again.", retry });
    const refusal = labRefusal(state.lab, "the evaluation", "slow the pictures down and be slowed down itself");
    if (refusal) return setProblem("source", { text: refusal, retry });
    setProblem("source", null);
    const before = folder === this.#folder ? state.compare.evaluation : null;
    this.#folder = folder;
    const { signal } = (this.#run = new AbortController());
    const tell = (/** @type {string} */ text) => updateCompare({ evaluation: { text, done: 0, total: 0, remaining: null, report: null, running: true } });
    tell("Reading the folder…");
    try {
      const { found, closed } = await unlessAborted(signal, folder(signal, often((count) => tell(`Reading the folder: ${count.toLocaleString("en")} files so far…`))));
      const sorted = await sortOut(found, signal);
      if (sorted.pictures.length) return await this.#evaluate(sorted, closed, signal);
      updateCompare({ evaluation: null }); // it was of another folder
      setProblem("source", { text: noPictures(sorted, closed), retry: null });
    } catch (error) {
      const report = state.compare.evaluation?.report;
      if (report) end("The evaluation ended early.", report);
      else updateCompare({ evaluation: before });
      if (!signal.aborted) setProblem("source", { text: `The folder was not evaluated to its end. ${sentenceOf(error)}`, retry });
    }
  }

  /**
   * @param {import("./folderFiles.js").Sorted} sorted
   * @param {string[]} closed
   * @param {AbortSignal} signal
   */
  async #evaluate(sorted, closed, signal) {
    const start = performance.now();
    const total = sorted.pictures.length;
    const tell = (/** @type {string} */ text, /** @type {number} */ done, /** @type {Report | null} */ report) => {
      const seconds = report?.seconds ?? (performance.now() - start) / 1000;
      const remaining = done ? (seconds / done) * (total - done) : null;
      updateCompare({ evaluation: { text, done, total, remaining, report, running: true } });
    };
    tell("Starting…", 0, null);
    const rows = await unlessAborted(signal, bringManifest()); // a folder can be dropped before the list of networks has come
    const { compare, cards } = state;
    const keys = compare.keys ?? usualKeys(cards, rows);
    if (!keys.length) throw new Failure("none-chosen", "No network is chosen. Choose one above.");
    const folder = { pictures: sorted.pictures, ...(await unlessAborted(signal, labelled(sorted, compare.table))), closed };
    const report = await evaluate(folder, keys.map(entryOf), placesOf(state), signal, tell);
    if (report.pictures || signal.aborted) return end(signal.aborted ? "The evaluation was cancelled." : "The folder has been evaluated.", report);
    updateCompare({ evaluation: null });
    const shut = closed.length ? ` The folder “${closed[0]}” could not be read.` : "";
    setProblem("source", { text: `None of the folder's files could be opened as a picture: ${report.unreadable.slice(0, 3).join(", ")}${report.unread > 3 ? "…" : ""}.${shut} Choose another folder.`, retry: null });
  }

  /** Evaluates the same folder again, with the networks that are chosen now. */
  again() {
    return this.#folder && this.start(this.#folder);
  }

  /** Ends the evaluation. What has been counted until now is kept. */
  cancel() {
    this.#run.abort();
  }
}

/**
 * Where a folder is seen: at the chosen place, or on the CPU in both arithmetics.
 * @param {import("../state.js").State} state
 * @returns {import("../state.js").Place[]}
 */
function placesOf(state) {
  if (!state.compare.inBoth) return [placeOf(state)];
  const onCpu = /** @type {const} */ ({ device: "cpu", engine: "convscope", threads: state.threads });
  return [{ ...onCpu, arithmetic: "f32" }, { ...onCpu, arithmetic: "int8" }];
}

/**
 * @param {string} text how it ended
 * @param {Report} report
 */
function end(text, report) {
  const done = report.pictures + report.unread;
  updateCompare({ evaluation: { text, done, total: done, remaining: null, report, running: false } });
}

/**
 * @param {import("./folderFiles.js").Sorted} sorted
 * @param {string[]} closed
 */
function noPictures({ tables, lists, others: rest }, closed) {
  const others = [...rest, ...[...tables, ...lists].map(({ path }) => path)].sort();
  const kinds = "JPEG, PNG, WebP, GIF, BMP and AVIF files are taken.";
  if (closed.length) return `The folder “${closed[0]}” could not be read. Check that its files may be read; then choose it again with “Choose a folder…”.`;
  return others.length ? `There are no pictures in that folder, only ${others.length === 1 ? `“${others[0]}”` : `${others.length} other files, such as “${others[0]}”`}. ${kinds}` : `There are no pictures in that folder. ${kinds}`;
}
