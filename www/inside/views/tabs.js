// @ts-check
import { subscribe } from "../../state.js";
import { element } from "../../views/page.js";

/** @typedef {import("../state.js").Tab} Tab */

const tabs = element("inside-tabs", HTMLElement);

/** @param {(tab: Tab) => void} onChosen */
export function showTabs(onChosen) {
  const buttons = [...tabs.querySelectorAll("button")];
  for (const button of buttons) button.addEventListener("click", () => onChosen(/** @type {Tab} */ (button.value)));
  subscribe(({ inside: { tab } }) => {
    document.body.dataset.insideTab = tab;
    for (const button of buttons) {
      if (button.value === tab) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      element(`inside-${button.value}`, HTMLElement).hidden = button.value !== tab;
    }
  });
}
