// @ts-check
import { choose } from "../session.js";
import { subscribe } from "../state.js";
import { element } from "./page.js";

/** @typedef {import("../state.js").DeviceChoice} DeviceChoice */

const group = element("device", HTMLFieldSetElement);

export function showDevices() {
  const radios = [...group.querySelectorAll("input")];
  group.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) choose({ device: /** @type {DeviceChoice} */ (target.value) });
  });
  subscribe(({ device }) => {
    for (const radio of radios) radio.checked = radio.value === device;
  });
}
