// @ts-check
import { subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {import("../state.js").State["view"]} View */

const links = { single: element("to-single", HTMLAnchorElement), compare: element("to-compare", HTMLAnchorElement) };

/** @param {(view: View) => void} onChosen */
export function showViews(onChosen) {
  for (const view of /** @type {View[]} */ (Object.keys(links))) {
    links[view].addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // into another tab
      event.preventDefault();
      history.pushState(null, "", links[view].href);
      onChosen(view);
    });
  }
  subscribe(({ view }) => {
    document.body.dataset.view = view;
    for (const [name, link] of Object.entries(links)) {
      if (name === view) link.ariaCurrent = "page";
      else link.ariaCurrent = null;
    }
  });
}
