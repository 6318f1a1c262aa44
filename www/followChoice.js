// @ts-check
import { subscribe } from "./state.js";
import { viewNamed } from "./views.js";

/**
 * Has the line-up be what the view that is shown wants. The camera rests while nothing looks at its pictures.
 * @param {Pick<import("./lineup.js").LineUp, "set">} lineUp
 * @param {Pick<import("./source.js").PictureSource, "rest">} source
 * @returns {() => void} ends it
 */
export function followChoice(lineUp, source) {
  return subscribe((state) => {
    const choice = viewNamed(state.view).lineUp(state);
    source.rest(!choice);
    lineUp.set(choice);
  });
}
