// @ts-check
import { entryOf, nameOf } from "../../pure/entries.js";
import { sentenceOf } from "../../pure/failure.js";
import { cardOf, state, subscribe, updateInside } from "../../state.js";
import { bringLayouts } from "./bringLayouts.js";
import { rowsOf } from "./pure/blocks.js";
import { sumOf, timesOf } from "./pure/measures.js";
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
 * @typedef {import("../state.js").Layer} Layer
 * @typedef {import("./pure/blocks.js").Row} Row
 * @typedef {import("./pure/measures.js").Measure} Measure
 * @typedef {import("./pure/stack.js").Layouts} Layouts
 * @typedef {import("./views/drawing.js").Target} Target
 * @typedef {{ key: string, network: string, name: string, layers: Layer[], rows: Row[], times: import("./pure/measures.js").Times }} Subject
 */

const ZOOM = { least: 0.4, most: 4 };

/** @type {{ measure: Measure, zoom: number, layouts: Layouts | null, trouble: string, pointed: { place: number, target: Target } | null, chosen: { place: number, target: Target } | null, revealed: string | null, painted: string }} */
const view = { measure: "kind", zoom: 1, layouts: null, trouble: "", pointed: null, chosen: null, revealed: null, painted: "" };
/** The names of the blocks that are open, by network. @type {Map<string, Set<string>>} */
const opened = new Map();
/** @type {WeakMap<Layer[], Row[]>} */
const known = new WeakMap();

/** The drawing of the first network, and that of the second one. */
const drawings = [0, 1].map((place) => drawing({
  onChosen: (target) => choose(place, target),
  onPointed: (target) => point(target && { place, target }),
  onClosed: (block) => close(place, block),
}));

/** @type {import("../view.js").TabWiring["start"]} */
export function start(_page, section) {
  const host = /** @type {HTMLElement} */ (section.querySelector("#diagram-networks"));
  for (const { sheet } of drawings) zoomable(sheet, zoomBy);
  showTools({
    onMeasure: (measure) => void (view.measure = measure, show()),
    onAll: openAll,
    onZoom: zoomBy,
  });
  subscribe(({ view: name, inside: { tab } }) => {
    if (name !== "inside" || tab !== "diagram") return;
    if (!view.layouts && !view.trouble) bring();
    host.classList.toggle("two", subjectsOf().length > 1);
    show(host);
  });
}

function bring() {
  view.trouble = "";
  bringLayouts().then((layouts) => (view.layouts = layouts), (error) => (view.trouble = sentenceOf(error))).then(() => show());
}

/** Draws what has changed. @param {HTMLElement} [host] */
function show(host = /** @type {HTMLElement} */ (document.getElementById("diagram-networks"))) {
  const subjects = subjectsOf();
  if (!view.layouts || !subjects.length) {
    host.replaceChildren();
    showLegend({ measure: "kind", most: 0, times: new Map() }, []);
    showPanel(null, forget);
    return showNote(noteOf(subjects));
  }
  try {
    paint(host, subjects, view.layouts);
    showNote(noteOf(subjects));
  } catch (error) {
    host.replaceChildren();
    showNote({ text: sentenceOf(error) });
  }
}

/**
 * @param {HTMLElement} host
 * @param {Subject[]} subjects
 * @param {Layouts} layouts
 */
function paint(host, subjects, layouts) {
  const { measure } = view;
  const most = measure === "kind" ? 0 : Math.max(...subjects.flatMap(({ rows, times }) => rows.map(({ layers }) => sumOf(layers, measure, times))));
  const hosts = drawings.slice(0, subjects.length).map((drawing) => drawing.host);
  if (hosts.length !== host.childElementCount) host.replaceChildren(...hosts);
  const { layer } = state.inside;
  if (layer !== view.revealed) openAround(subjects[0], layer);
  subjects.forEach(({ network, name, rows, times }, place) => {
    const card = cardOf(network);
    drawings[place].show({
      name,
      stack: stackOf(rows, openedOf(network), layouts),
      titles: titlesOf(rows),
      colouring: { measure, times, most },
      colours: `${measure} ${most} ${[...times.values()].map(({ milliseconds }) => milliseconds)}`,
      input: card ? `${card.input.channels}×${card.input.height}×${card.input.width}` : "",
      chosen: place === 0 ? layer : null,
    });
  });
  showLegend({ measure, most, times: new Map() }, subjects.flatMap(({ layers }) => layers));
  if (layer !== view.revealed) {
    view.revealed = layer;
    if (layer && subjects[0].layers.some(({ name }) => name === layer)) drawings[0].reveal({ layer });
  }
  tell(subjects);
}

