// @ts-check
import { state, subscribe, updateCompare } from "../../state.js";
import { element } from "../page.js";

/** @typedef {import("../../compare/state.js").Tab} Tab */

const tabs = element("tabs", HTMLElement);

export function showTabs() {
  const buttons = [...tabs.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const tab = /** @type {Tab} */ (button.value);
      if (tab !== state.compare.tab) updateCompare({ tab });
    });
  }
  subscribe(({ compare: { tab, run, walk } }) => {
    document.body.dataset.tab = tab;
    for (const button of buttons) {
      if (button.value === tab) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      const busy = (button.value === "benchmark" && run !== null) || (button.value === "folder" && Boolean(walk?.running));
      button.classList.toggle("busy", busy);
    }
  });
}
