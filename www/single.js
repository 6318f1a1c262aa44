// @ts-check
import { RANDOM, rowOf } from "./download.js";
import { sentenceOf } from "./failure.js";
import { choose, classify, rest } from "./session.js";
import { fitSource, grab, isLive } from "./source.js";
import { cardOf, setProblem, state, subscribe, update } from "./state.js";
import { showCard } from "./views/card.js";
import { showHeads } from "./views/heads.js";
import { showNetworks } from "./views/networks.js";
import { showPredictions } from "./views/predictions.js";
import { showTiming } from "./views/timing.js";
import { showWeights } from "./views/weights.js";

/** The view of one network. */

const RATE_SPAN = 2000; // milliseconds over which the frame rate is counted

const NOTHING = { predictions: [], heads: [], vote: null, timing: null, stale: false };

/** @type {number[]} */
let shownAt = [];
let turn = 0;
let grabbed = 0;
let forgotten = 0;

export function showSingle() {
  showPredictions();
  showHeads(look);
  showTiming();
  showNetworks();
  showWeights();
  showCard();
  followLoaded();
  followWeights();
}

export function start() {
  const { network, variant, device, engine } = state;
  return choose({ network, variant, device, engine });
}

export { rest };

/** Shows the newest picture to the network and its predictions to the reader. */
export async function look() {
  const { source } = state;
  const own = ++turn;
  const frame = await grab();
  if (source !== state.source || own < grabbed) return; // a held picture comes at once, and overtakes the film's
  grabbed = own;
  if (!frame) return forget();
  try {
    const answer = await classify(frame);
    if (answer === "dropped" || source !== state.source || own < forgotten) return;
    setProblem("frame", null);
    const first = state.firstRun === null;
    update({ ...answer, stale: state.stale && own !== turn && !isLive(), rate: isLive() ? countRate() : null });
    if (first) update({ firstRun: answer.timing.total });
    if (first && !isLive()) await look(); // the first run warms up, so that its time is not the network's
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
    look();
  });
}

/** Takes the official weights of a network that ran without them, once the server has them. */
function followWeights() {
  let tried = state.rows;
  subscribe(({ view, phase, rows, loaded, loadedVariant, variant }) => {
    if (view !== "single" || phase !== "ready" || !loaded || loadedVariant !== RANDOM) return;
    if (!rows || rows === tried || !rowOf(rows, loaded, variant)) return;
    tried = rows;
    choose({});
  });
}
