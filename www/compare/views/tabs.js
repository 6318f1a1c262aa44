// @ts-check
import { subscribe } from "../../state.js";
import { element } from "../../views/page.js";

/** @typedef {import("../state.js").Tab} Tab */

const tabs = element("tabs", HTMLElement);

/** @param {(tab: Tab) => void} onChosen */
export function showTabs(onChosen) {
  const buttons = [...tabs.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => onChosen(/** @type {Tab} */ (button.value)));
  }
  subscribe(({ compare: { tab, run, evaluation } }) => {
    document.body.dataset.tab = tab;
    for (const button of buttons) {
      if (button.value === tab) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      const busy = (button.value === "benchmark" && run !== null) || (button.value === "folder" && Boolean(evaluation?.running));
      button.classList.toggle("busy", busy);
    }
  });
}
