// @ts-check
import { bringCards } from "../openEngine.js";
import { csvOf } from "../pure/csv.js";
import { state, subscribe, update, updateLab } from "../state.js";
import { element } from "../views/page.js";
import { saveBlob } from "../views/saveBlob.js";
import { Experiment } from "./experiment.js";
import { jsonOf, linesOf, svgOf } from "./pure/files.js";
import { isGoingOn } from "./pure/phase.js";
import { bringScenarios, chooseScenario, chooseSettings, resolveAsked } from "./scenarios.js";
import { showCharts } from "./views/charts.js";
import { showFiles } from "./views/files.js";
import { showHeat } from "./views/heat.js";
import { showPad } from "./views/pad.js";
import { showRun } from "./views/run.js";
import { showScenarios } from "./views/scenarios.js";
import { showSettings } from "./views/settings.js";

/** Wires the gradient lab. */

const experiment = new Experiment();
const wired = { once: false };

/**
 * @param {DocumentFragment} markup
 * @returns {import("../views.js").Wiring}
 */
export const wiring = (markup) => ({
  start(page) {
    if (!wired.once) wire(markup, page);
    bringScenarios();
  },
  rest: () => experiment.pause(),
});

/**
 * @param {DocumentFragment} markup
 * @param {import("../views.js").Page} page
 */
function wire(markup, page) {
  wired.once = true;
  element("lab", HTMLElement).replaceChildren(markup);
  showScenarios((id) => {
    if (id !== state.lab.scenario) history.pushState(null, "", location.href); // the address that follows is the next one, and the way back leads here
    anew(() => chooseScenario(id), true);
  }, (key, address) => {
    history.pushState(null, "", address);
    page.show("inside", { inside: { ...state.inside, key, other: null, layer: null, class: null } });
  });
  showSettings({
    onSetting: (name, value) => anew(() => state.lab.settings && chooseSettings({ settings: { ...state.lab.settings, [name]: value } })),
    onChange: (change) => anew(() => chooseSettings({ change })),
    onData: (data) => anew(() => chooseSettings({ data })),
    onDevice: (device) => anew(() => update({ device })),
  });
  showRun({
    onStart: () => void experiment.start(),
    onPause: () => experiment.pause(),
    onStep: () => void experiment.step(),
    onReset: () => experiment.reset(),
  });
  showHeat();
  showCharts(updateLab);
  showPad((strokes) => {
    update({ strokes });
    experiment.readDrawing();
  });
  showFiles((kind) => saveBlob(...FILES[kind]()));
  subscribe(({ view }) => {
    if (view === "lab" && resolveAsked()) experiment.reset();
  });
  bringCards().catch(() => {}); // they only give the networks their names
}

/**
 * Changes what is trained. It begins anew, and goes on training where it did before.
 * @param {() => void} change
 * @param {boolean} [starts] also where nothing was trained
 */
function anew(change, starts = false) {
  const goesOn = starts || isGoingOn(state.lab) || state.lab.phase === "stopped";
  experiment.reset();
  change();
  if (goesOn) experiment.start();
}

/** @type {Record<import("./views/files.js").Kind, () => [Blob, string]>} */
const FILES = {
  json: () => [new Blob([`${JSON.stringify(jsonOf(state.lab), null, 1)}\n`], { type: "application/json" }), nameOf("json")],
  csv: () => [new Blob([csvOf(linesOf(state.lab))], { type: "text/csv" }), nameOf("csv")],
  svg: () => [new Blob([svgOf(state.lab)], { type: "image/svg+xml" }), nameOf("svg")],
};

/** @param {string} ending */
const nameOf = (ending) => `convscope-lab-${state.lab.scenario}.${ending}`;
