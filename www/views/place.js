// @ts-check
import { arithmeticNote, isOnCpu } from "../pure/arithmetic.js";
import { stepOf, subscribe } from "../state.js";
import { element, write } from "./page.js";

/**
 * The controls for the device, for the engine whose operations compute, and for the CPU's arithmetic.
 *
 * @typedef {import("../state.js").Arithmetic} Arithmetic
 * @typedef {import("../state.js").DeviceChoice} DeviceChoice
 * @typedef {import("../state.js").EngineName} EngineName
 */

const devices = element("device", HTMLFieldSetElement);
const engines = element("engine", HTMLFieldSetElement);
const unbuilt = element("engine-building", HTMLElement);
const note = element("engine-note", HTMLParagraphElement);
const arithmetics = element("arithmetic", HTMLFieldSetElement);
const arithmeticWords = element("arithmetic-note", HTMLParagraphElement);

/**
 * @param {(device: DeviceChoice) => void} onDevice
 * @param {(engine: EngineName) => void} onEngine
 * @param {(arithmetic: Arithmetic) => void} onArithmetic
 */
export function showPlace(onDevice, onEngine, onArithmetic) {
  const checkDevice = radios(devices, (device) => onDevice(/** @type {DeviceChoice} */ (device)));
  const checkEngine = radios(engines, (engine) => onEngine(/** @type {EngineName} */ (engine)));
  const checkArithmetic = radios(arithmetics, (arithmetic) => onArithmetic(/** @type {Arithmetic} */ (arithmetic)));
  subscribe((state) => {
    const { device, engine, arithmetic } = state;
    const isUnbuilt = stepOf("burn") !== undefined;
    checkDevice(device, "");
    checkEngine(engine, isUnbuilt ? "burn" : "");
    unbuilt.hidden = !isUnbuilt;
    note.hidden = engine !== "burn";
    const isChoice = isOnCpu(state);
    checkArithmetic(isChoice ? arithmetic : "f32", "");
    arithmetics.disabled = !isChoice;
    write(arithmeticWords, arithmeticNote(state));
    arithmeticWords.hidden = !arithmeticWords.textContent;
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
