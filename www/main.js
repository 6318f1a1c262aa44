// @ts-check
import { fetchSamples, tidyCache } from "./download.js";
import { choose } from "./session.js";
import * as single from "./single.js";
import { followVisibility, look, releaseCamera, watchSource } from "./source.js";
import { DEFAULT_NETWORK, cardOf, defaultSource, notice, once, readAddress, state, subscribe, update, updateCompare, writeAddress } from "./state.js";
import { showDevices } from "./views/devices.js";
import { showEngines } from "./views/engines.js";
import { showPad } from "./views/pad.js";
import { showSources, takeFiles } from "./views/sources.js";
import { showStage } from "./views/stage.js";
import { showStatus } from "./views/status.js";
import { showViews } from "./views/views.js";

/** @typedef {import("./state.js").State["view"]} View */

/** Brought in when it is wanted: nothing of it delays the first prediction. @type {Promise<typeof import("./compare/compare.js")> | null} */
let compare = null;

/** @returns {Promise<{ start: () => unknown, rest: () => void, look: () => void }>} */
function wiring(/** @type {View} */ view) {
  if (view === "single") return Promise.resolve(single);
  compare ??= import("./compare/compare.js");
  return compare;
}

async function newPicture() {
  (await wiring(state.view)).look();
}

/** @param {View} view */
async function show(view) {
  const before = state.view;
  if (before === view) return;
  update({ view });
  (await wiring(before)).rest();
  releaseCamera();
  (await wiring(view)).start();
}

/** @param {import("./state.js").Source | null} source */
async function start(source) {
  const samples = await fetchSamples().catch(() => {
    notice("The list of sample photos could not be downloaded. The camera and your own pictures work.");
    return [];
  });
  update({ samples });
  const needsCard = source ? source.kind === "drawing" : state.network !== DEFAULT_NETWORK;
  if (needsCard && state.view === "single") await once(() => state.cards.length > 0); // cards come with the wasm
  const next = usable(source) ?? usual();
  if (next) await look(next);
}

/**
 * Only a digit's network reads drawings; to compare, all may look at one.
 * @param {import("./state.js").Source | null} source
 */
function usable(source) {
  return source?.kind === "drawing" && state.view === "single" && cardOf(state.network)?.frame.kind !== "digit" ? null : source;
}

function usual() {
  return defaultSource(state.view === "single" ? cardOf(state.network) : undefined);
}

/** @param {Partial<import("./opening.js").Place>} place */
async function move(place) {
  if (state.view === "single") return void choose(place);
  update(place);
  (await wiring("compare")).start();
}

/** A server that builds while it serves tells how far it is; others need none of this. */
async function followServer() {
  await once(({ building }) => building.length > 0);
  const [{ followBuilding }, { showBuilding }] = await Promise.all([import("./building.js"), import("./views/building.js")]);
  showBuilding();
  followBuilding();
}

function followAddress() {
  addEventListener("popstate", async () => {
    const { view, keys, tab, network, variant, device, engine, source, ...outputs } = readAddress(location.search);
    update(outputs);
    updateCompare({ keys, tab });
    const other = network !== state.network || variant !== state.variant || device !== state.device || engine !== state.engine;
    if (view !== state.view) {
      update({ network, variant, device, engine });
      await show(view);
    } else if (view === "compare") {
      await move({ device, engine });
    } else if (other) {
      choose({ network, variant, device, engine });
    }
    const next = usable(source) ?? usual();
    if (next) look(next);
  });
}

showStage();
showPad(newPicture);
showStatus();
showSources();
showDevices((device) => move({ device }));
showEngines((engine) => move({ engine }));
showViews(show);
single.showSingle();
takeFiles();

const { keys, tab, source, ...address } = readAddress(location.search);
update(address);
updateCompare({ keys, tab });
watchSource(newPicture);
followVisibility();
followAddress();
wiring(state.view).then((wired) => wired.start());
start(source).then(() => subscribe(writeAddress));
followServer();
once(({ phase, building }) => phase === "ready" && !building.length).then(() => tidyCache(state.rows ?? []));
