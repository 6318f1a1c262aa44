// @ts-check
import { isBlank } from "./pure/source.js";
import { subscribe } from "./state.js";

/**
 * Has the memory of all networks asked for, as soon as no first answer has to wait for it, and again when the server has
 * other weights.
 * @param {Pick<import("./lineup.js").LineUp, "engine" | "learnMemory">} lineUp
 * @returns {() => void} ends it
 */
export function followMemory(lineUp) {
  /** @type {{ engine: import("./engine.js").Engine | null, rows: import("./state.js").Row[] | null }} */
  const learned = { engine: null, rows: null };
  return subscribe((state) => {
    const { answers, running, rows } = state;
    const { engine } = lineUp;
    const isFree = running.some(({ key }) => answers[key]) || (running.length > 0 && isBlank(state));
    if (!isFree || (learned.engine === engine && learned.rows === rows)) return;
    Object.assign(learned, { engine, rows });
    lineUp.learnMemory();
  });
}
