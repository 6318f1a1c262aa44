// @ts-check
import { RANDOM } from "../../../pure/entries.js";
import { percent } from "../../../pure/text.js";
import { state, subscribe } from "../../../state.js";
import { element, make, write } from "../../../views/page.js";
import { keysOf } from "../../pure/keys.js";
import { classOf, currentAnswer, isSeen, leaderOf, runningOf } from "../pure/subject.js";

/**
 * The most probable classes as buttons, and the chosen one among them or before them.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {{ index: number, label: string, probability: number | null }} Choice
 */

/** @param {(index: number | null) => void} onClass null: the most probable one */
export function showClasses(onClass) {
  const group = element("attention-classes", HTMLDivElement);
  const follow = make("button", { type: "button", className: "quiet", textContent: "Follow the most probable class", onclick: () => onClass(null) });
  const list = make("div", { className: "attention-classes-list" });
  group.append(list, follow);
  const panel = element("attention-choice", HTMLElement);
  subscribe((state) => {
    if (!isSeen(state)) return;
    panel.hidden = keysOf(state.inside).every((key) => runningOf(state, key)?.weights === RANDOM);
    const choices = choicesOf(state);
    while (list.children.length > choices.length) list.lastElementChild?.remove();
    while (list.children.length < choices.length) list.append(classButton(onClass));
    choices.forEach((choice, i) => fill(/** @type {HTMLButtonElement} */ (list.children[i]), choice, choice.index === classOf(state, leaderOf(state))));
    follow.hidden = state.inside.class === null;
  });
}

/** @param {State} state @returns {Choice[]} */
function choicesOf(state) {
  const key = leaderOf(state);
  const { labels, inside: { class: chosen, attention: { sights } } } = state;
  const predictions = currentAnswer(state, key)?.predictions ?? [];
  if (chosen === null || predictions.some(({ index }) => index === chosen)) return predictions;
  const label = labels[key]?.[chosen] ?? `class ${chosen}`;
  const sight = sights[key];
  return [{ index: chosen, label, probability: sight?.class === chosen ? sight.probability : null }, ...predictions];
}

/** @param {(index: number) => void} onClass */
function classButton(onClass) {
  const button = make("button", { type: "button" }, make("span"), make("small"));
  button.addEventListener("click", () => onClass(Number(button.value)));
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {Choice} choice
 * @param {boolean} isChosen
 */
function fill(button, { index, label, probability }, isChosen) {
  const [name, number] = /** @type {HTMLElement[]} */ ([...button.children]);
  button.value = String(index);
  write(name, label);
  write(number, probability === null ? "" : percent(probability));
  button.setAttribute("aria-pressed", String(isChosen));
}

/** @param {(isHeld: boolean) => void} onHold */
export function showHold(onHold) {
  const hold = element("attention-hold", HTMLButtonElement);
  hold.addEventListener("click", () => onHold(!state.held));
  subscribe(({ source, held }) => {
    hold.hidden = source?.kind !== "camera";
    hold.setAttribute("aria-pressed", String(held));
    write(hold, held ? "Go on" : "Pause on this picture");
  });
}

/** @param {(opacity: number) => void} onOpacity */
export function showOpacity(onOpacity) {
  const slider = element("attention-opacity", HTMLInputElement);
  slider.addEventListener("input", () => onOpacity(Number(slider.value) / 100));
  subscribe(({ inside: { attention: { opacity } } }) => {
    slider.value = String(Math.round(opacity * 100));
    element("attention-networks", HTMLDivElement).style.setProperty("--opacity", String(opacity));
  });
}
