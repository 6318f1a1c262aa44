// @ts-check
import { RANDOM, entryOf, layersKey, nameOf } from "../../../pure/entries.js";
import { standingText } from "../../../pure/standing.js";
import { computedBy } from "../../../pure/text.js";
import { subscribe } from "../../../state.js";
import { element, fillBar, make, write } from "../../../views/page.js";
import { keysOf } from "../../pure/keys.js";
import { mainOf, rowsOf, totalsOf } from "../pure/rows.js";
import { noNetworkText } from "../pure/words.js";
import { NOT_WITH_BURN, measuredText } from "../pure/times.js";

/**
 * The button that measures the layers' times, and where the times come from.
 *
 * @typedef {import("../../../state.js").State} State
 * @typedef {{ text: string, kind?: "warning" | "software" }} Note
 */

const BUSY = "The server of this page is still building on this machine. Times that are measured meanwhile are not to be trusted: wait until it has finished.";

/**
 * @param {() => void} onStart
 * @param {() => void} onCancel
 */
export function showMeasurement(onStart, onCancel) {
  const start = element("measure", HTMLButtonElement);
  const cancel = element("measure-cancel", HTMLButtonElement);
  const bar = element("measure-progress", HTMLProgressElement);
  const said = element("measure-note", HTMLParagraphElement);
  const trouble = element("measure-trouble", HTMLParagraphElement);
  const list = element("measure-notes", HTMLUListElement);
  start.addEventListener("click", onStart);
  cancel.addEventListener("click", onCancel);
  subscribe((state) => {
    const { inside: { measurement } } = state;
    const isMeasuring = measurement.key !== null;
    const focused = document.activeElement;
    start.hidden = isMeasuring;
    start.disabled = isBurn(state) || !keysOf(state.inside).some((key) => isRunning(state, key));
    cancel.hidden = bar.hidden = !isMeasuring;
    if (start.hidden && focused === start) cancel.focus(); // the keyboard stays where the button was
    if (cancel.hidden && focused === cancel) start.focus();
    fillBar(bar, measurement.share);
    write(said, measurement.key === null ? hindranceOf(state) : `Measuring the layers of ${nameOf(entryOf(measurement.key), state.cards, state.rows)}…`);
    trouble.hidden = !measurement.trouble;
    write(trouble, measurement.trouble);
    fill(list, notesOf(state));
  });
}

/** @param {State} state */
const isBurn = ({ deviceInfo, engine }) => (deviceInfo?.engine ?? engine) === "burn";

/**
 * @param {State} state
 * @param {string} wanted
 */
const isRunning = ({ running }, wanted) => running.some(({ key }) => key === wanted);

/**
 * @param {State} state
 * @returns {string} why not everything that is looked into can be measured now; "" where it can
 */
function hindranceOf(state) {
  if (isBurn(state)) return NOT_WITH_BURN;
  const { cards, rows, standings, inside } = state;
  const waiting = keysOf(inside).filter((key) => !isRunning(state, key));
  return waiting.map((key) => {
    const entry = entryOf(key);
    const name = nameOf(entry, cards, rows);
    return noNetworkText(entry, cards) || `${name} cannot be measured yet. ${standingText(standings[key], name)}`;
  }).join(" ");
}

/**
 * @param {State} state
 * @returns {Note[]}
 */
function notesOf(state) {
  const { deviceInfo, building, cards, rows, running, inside } = state;
  const place = deviceInfo ? computedBy(deviceInfo) : null;
  const keys = keysOf(inside);
  /** @type {Note[]} */
  const notes = keys.flatMap((key) => {
    const profile = inside.profiles[key];
    const layers = inside.layers[layersKey(entryOf(key))];
    if (!profile || !layers) return [];
    const { milliseconds } = totalsOf(mainOf(rowsOf(layers, profile)));
    const inference = profile.place === place ? (state.answers[key]?.timing?.inference ?? null) : null;
    const text = measuredText(profile, milliseconds ?? 0, inference);
    return [{ text: keys.length > 1 ? `${nameOf(entryOf(key), cards, rows)}: ${text}` : text, kind: profile.software ? "software" : undefined }];
  });
  const measured = keys.flatMap((key) => inside.profiles[key] ?? []);
  if (place && measured.some((profile) => profile.place !== place)) notes.push({ text: "These times were measured elsewhere than the networks run now. Measure again to see those of the place that is chosen.", kind: "warning" });
  if (measured.length && running.some(({ key, weights }) => keys.includes(key) && weights === RANDOM)) notes.push({ text: "With random weights, layers take as long as with the official ones." });
  if (building.length) notes.push({ text: BUSY, kind: "warning" });
  return notes;
}

/**
 * @param {HTMLUListElement} list
 * @param {Note[]} notes
 */
function fill(list, notes) {
  const words = JSON.stringify(notes);
  if (list.dataset.words === words) return;
  list.dataset.words = words;
  list.replaceChildren(...notes.map(({ text, kind }) => {
    const item = make("li", { className: kind === "warning" ? kind : "", textContent: text });
    if (kind === "software") item.append(" ", make("span", { className: "badge", textContent: "software adapter" }));
    return item;
  }));
}