/** The networks that are looked into and whose layers are known. @returns {Subject[]} */
function subjectsOf() {
  const { key, other, layers, profiles } = state.inside;
  return [key, ...(other ? [other] : [])].map(entryOf).flatMap((entry) => {
    const found = layers[entry.network];
    if (!found) return [];
    if (!known.has(found)) known.set(found, rowsOf(found));
    return [{ key: entry.key, network: entry.network, name: nameOf(entry, state.cards), layers: found, rows: known.get(found) ?? [], times: timesOf(profiles[entry.key]) }];
  });
}

/**
 * @param {Subject[]} subjects
 * @returns {Parameters<typeof showNote>[0]}
 */
function noteOf(subjects) {
  if (view.trouble) return { text: view.trouble, action: { label: "Try again", run: bring } };
  const { key, other } = state.inside;
  const missing = [key, ...(other ? [other] : [])].find((key) => !subjects.some((subject) => subject.key === key));
  if (missing) {
    const { network } = entryOf(missing);
    if (state.cards.length && !cardOf(network)) return { text: `There is no network called “${network}”. Choose one above.` };
    return { text: `The layers of ${cardOf(network)?.name ?? network} are being read.` };
  }
  const unmeasured = view.measure === "time" ? subjects.filter(({ times }) => !times.size).map(({ name }) => name) : [];
  if (!unmeasured.length) return null;
  return {
    text: `The times of the layers of ${unmeasured.join(" and ")} have not been measured yet. Measure them in the tab “Layers”, then come back.`,
    action: { label: "Go to Layers", run: () => updateInside({ tab: "layers" }) },
  };
}

/** @param {string} network */
function openedOf(network) {
  const found = opened.get(network) ?? new Set();
  opened.set(network, found);
  return found;
}

/** @param {Subject} subject @param {string | null} layer */
function openAround({ network, rows }, layer) {
  const row = rows.find(({ isBlock, layers }) => isBlock && layers.some(({ name }) => name === layer));
  if (row) openedOf(network).add(row.name);
}

/** @param {boolean} open */
function openAll(open) {
  for (const { network, rows } of subjectsOf()) opened.set(network, new Set(open ? rows.filter(({ isBlock }) => isBlock).map(({ name }) => name) : []));
  show();
}

/**
 * @param {number} place
 * @param {Target} target
 */
function choose(place, target) {
  view.chosen = { place, target };
  if ("layer" in target && place === 0) {
    view.revealed = target.layer; // it is in sight
    return updateInside({ layer: target.layer });
  }
  const subject = subjectsOf()[place];
  if ("block" in target && subject) {
    const blocks = openedOf(subject.network);
    if (!blocks.delete(target.block)) blocks.add(target.block);
  }
  show();
}

/**
 * @param {number} place
 * @param {string | null} block
 */
function close(place, block) {
  const subject = subjectsOf()[place];
  if (block && subject && openedOf(subject.network).delete(block)) show();
  else forget();
}

/** @param {{ place: number, target: Target } | null} pointed */
function point(pointed) {
  view.pointed = pointed;
  tell(subjectsOf());
}

/** Shows the numbers of what is pointed at, otherwise of what was chosen. @param {Subject[]} subjects */
function tell(subjects) {
  const { layer } = state.inside;
  const chosen = view.chosen ?? (layer ? { place: 0, target: { layer } } : null);
  const { place, target } = view.pointed ?? chosen ?? { place: 0, target: null };
  const subject = subjects[place];
  const row = target && subject?.rows.find(({ name, isBlock, layers }) => ("block" in target ? isBlock && name === target.block : layers.some(({ name }) => name === target.layer)));
  if (!row) return showPanel(null, forget);
  const found = "layer" in target ? row.layers.find(({ name }) => name === target.layer) ?? null : null;
  showPanel({ network: subject.name, row, repeat: turnsOf(subject.rows)[subject.rows.indexOf(row)], layer: found, times: subject.times }, forget);
}

function forget() {
  view.chosen = view.pointed = view.revealed = null;
  updateInside({ layer: null });
}

/** @type {import("./views/zoom.js").OnZoom} */
function zoomBy(factor, still) {
  view.zoom = factor ? Math.min(ZOOM.most, Math.max(ZOOM.least, view.zoom * factor)) : 1;
  for (const { setZoom } of drawings) setZoom(view.zoom, still);
}
