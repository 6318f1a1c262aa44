// @ts-check
import { subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {import("../state.js").DeviceChoice} DeviceChoice */

const group = element("device", HTMLFieldSetElement);

/** @param {(device: DeviceChoice) => void} onChosen */
export function showDevices(onChosen) {
  const radios = [...group.querySelectorAll("input")];
  group.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onChosen(/** @type {DeviceChoice} */ (target.value));
  });
  subscribe(({ device }) => {
    for (const radio of radios) radio.checked = radio.value === device;
  });
}
