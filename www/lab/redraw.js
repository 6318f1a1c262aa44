// @ts-check
import { state, updateLab } from "../state.js";

const BETWEEN = 33; // milliseconds
const SHARE = 4; // at most every fourth millisecond of the page is spent on drawing

/** Has the views draw the runs, thirty times a second at most. */
export class Redraw {
  #at = 0;
  #pause = BETWEEN;
  #isComing = false;

  /** Call it when the runs have changed. */
  soon() {
    if (this.#isComing) return;
    this.#isComing = true;
    setTimeout(() => requestAnimationFrame(() => this.#now()), Math.max(0, this.#at + this.#pause - performance.now()));
  }

  #now() {
    const at = (this.#at = performance.now());
    this.#isComing = false;
    updateLab({ drawn: state.lab.drawn + 1 });
    queueMicrotask(() => (this.#pause = Math.max(BETWEEN, SHARE * (performance.now() - at)))); // after the views have drawn
  }
}
