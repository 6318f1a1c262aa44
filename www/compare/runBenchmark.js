// @ts-check
import { entryOf } from "../pure/entries.js";
import { sentenceOf } from "../pure/failure.js";
import { setProblem, state, updateCompare } from "../state.js";
import { benchmark } from "./benchmark.js";
import { keep } from "./keptResults.js";
import { labRefusal } from "./pure/labRefusal.js";
import { chosenSetups } from "./setups.js";

/** Starts and ends the benchmark, of which one runs at a time. */
export class BenchmarkRun {
  #run = new AbortController();

  /** @param {number} secondsPerRow */
  async start(secondsPerRow) {
    if (state.compare.run) return;
    const refusal = labRefusal(state.lab, "the benchmark", "spoil the times");
    if (refusal) return setProblem("network", { text: refusal, retry: () => void this.start(secondsPerRow) });
    const { signal } = (this.#run = new AbortController());
    setProblem("network", null);
    updateCompare({ run: { phase: "preparing", text: "Starting…", share: 0, remaining: null, rows: [] }, failed: [] });
    try {
      const entries = (state.compare.keys ?? []).map(entryOf);
      const { result, failed } = await benchmark(entries, chosenSetups(), secondsPerRow, signal, (run) => signal.aborted || updateCompare({ run: { ...run } }));
      updateCompare({ run: null, failed, result: result ?? state.compare.result });
      if (result) keep(result);
    } catch (error) {
      updateCompare({ run: null });
      setProblem("network", { text: `The benchmark ended early. ${sentenceOf(error)}`, retry: () => void this.start(secondsPerRow) });
    }
  }

  /** Ends the benchmark. What has been measured until now is kept. */
  cancel() {
    this.#run.abort();
  }
}
