// @ts-check
import { subscribe } from "../../state.js";
import { make } from "../../views/page.js";
import { neededFor, storyOf } from "../pure/stories.js";
import { pointOf } from "./point.js";

/** @typedef {import("../pure/stories.js").Story} Story */

/**
 * @param {HTMLElement} host
 * @param {import("../view.js").Setting} setting
 */
export function showStory(host, { view, network }) {
  const shown = { id: "", isTold: false };
  subscribe((state) => {
    const id = network(state);
    if (state.view !== view || (id === shown.id && shown.isTold)) return;
    const story = storyOf(id, state.cards, state.inside.layers);
    if (id === shown.id && !story) return;
    Object.assign(shown, { id, isTold: story !== null });
    host.replaceChildren(...(story ? points(story) : [waiting(neededFor(id).length > 0)]));
  });
}

/** @param {boolean} isComing */
function waiting(isComing) {
  const text = isComing ? "The layers are being counted." : "There is no network of this name. Choose one in the line above.";
  return make("p", { className: "note", textContent: text });
}

/** @param {Story} story */
function points({ result, news, differs }) {
  const text = differs ?? "In nothing: the layers are those of the paper's table.";
  return [result, ...news, { title: "How our graph differs from the paper", text }].map(pointOf);
}
