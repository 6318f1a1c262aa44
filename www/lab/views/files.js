// @ts-check
import { subscribe } from "../../state.js";
import { element } from "../../views/page.js";

/** @typedef {import("../saving.js").Kind} Kind */

/** @param {(kind: Kind) => void} onSave */
export function showFiles(onSave) {
  const buttons = [...element("lab-files", HTMLDivElement).querySelectorAll("button")];
  for (const button of buttons) button.addEventListener("click", () => onSave(/** @type {Kind} */ (button.value)));
  subscribe(({ lab: { runs } }) => {
    const isEmpty = !runs.some(({ record }) => record.steps);
    for (const button of buttons) button.disabled = isEmpty;
  });
}
