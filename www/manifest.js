// @ts-check
import { fetchManifest } from "./download.js";
import { state, update } from "./state.js";

/** @type {{ coming: Promise<void> | null }} */
const manifest = { coming: null };

/** What the server has, and what it still builds. @returns {Promise<import("./state.js").Row[]>} */
export async function bringManifest() {
  if (!state.rows) await (manifest.coming ??= fetchManifest().then(update).finally(() => (manifest.coming = null)));
  return state.rows ?? [];
}
