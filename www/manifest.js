// @ts-check
import { fetchManifest } from "./download.js";
import { state, update } from "./state.js";

/** What the server has, and what it still builds. @returns {Promise<import("./state.js").Row[]>} */
export async function bringManifest() {
  if (!state.rows) update(await fetchManifest());
  return state.rows ?? [];
}
