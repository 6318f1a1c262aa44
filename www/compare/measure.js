// @ts-check
import { sentenceOf } from "../failure.js";
import { setProblem, state, updateCompare } from "../state.js";
import { benchmark } from "./benchmark.js";
import { entryOf } from "./state.js";

/** The benchmark that runs, if one does. */

let running = new AbortController();

/**
 * @param {import("./benchmark.js").Setup[]} setups
 * @param {number} secondsPerRow
 */
export async function measure(setups, secondsPerRow) {
  if (state.compare.run) return;
  const { signal } = (running = new AbortController());
  setProblem("network", null);
  updateCompare({ run: { phase: "preparing", text: "Starting…", share: 0, remaining: null, rows: [] }, failed: [] });
  try {
    const { result, failed } = await benchmark((state.compare.keys ?? []).map(entryOf), setups, secondsPerRow, signal, (run) => signal.aborted || updateCompare({ run: { ...run } }));
    updateCompare({ run: null, failed, result: result ?? state.compare.result });
  } catch (error) {
    updateCompare({ run: null });
    setProblem("network", { text: `The benchmark ended early. ${sentenceOf(error)}`, retry: () => void measure(setups, secondsPerRow) });
  }
}

/** What was measured until now is kept. */
export function cancel() {
  running.abort();
}
