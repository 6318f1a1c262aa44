// @ts-check
import { readPlace } from "./pure/query.js";
import { readSource } from "./pure/source.js";
import { viewNamed, viewOf } from "./views.js";

/**
 * Reads the state from the page's address, and writes it there.
 *
 * @typedef {import("./state.js").State} State
 */

/**
 * @param {string} search
 * @returns {Partial<State> & Pick<State, "view" | "device" | "engine" | "source">} source null: it names none
 */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const view = viewOf(query);
  return { ...view.read(query), ...readPlace(query), view: view.name, source: readSource(query.get("source") ?? "") };
}

/** @param {State} state */
export function writeAddress(state) {
  if (!state.source) return;
  const query = new URLSearchParams();
  viewNamed(state.view).write(query, state);
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  const search = text && `?${text}`;
  if (search !== location.search) history.replaceState(null, "", location.pathname + search + location.hash);
}
