// @ts-check
import { stepOf, subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {import("../state.js").EngineName} EngineName */

const group = element("engine", HTMLFieldSetElement);
const unbuilt = element("engine-building", HTMLElement);
const note = element("engine-note", HTMLParagraphElement);

/** @param {(engine: EngineName) => void} onChosen */
export function showEngines(onChosen) {
  const radios = [...group.querySelectorAll("input")];
  group.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChosen(/** @type {EngineName} */ (target.value));
  });
  subscribe(({ engine }) => {
    const builds = stepOf("burn") !== undefined;
    for (const radio of radios) {
      radio.checked = radio.value === engine;
      radio.disabled = radio.value === "burn" && builds;
    }
    unbuilt.hidden = !builds;
    note.hidden = engine !== "burn";
  });
}
