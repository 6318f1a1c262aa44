// @ts-check
import { state, subscribe } from "../../state.js";
import { element, make } from "../../views/page.js";
import { FIELDS, GROUPS, applies, fieldOf, valueOf, wordOf } from "../pure/settings.js";
import { DATA } from "../pure/words.js";

/**
 * The controls for all settings of the first run, and for what the second one changes.
 *
 * @typedef {import("../pure/settings.js").Field} Field
 * @typedef {import("../pure/settings.js").Name} Name
 *
 * @typedef {object} SettingsCalls
 * @property {(name: Name, value: any) => void} onSetting
 * @property {(change: import("../state.js").Lab["change"]) => void} onChange
 * @property {(data: import("../state.js").DataName) => void} onData
 * @property {(device: import("../../state.js").DeviceChoice) => void} onDevice
 *
 * @typedef {{ whole: HTMLElement, show: (value: any, isDisabled: boolean) => void }} Control
 */

const LIMIT = 0.5; // of gradients, until another one is written

/** @param {SettingsCalls} calls */
export function showSettings({ onSetting, onChange, onData, onDevice }) {
  const form = element("lab-form", HTMLFormElement);
  const changes = element("lab-changes", HTMLDivElement);
  const add = element("lab-add", HTMLSelectElement);
  const explain = element("lab-explain", HTMLInputElement);
  explain.addEventListener("change", () => explain.closest(".lab-settings")?.classList.toggle("explained", explain.checked));
  form.addEventListener("submit", (event) => event.preventDefault());
  const controls = FIELDS.map((field) => ({ field, control: controlOf(field, "lab", (value) => onSetting(field.name, value)) }));
  const data = choice("lab-data", "Pictures", "Handwritten digits, or the harder pieces of clothing.", DATA, (value) => onData(/** @type {any} */ (value)));
  const device = choice("lab-device", "Device", "Where it is trained. For networks as small as these, the CPU is often the faster one.", { auto: "Auto", webgpu: "WebGPU", cpu: "CPU" }, (value) => onDevice(/** @type {any} */ (value)));
  const extra = { Network: [], Training: [device.whole], Data: [data.whole] };
  form.replaceChildren(...GROUPS.map((group) => make("fieldset", { className: "lab-group" }, make("legend", { textContent: group }),
    ...controls.filter(({ field }) => field.group === group).map(({ control }) => control.whole), ...extra[group])));
  element("lab-add-button", HTMLButtonElement).addEventListener("click", () => {
    const field = fieldOf(add.value);
    const { settings, change } = state.lab;
    add.value = "";
    if (field && settings) onChange({ ...change, [field.name]: otherValue(field, settings[field.name]) });
  });

  /** @type {{ settings: unknown, change: import("../state.js").Lab["change"], names: string, rows: { name: Name, control: Control }[] }} */
  const shown = { settings: null, change: null, names: "", rows: [] };
  subscribe(({ view, device: chosen, lab: { settings, change, data: pictures } }) => {
    if (view !== "lab" || !settings) return;
    data.show(pictures, false);
    device.show(chosen, false);
    if (shown.settings === settings && shown.change === change) return;
    shown.settings = settings;
    shown.change = change;
    for (const { field, control } of controls) control.show(settings[field.name], !applies(field, settings.family));
    const names = /** @type {Name[]} */ (Object.keys(change ?? {}));
    if (names.join() !== shown.names) {
      shown.names = names.join();
      shown.rows = names.flatMap((name) => rowOf(name, onChange));
      changes.replaceChildren(...shown.rows.map(({ control }) => control.whole));
    }
    const { family } = { ...settings, ...change };
    for (const { name, control } of shown.rows) control.show(change?.[name], FIELDS.some((field) => field.name === name && !applies(field, family)));
    const free = FIELDS.filter((field) => applies(field, family) && !names.includes(field.name) && field.name !== "seed");
    add.replaceChildren(make("option", { value: "", textContent: names.length ? "Another setting…" : "Choose a setting…" }), ...free.map(({ name, label }) => make("option", { value: name, textContent: label })));
  });
}

/**
 * @param {Name} name of a setting that the second run changes
 * @param {SettingsCalls["onChange"]} onChange
 * @returns {{ name: Name, control: Control }[]}
 */
function rowOf(name, onChange) {
  const field = fieldOf(name);
  if (!field) return [];
  const control = controlOf(field, "lab-second", (value) => onChange({ ...state.lab.change, [name]: value }));
  const remove = make("button", {
    type: "button",
    className: "quiet",
    textContent: "Remove this change",
    onclick() {
      const { [name]: _, ...rest } = state.lab.change ?? {};
      onChange(Object.keys(rest).length ? rest : null);
      element("lab-add", HTMLSelectElement).focus(); // the button is gone
    },
  });
  remove.setAttribute("aria-label", `Remove this change: ${field.label}`);
  const whole = make("div", { className: "lab-changed" }, control.whole, remove);
  return [{ name, control: { ...control, whole } }];
}

/**
 * A value that differs, for a setting that the second run is to change.
 * @param {Field} field
 * @param {any} value
 */
function otherValue({ name, options, isSwitch, isClipping, bounds }, value) {
  if (isSwitch) return !value;
  if (isClipping) return value === "none" ? { norm: LIMIT } : "none";
  if (options) return Object.keys(options).find((option) => option !== value);
  if (name === "dropout") return value ? 0 : 0.4;
  const other = bounds && value * 2 > bounds.most ? value / 2 : value * 2;
  return bounds?.whole ? Math.max(bounds.least, Math.round(other)) : other;
}

