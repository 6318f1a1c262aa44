// @ts-check
import { fetchSamples, tidyCache } from "./download.js";
import { choose } from "./session.js";
import * as single from "./single.js";
import { followVisibility, look, releaseCamera, watchSource } from "./source.js";
import { DEFAULT_NETWORK, cardOf, defaultSource, notice, readAddress, state, subscribe, update, updateCompare, writeAddress } from "./state.js";
import { showDevices } from "./views/devices.js";
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

/** @param {() => boolean} ready */
function once(ready) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => subscribe(() => ready() && resolve()));
}

function followAddress() {
  addEventListener("popstate", async () => {
    const { view, keys, tab, network, variant, device, source, ...outputs } = readAddress(location.search);
    update(outputs);
    updateCompare({ keys, tab });
    const other = network !== state.network || variant !== state.variant || device !== state.device;
    if (view !== state.view) {
      update({ network, variant, device });
      await show(view);
    } else if (view === "compare") {
      update({ device });
      (await wiring(view)).start();
    } else if (other) {
      choose({ network, variant, device });
    }
    const next = usable(source) ?? usual();
    if (next) look(next);
  });
}

showStage();
showPad(newPicture);
showStatus();
showSources();
showDevices(async (device) => {
  if (state.view === "single") return void choose({ device });
  update({ device });
  (await wiring("compare")).start();
});
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
once(() => state.phase === "ready").then(() => tidyCache(state.rows ?? []));
