// @ts-check
import { Calls } from "../calls.js";
import { titleOf } from "../load.js";
import { addOwn, withOwn } from "../ownWeights.js";
import { DEFAULT_VARIANT, rowOf } from "../pure/entries.js";
import { Failure, codeOf, sentenceOf } from "../pure/failure.js";
import { dismiss, notice, state, update, updateOwn } from "../state.js";
import { moduleWorker } from "../workers.js";
import { chooseRow, entryOfRow } from "./choose.js";
import { readLabels } from "./pure/labels.js";
import { variantOf } from "./pure/names.js";
import { doneText } from "./pure/texts.js";
import { NOTHING_OPENED } from "./state.js";

/**
 * A file of weights on its way into the page: read, then converted, in a worker of its own, which is ended when nothing is wanted
 * of it any more. What runs meanwhile goes on.
 *
 * @typedef {{ network: string, name: string, framing: string | null, keep: boolean }} Wanted what the file is to become; framing: how pictures are prepared, null: as for the official weights
 */
export class Opening {
  /** @type {Calls | null} */
  #calls = null;
  #show;
  /** What was said of the file before. */
  #told = "";
  /** Of what is on its way now. */
  #stop = new AbortController();

  /** @param {import("../views.js").Page["show"]} show */
  constructor(show) {
    this.#show = show;
  }

  /**
   * Reads what is in a file.
   * @param {File} file
   * @param {File | null} labels
   */
  async open(file, labels) {
    this.close();
    updateOwn({ phase: "reading", file });
    if (labels) this.takeLabels(labels);
    try {
      const summary = await this.#ask("inspect", [file]);
      updateOwn({ phase: "asking", summary, trouble: summary.misfit });
    } catch (error) {
      if (codeOf(error) !== "closed") updateOwn({ phase: "asking", trouble: sentenceOf(error) });
    }
  }

  /** @param {File | null} file null: none */
  async takeLabels(file) {
    if (!file) return updateOwn({ labels: null });
    const opened = state.own.file;
    const without = (/** @type {string} */ trouble) => ({ file: file.name, names: [], trouble });
    const reading = without(`“${file.name}” is being read.`); // until then the file cannot be run without them
    updateOwn({ labels: reading });
    const code = import("../compare/pure/tableText.js").catch(() => null);
    const labels = await file.arrayBuffer().then(
      async (bytes) => {
        const text = await code;
        return text ? readLabels(file.name, text.textOf(bytes)) : without("A part of the page could not be downloaded. Check the connection, then choose the file with the classes again.");
      },
      () => without(`“${file.name}” could not be read. Choose it again.`),
    );
    if (state.own.file === opened && state.own.labels === reading) updateOwn({ labels });
  }

  /**
   * Converts the file, and has the view that is shown run what comes of it.
   * @param {Wanted} wanted
   */
  async run({ network, name, framing, keep }) {
    const { file, summary, labels } = state.own;
    const fit = summary?.networks.find(({ id }) => id === network);
    if (!file || !fit || state.own.phase !== "asking") return;
    const rows = state.rows ?? [];
    const isHere = fit.official && rowOf(rows, network, DEFAULT_VARIANT)?.variant === DEFAULT_VARIANT;
    if (isHere) {
      this.close();
      return chooseRow({ id: network, variant: DEFAULT_VARIANT }, this.#show);
    }
    updateOwn({ phase: "converting", trouble: "", progress: null });
    const { signal } = this.#stop;
    try {
      const options = fit.official ? { name: "", variant: DEFAULT_VARIANT, labels: null, framing: null } : { name: name.trim(), variant: variantOf(name), labels: labels?.names ?? null, framing };
      const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => updateOwn({ progress: { done, total } });
      const { row, shards } = /** @type {import("./pure/checkpoint.d.ts").ConvertedWeights} */ (await this.#ask("convert", [file, network, options], { onProgress }));
      const trouble = await addOwn(row, shards, keep, signal);
      update({ rows: withOwn(state.rows ?? []) });
      this.close();
      dismiss(this.#told);
      this.#told = doneText(row, titleOf(entryOfRow(row)), trouble, keep);
      notice(this.#told);
      chooseRow(row, this.#show);
    } catch (error) {
      if (codeOf(error) !== "closed") updateOwn({ phase: "asking", trouble: sentenceOf(error), progress: null });
    }
  }

  /** Ends the conversion; the file stays opened. */
  cancel() {
    this.#end();
    updateOwn({ phase: "asking", trouble: "It was cancelled, and nothing has changed.", progress: null });
  }

  /** Ends what is on its way, and forgets the file. */
  close() {
    this.#end();
    update({ own: NOTHING_OPENED });
  }

  #end() {
    const cancelled = new Failure("closed", "It was cancelled.");
    this.#stop.abort(cancelled);
    this.#stop = new AbortController();
    this.#calls?.end(cancelled);
    this.#calls = null;
  }

  /**
   * @param {"inspect" | "convert"} call
   * @param {any[]} args
   * @param {import("../calls.js").CallOptions} [options]
   */
  async #ask(call, args, options) {
    const calls = (this.#calls ??= this.#start());
    try {
      return await calls.ask(call, args, options);
    } catch (error) {
      if (this.#calls === calls) this.#end(); // another try begins with a new worker
      throw error;
    }
  }

  #start() {
    const calls = new Calls(moduleWorker(new URL("./worker.js", import.meta.url)), () => calls.end(new Failure("crashed", "The file could not be read: the reader could not be started or stopped unexpectedly. Reload the page and try again.")));
    return calls;
  }
}
