// @ts-check
import { state, subscribe, update, updateLab } from "../state.js";
import { element } from "../views/page.js";
import { saveBlob } from "../views/saveBlob.js";
import { Experiment } from "./experiment.js";
import { isGoingOn } from "./pure/phase.js";
import { fileOf } from "./saving.js";
import { bringScenarios, chooseScenario, chooseSettings, resolveAsked } from "./scenarios.js";
import { Trainer } from "./trainer.js";
import { showCharts } from "./views/charts.js";
import { showFiles } from "./views/files.js";
import { showHeat } from "./views/heat.js";
import { showPad } from "./views/pad.js";
import { showRun } from "./views/run.js";
import { showScenarios } from "./views/scenarios.js";
import { showSettings } from "./views/settings.js";

/** Wires the gradient lab. */

const experiment = new Experiment((onFetched) => Trainer.open(onFetched));
const wired = { once: false };

/**
 * @param {DocumentFragment} markup
 * @returns {import("../views.js").Wiring}
 */
export const wiring = (markup) => ({
  start(page) {
    if (!wired.once) wire(markup, page);
    bringScenarios();
    experiment.enter();
  },
  rest: () => experiment.leave(),
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
  showFiles(async (kind) => saveBlob(...(await fileOf(kind, state.lab))));
  subscribe(({ view, compare }) => {
    if (view === "lab" && resolveAsked()) experiment.reset();
    if (compare.run) experiment.makeRoom();
  });
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
