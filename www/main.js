// @ts-check
import { fetchSamples, tidyCache } from "./download.js";
import { sentenceOf } from "./failure.js";
import { choose, classify } from "./session.js";
import { fitSource, followVisibility, grab, isLive, look, watchSource } from "./source.js";
import { DEFAULT_NETWORK, cardOf, defaultSource, notice, readAddress, setProblem, state, subscribe, update, writeAddress } from "./state.js";
import { showCard } from "./views/card.js";
import { showDevices } from "./views/devices.js";
import { showHeads } from "./views/heads.js";
import { showNetworks } from "./views/networks.js";
import { showPad } from "./views/pad.js";
import { showPredictions } from "./views/predictions.js";
import { showSources, takeFiles } from "./views/sources.js";
import { showStage } from "./views/stage.js";
import { showStatus } from "./views/status.js";
import { showTiming } from "./views/timing.js";
import { showWeights } from "./views/weights.js";

const RATE_SPAN = 2000; // milliseconds over which the frame rate is counted

const NOTHING = { predictions: [], heads: [], vote: null, timing: null, stale: false };

/** @type {number[]} */
let shownAt = [];
let turn = 0;
let forgotten = 0;

/** Shows the newest picture to the network and its predictions to the reader. */
async function predict() {
  const frame = grab();
  if (!frame) return forget();
  const own = ++turn;
  const { source } = state;
  try {
    const answer = await classify(frame);
    if (answer === "dropped" || source !== state.source || own < forgotten) return;
    setProblem("frame", null);
    const first = state.firstRun === null;
    update({ ...answer, stale: state.stale && own !== turn && !isLive(), rate: isLive() ? countRate() : null });
    if (first) update({ firstRun: answer.timing.total });
    if (first && !isLive()) await predict(); // the first run warms up, so that its time is not the network's
  } catch (error) {
    if (source !== state.source) return;
    update({ ...NOTHING });
    setProblem("frame", { text: sentenceOf(error), retry: null });
  }
}

function forget() {
  if (state.source?.kind !== "drawing") return;
  forgotten = ++turn;
  update({ ...NOTHING });
}

function countRate() {
  const now = performance.now();
  shownAt = [...shownAt.filter((time) => now - time < RATE_SPAN), now];
  return shownAt.length > 1 ? ((shownAt.length - 1) * 1000) / (now - shownAt[0]) : null;
}

/** Looks again when another network has taken over. */
function followLoaded() {
  let { loaded: before, loadedVariant: of, deviceInfo: on } = state;
  subscribe(({ loaded, loadedVariant, deviceInfo }) => {
    if (!loaded || (loaded === before && loadedVariant === of && deviceInfo === on)) return;
    const otherKind = before && cardOf(before)?.frame.kind !== cardOf(loaded)?.frame.kind;
    before = loaded;
    of = loadedVariant;
    on = deviceInfo;
    if (otherKind) fitSource();
    update({ stale: true });
    predict();
  });
}

/** @param {import("./state.js").Source | null} source */
async function start(source) {
  const samples = await fetchSamples().catch(() => {
    notice("The list of sample photos could not be downloaded. The camera and your own pictures work.");
    return [];
  });
  update({ samples });
  const needsCard = source ? source.kind === "drawing" : state.network !== DEFAULT_NETWORK;
  if (needsCard) await once(() => state.cards.length > 0); // cards come with the wasm
  const next = usable(source) ?? defaultSource(cardOf(state.network));
  if (next) await look(next);
}

/**
 * Only a digit's network reads drawings.
 * @param {import("./state.js").Source | null} source
 */
function usable(source) {
  return source?.kind === "drawing" && cardOf(state.network)?.frame.kind !== "digit" ? null : source;
}

/** @param {() => boolean} ready */
function once(ready) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => subscribe(() => ready() && resolve()));
}

function followAddress() {
  addEventListener("popstate", () => {
    const { network, variant, device, source, ...outputs } = readAddress(location.search);
    update(outputs);
    if (network !== state.network || variant !== state.variant || device !== state.device) choose({ network, variant, device });
    const next = usable(source) ?? defaultSource(cardOf(network));
    if (next) look(next);
  });
}

showStage();
showPad(predict);
showPredictions();
showHeads(predict);
showTiming();
showStatus();
showSources();
showNetworks();
showWeights();
showDevices();
showCard();
takeFiles();

const { network, variant, device, source, ...outputs } = readAddress(location.search);
update(outputs);
watchSource(predict);
followLoaded();
followVisibility();
followAddress();
choose({ network, variant, device });
start(source).then(() => subscribe(writeAddress));
once(() => state.phase === "ready").then(() => tidyCache(state.rows ?? []));