/**
 * @param {Field} field
 * @param {string} prefix of ids
 * @param {(value: any) => void} onValue
 * @returns {Control}
 */
function controlOf(field, prefix, onValue) {
  const id = `${prefix}-${field.name}`;
  if (field.isSwitch) return switchOf(id, field, onValue);
  if (field.isClipping) return clippingOf(id, field, onValue);
  if (field.options) return choice(id, field.label, field.help, field.options, onValue);
  return numberOf(id, field, onValue);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string} help
 * @param {HTMLElement[]} inputs of which the first has the id
 */
function labelled(id, label, help, ...inputs) {
  const note = make("p", { id: `${id}-help`, className: "lab-help", textContent: help });
  const described = inputs[0] instanceof HTMLDivElement ? inputs[0].children : inputs;
  for (const input of described) input.setAttribute("aria-describedby", note.id);
  return make("div", { className: "control" }, make("label", { htmlFor: id, textContent: label }), ...inputs, note);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string} help
 * @param {Record<string, string>} options
 * @param {(value: string) => void} onValue
 * @returns {Control}
 */
function choice(id, label, help, options, onValue) {
  const select = make("select", { id }, ...Object.entries(options).map(([value, textContent]) => make("option", { value, textContent })));
  select.addEventListener("change", () => onValue(select.value));
  return {
    whole: labelled(id, label, help, select),
    show(value, isDisabled) {
      select.value = String(value);
      select.disabled = isDisabled;
    },
  };
}

/**
 * @param {string} id
 * @param {Field} field
 * @param {(value: boolean) => void} onValue
 * @returns {Control}
 */
function switchOf(id, { label, help }, onValue) {
  const box = make("input", { id, type: "checkbox" });
  box.addEventListener("change", () => onValue(box.checked));
  const note = make("p", { id: `${id}-help`, className: "lab-help", textContent: help });
  box.setAttribute("aria-describedby", note.id);
  return {
    whole: make("div", { className: "control" }, make("label", { className: "check" }, box, ` ${label}`), note),
    show(value, isDisabled) {
      box.checked = Boolean(value);
      box.disabled = isDisabled;
    },
  };
}

/**
 * @param {string} id
 * @param {Field} field
 * @param {(value: number) => void} onValue
 * @returns {Control}
 */
function numberOf(id, field, onValue) {
  const input = make("input", { id, type: "text", inputMode: field.bounds?.whole ? "numeric" : "decimal", autocomplete: "off" });
  const words = takeWords(input, field, (word) => word, onValue);
  return {
    whole: labelled(id, field.label, field.help, input),
    show(value, isDisabled) {
      words.use(String(value));
      input.disabled = isDisabled;
    },
  };
}

/**
 * Takes what is written into an input. What is refused stays until the input is left once more, so that it can be mended; then,
 * or with Escape, the value in use comes back.
 * @param {HTMLInputElement} input
 * @param {Field} field
 * @param {(word: string) => string} wordFor what is written, as an address has it
 * @param {(value: any) => void} onValue
 * @returns {{ use: (word: string) => void, restore: () => void, valueFor: () => any }} use: takes the value in use, and shows it; restore: shows it again; valueFor: what is written now, undefined where it is refused
 */
function takeWords(input, field, wordFor, onValue) {
  const last = { used: "", seen: "" };
  const isRefused = () => input.hasAttribute("aria-invalid");
  const restore = () => {
    input.value = last.used;
    input.removeAttribute("aria-invalid");
  };
  const valueFor = () => valueOf(field, wordFor(input.value.trim().replace(",", ".")));
  input.addEventListener("change", () => {
    const value = valueFor();
    if (value === undefined) input.setAttribute("aria-invalid", "true");
    else if (wordOf(value) === wordFor(last.used)) restore();
    else onValue(value);
  });
  input.addEventListener("focus", () => {
    last.seen = input.value;
  });
  input.addEventListener("blur", () => {
    if (isRefused() && input.value === last.seen) restore();
  });
  input.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") restore();
  });
  return {
    restore,
    valueFor,
    use(word) {
      const isWritten = last.used === word && document.activeElement === input && !isRefused();
      last.used = word;
      if (!isWritten) restore();
    },
  };
}

/**
 * @param {string} id
 * @param {Field} field
 * @param {(value: any) => void} onValue
 * @returns {Control}
 */
function clippingOf(id, field, onValue) {
  const kind = make("select", { id }, ...Object.entries(field.options ?? {}).map(([value, textContent]) => make("option", { value, textContent })));
  const limit = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", ariaLabel: `${field.label}: the limit` });
  const used = { limit: String(LIMIT) };
  const words = takeWords(limit, field, (word) => `${kind.value}:${word}`, onValue);
  kind.addEventListener("change", () => {
    const value = words.valueFor();
    if (value === undefined) words.restore();
    onValue(kind.value === "none" ? "none" : value ?? { [kind.value]: Number(used.limit) });
  });
  return {
    whole: labelled(id, field.label, field.help, make("div", { className: "lab-clipping" }, kind, limit)),
    show(value, isDisabled) {
      const [word, number = used.limit] = wordOf(value).split(":");
      kind.value = word;
      used.limit = number;
      words.use(number);
      limit.hidden = word === "none";
      kind.disabled = limit.disabled = isDisabled;
    },
  };
}
