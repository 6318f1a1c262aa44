// @ts-check
import { fetchManifest } from "./download.js";
import { withOwn } from "./ownWeights.js";
import { state, update } from "./state.js";

/** @type {{ coming: Promise<void> | null }} */
const manifest = { coming: null };

/** What the server has and what it still builds, and what this browser has besides. @returns {Promise<import("./state.js").Row[]>} */
export async function bringManifest() {
  if (!state.rows) await (manifest.coming ??= fetchManifest().then(({ rows, building }) => update({ rows: withOwn(rows), building })).finally(() => (manifest.coming = null)));
  return state.rows ?? [];
}
