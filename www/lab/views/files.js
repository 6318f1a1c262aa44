// @ts-check
import { subscribe } from "../../state.js";
import { element } from "../../views/page.js";
import { onUse, setUsable } from "./usable.js";

/** @typedef {import("../saving.js").Kind} Kind */

/** @param {(kind: Kind) => void} onSave */
export function showFiles(onSave) {
  const buttons = [...element("lab-files", HTMLDivElement).querySelectorAll("button")];
  for (const button of buttons) onUse(button, () => onSave(/** @type {Kind} */ (button.value)));
  subscribe(({ lab: { runs } }) => {
    const isEmpty = !runs.some(({ record, diverged }) => record.steps || diverged);
    for (const button of buttons) setUsable(button, !isEmpty);
  });
}
