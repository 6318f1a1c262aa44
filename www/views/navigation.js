// @ts-check
import { subscribe } from "../state.js";
import { element } from "./page.js";

/**
 * The links to the views. Parts of the page whose `data-in` does not name the view that is shown are hidden.
 *
 * @param {(view: string, address: string) => void} onChosen
 */
export function showNavigation(onChosen) {
  const links = [...element("views", HTMLElement).querySelectorAll("a")];
  const parts = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-in]"));
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // into another tab
      event.preventDefault();
      onChosen(link.dataset.to ?? "", link.href);
    });
  }
  const shown = { view: "" };
  subscribe(({ view, shown: ready }) => {
    for (const link of links) link.ariaCurrent = link.dataset.to === view ? "page" : null;
    if (!ready || ready === shown.view) return;
    document.body.dataset.view = shown.view = ready;
    for (const part of parts) part.classList.toggle("elsewhere", !part.dataset.in?.split(" ").includes(ready));
  });
}
