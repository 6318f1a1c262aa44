// @ts-check
import { stepOf, subscribe } from "../state.js";
import { element } from "./page.js";

/**
 * The controls for the device and for the engine whose operations compute.
 *
 * @typedef {import("../state.js").DeviceChoice} DeviceChoice
 * @typedef {import("../state.js").EngineName} EngineName
 */

const devices = element("device", HTMLFieldSetElement);
const engines = element("engine", HTMLFieldSetElement);
const unbuilt = element("engine-building", HTMLElement);
const note = element("engine-note", HTMLParagraphElement);

/**
 * @param {(device: DeviceChoice) => void} onDevice
 * @param {(engine: EngineName) => void} onEngine
 */
export function showPlace(onDevice, onEngine) {
  const checkDevice = radios(devices, (device) => onDevice(/** @type {DeviceChoice} */ (device)));
  const checkEngine = radios(engines, (engine) => onEngine(/** @type {EngineName} */ (engine)));
  subscribe(({ device, engine }) => {
    const isUnbuilt = stepOf("burn") !== undefined;
    checkDevice(device, "");
    checkEngine(engine, isUnbuilt ? "burn" : "");
    unbuilt.hidden = !isUnbuilt;
    note.hidden = engine !== "burn";
  });
}

/**
 * @param {HTMLFieldSetElement} group
 * @param {(value: string) => void} onChosen
 * @returns {(checked: string, disabled: string) => void}
 */
function radios(group, onChosen) {
  const all = [...group.querySelectorAll("input")];
  for (const radio of all) radio.addEventListener("change", () => onChosen(radio.value));
  return (checked, disabled) => {
    for (const radio of all) {
      radio.checked = radio.value === checked;
      radio.disabled = radio.value === disabled;
    }
  };
}
