// @ts-check
import { state, update } from "./state.js";

/** Keys of entries that are being asked about. @type {Set<string>} */
const asked = new Set();

/**
 * Has the names of an entry's classes be known. Each entry is asked about once.
 * @param {import("./state.js").Entry} entry
 * @param {Pick<import("./engine.js").Engine, "labels">} engine on which it runs, if its weights are somebody's own
 */
export async function bringLabels(entry, engine) {
  const { key } = entry;
  if (state.labels[key] || asked.has(key)) return;
  asked.add(key);
  try {
    const labels = await engine.labels(entry);
    update({ labels: { ...state.labels, [key]: labels } });
  } finally {
    asked.delete(key);
  }
}
