// @ts-check
import { sentenceOf } from "../../pure/failure.js";
import { cardOf, state, subscribe, updateInside } from "../../state.js";
import { bringLayouts } from "./bringLayouts.js";
import { missingNote, timesNote } from "./notes.js";
import { openAll, openAround, openedOf, toggle } from "./openBlocks.js";
import { subjectsOf } from "./subjects.js";
import { sumOf } from "./pure/measures.js";
import { stackOf } from "./pure/stack.js";
import { titlesOf, turnsOf } from "./pure/titles.js";
import { drawing } from "./views/drawing.js";
import { showLegend } from "./views/legend.js";
import { showNote } from "./views/note.js";
import { showPanel } from "./views/panel.js";
import { showTools } from "./views/tools.js";
import { zoomable } from "./views/zoom.js";

/**
 * Wires the diagram: one drawing for each network that is looked into.
 *
 * @typedef {import("./subjects.js").Subject} Subject
 * @typedef {{ place: number, target: import("./views/drawing.js").Target }} Seen a node of the first drawing or of the second one
 *
 * @typedef {object} Shown
 * @property {import("./pure/measures.js").Measure} measure
 * @property {number} zoom 1: as wide as the sheet
 * @property {import("./pure/stack.js").Layouts | null} layouts
 * @property {string} trouble why there are none
 * @property {Seen | null} pointed
 * @property {Seen | null} chosen
 * @property {string | null} revealed the layer of the address that has been brought into sight
 */

const ZOOM = { least: 0.4, most: 4 };

/** @type {Shown} */
const shown = { measure: "kind", zoom: 1, layouts: null, trouble: "", pointed: null, chosen: null, revealed: null };

/** The drawing of the first network, and that of the second one. */
const drawings = [0, 1].map((place) => drawing({
  onChosen: (target) => choose({ place, target }),
  onPointed: (target) => point(target && { place, target }),
  onClosed: (block) => close(place, block),
}));

/** @type {import("../view.js").TabWiring["start"]} */
export function start() {
  for (const { sheet } of drawings) zoomable(sheet, zoomBy);
  showTools({
    onMeasure(measure) {
      shown.measure = measure;
      show();
    },
    onAll(open) {
      for (const subject of subjectsOf()) openAll(subject, open);
      show();
    },
    onZoom: zoomBy,
  });
  /** @type {{ inside: unknown, cards: unknown }} */
  const before = { inside: null, cards: null };
  subscribe(({ view, inside, cards }) => {
    if (view !== "inside" || inside.tab !== "diagram" || (before.inside === inside && before.cards === cards)) return;
    Object.assign(before, { inside, cards });
    show();
  });
  bring();
}

function bring() {
  shown.trouble = "";
  bringLayouts()
    .then((layouts) => (shown.layouts = layouts), (error) => (shown.trouble = sentenceOf(error)))
    .then(show);
}

function show() {
  try {
    const subjects = subjectsOf();
    paint(subjects);
    if (shown.trouble) showNote({ text: shown.trouble, action: { label: "Try again", run: bring } });
    else showNote(missingNote(subjects) ?? (shown.measure === "time" ? timesNote(subjects) : null));
  } catch (error) { // a network that the diagram has no form for
    hang(0);
    showNote({ text: sentenceOf(error) });
  }
}

/** @param {Subject[]} subjects */
function paint(subjects) {
  const { measure, layouts } = shown;
  if (!layouts || !subjects.length) return hang(0);
  hang(subjects.length);
  const { layer } = state.inside;
  const isNew = layer !== shown.revealed;
  if (isNew) {
    shown.chosen = null;
    openAround(subjects[0], layer);
  }
  const most = measure === "kind" ? 0 : Math.max(...subjects.flatMap(({ rows, times }) => rows.map(({ layers }) => sumOf(layers, measure, times))));
  subjects.forEach((subject, place) => {
    const { network, name, rows, times } = subject;
    const input = cardOf(network)?.input;
    drawings[place].show({
      name,
      stack: stackOf(rows, openedOf(subject), layouts),
      titles: titlesOf(rows),
      colouring: { measure, times, most },
      colours: `${measure} ${most} ${[...times.values()].map(({ milliseconds }) => milliseconds)}`,
      input: input ? `${input.channels}×${input.height}×${input.width}` : "",
      chosen: place === 0 ? layer : null,
    });
  });
  showLegend(measure, most, subjects.flatMap(({ layers }) => layers));
  tell(subjects);
  shown.revealed = layer;
  if (isNew && layer && subjects[0].layers.some(({ name }) => name === layer)) drawings[0].reveal({ layer });
}

/** Puts as many drawings on the page as there are networks to draw. @param {number} count */
function hang(count) {
  const host = /** @type {HTMLElement} */ (document.getElementById("diagram-networks"));
  if (host.childElementCount !== count) host.replaceChildren(...drawings.slice(0, count).map((drawing) => drawing.host));
  host.classList.toggle("two", count > 1);
}

/** @param {Seen} seen */
function choose(seen) {
  const { place, target } = seen;
  shown.chosen = seen;
  if ("block" in target) {
    const subject = subjectsOf()[place];
    if (subject) toggle(subject, target.block);
    show();
  } else if (place === 0) {
    shown.revealed = target.layer; // it is in sight
    updateInside({ layer: target.layer });
  } else {
    show();
  }
}

/**
 * @param {number} place
 * @param {string | null} block
 */
function close(place, block) {
  const subject = subjectsOf()[place];
  if (block && subject && openedOf(subject).delete(block)) show();
  else forget();
}

/** @param {Seen | null} pointed */
function point(pointed) {
  shown.pointed = pointed;
  tell(subjectsOf());
}

/** Shows the numbers of what is pointed at, otherwise of what was chosen. @param {Subject[]} subjects */
function tell(subjects) {
  const { layer } = state.inside;
  const { place, target } = shown.pointed ?? shown.chosen ?? { place: 0, target: layer ? { layer } : null };
  const subject = subjects[place];
  const row = target && subject?.rows.find(({ name, isBlock, layers }) => ("block" in target ? isBlock && name === target.block : layers.some(({ name }) => name === target.layer)));
  if (!row) return showPanel(null, forget);
  const found = "layer" in target ? row.layers.find(({ name }) => name === target.layer) ?? null : null;
  showPanel({ network: subject.name, row, repeat: turnsOf(subject.rows)[subject.rows.indexOf(row)], layer: found, times: subject.times }, forget);
}

function forget() {
  shown.chosen = shown.pointed = shown.revealed = null;
  updateInside({ layer: null });
}

/** @type {import("./views/zoom.js").OnZoom} */
function zoomBy(factor, still) {
  shown.zoom = factor ? Math.min(ZOOM.most, Math.max(ZOOM.least, shown.zoom * factor)) : 1;
  for (const { setZoom } of drawings) setZoom(shown.zoom, still);
}
