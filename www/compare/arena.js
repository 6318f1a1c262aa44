// @ts-check
import { RANDOM } from "../download.js";
import { compile } from "../compile.js";
import { codeOf, sentenceOf } from "../failure.js";
import { built, openEngine, samePlace } from "../opening.js";
import { grab, isLive } from "../source.js";
import { cardOf, notice, setProblem, state, update, updateCompare } from "../state.js";
import { megabytes } from "../views/page.js";
import { WAITING, allow, bring, cost, failed, lineUpOf, modest } from "./lineup.js";

/**
 * The chosen networks look at one picture, in turns: each turn is the next network's that has not seen the newest one.
 *
 * @typedef {import("../engine.js").Engine} Engine
 * @typedef {import("./state.js").Entry} Entry
 * @typedef {import("./state.js").Standing} Standing
 * @typedef {import("../opening.js").Place} Place
 */

const TOP = 5;
const RATE_SPAN = 3000; // milliseconds over which pictures a second are counted
const SLOW = 3000; // milliseconds of a first run after which a still picture is not timed again

/** @type {Engine | null} */
let engine = null;
/** @type {Place | null} for which the engine was opened */
let openedFor = null;
/** @type {Promise<void> | null} */
let opening = null;
let closing = new AbortController();
/** @type {Entry[]} */
let entries = [];
let attempt = new AbortController();
let turning = false;
let turn = 0; // whose turn it is
let restarted = false;
/** @type {Map<string, number[]>} when each network answered */
const answeredAt = new Map();

/**
 * Brings these networks to the place; those that are there stay.
 * @param {Entry[]} chosen
 * @param {Place} wanted
 */
export async function line(chosen, wanted) {
  attempt.abort();
  const own = (attempt = new AbortController());
  const { signal } = own;
  entries = chosen;
  setProblem("network", null);
  try {
    const moves = !samePlace(openedFor, wanted);
    const at = moves && engine && openedFor ? await codeFor(wanted, openedFor, signal) : wanted;
    if (signal.aborted) return;
    if (moves && at === wanted) close();
    keepOnly(chosen);
    await (opening ??= open(at));
    if (signal.aborted) return;
    update({ phase: "ready", progress: null });
    for (const entry of modest(chosen)) await place(entry, signal);
    if (!signal.aborted) ask(chosen.filter((entry) => !modest(chosen).includes(entry)));
  } catch (error) {
    if (signal.aborted) return;
    update({ phase: "failed", progress: null });
    setProblem("network", { text: `No network is ready. ${sentenceOf(error)}`, retry: () => void line(chosen, wanted) });
  }
}

/**
 * Brings the code that computes at another place, while the networks go on at theirs; they stay there where it cannot be had.
 * @param {Place} wanted
 * @param {Place} here
 * @param {AbortSignal} signal
 * @returns {Promise<Place>} where they run from now on
 */
async function codeFor(wanted, here, signal) {
  try {
    await built(wanted.engine, signal);
    await compile(wanted.engine, fetched(signal));
    return wanted;
  } catch (error) {
    if (signal.aborted) throw error;
    update(here);
    updateCompare({ lined: lineUpOf(here) });
    setProblem("network", { text: `${sentenceOf(error)} The networks go on.`, retry: () => void update(wanted) });
    return here;
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {import("../compile.js").OnFetched}
 */
function fetched(signal) {
  return (received, total) => void (signal.aborted || update({ phase: "fetching", progress: { received, total } }));
}

/** @returns {Place} that is chosen */
const placeNow = () => ({ device: state.device, engine: state.engine });

/** Gives the device and the memory back. */
export function rest() {
  attempt.abort();
  close();
  setProblem("network", null);
  updateCompare({ standings: {} });
}

function close() {
  closing.abort();
  engine = openedFor = opening = null;
  answeredAt.clear();
  update({ deviceInfo: null, phase: "starting", progress: null });
  updateCompare({ answers: {} });
}

/** @param {Entry[]} chosen */
function keepOnly(chosen) {
  const keys = new Set(chosen.map(({ key }) => key));
  for (const key of engine?.loaded.keys() ?? []) if (!keys.has(key)) engine?.unload(key).catch(() => {}); // a lost engine reports itself
  const loaded = (/** @type {string} */ key) => engine?.loaded.get(key);
  const standings = chosen.map(({ key }) => [key, loaded(key) === undefined ? WAITING : { ...WAITING, phase: "ready", variant: loaded(key) }]);
  const answers = Object.entries(state.compare.answers).filter(([key]) => keys.has(key));
  updateCompare({ standings: Object.fromEntries(standings), answers: Object.fromEntries(answers) });
}

/** @param {Place} at */
async function open(at) {
  const { signal } = (closing = new AbortController());
  openedFor = at;
  update({ phase: "starting", progress: null });
  try {
    const opened = await openEngine(at, signal, fetched(signal));
    signal.throwIfAborted();
    const own = (engine = opened.engine);
    openedFor = { ...at, device: opened.device };
    own.onLost = (failure) => lost(own, failure);
    update({ device: opened.device, deviceInfo: own.device });
  } catch (error) {
    if (!signal.aborted) openedFor = opening = null;
    throw error;
  }
}

/**
 * @param {Entry} entry
 * @param {AbortSignal} signal
 */
async function place(entry, signal) {
  if (!engine || signal.aborted) return;
  const on = engine;
  const before = on.loaded.get(entry.key);
  try {
    await bring(on, entry, state.rows ?? [], signal, (standing) => signal.aborted || stand(entry.key, standing));
    if (signal.aborted) {
      if (!entries.some(({ key }) => key === entry.key)) on.unload(entry.key).catch(() => {}); // a lost engine reports itself
      return;
    }
    if (before !== on.loaded.get(entry.key)) forget(entry.key); // what it said with other weights
    look();
  } catch (error) {
    if (signal.aborted) return;
    stand(entry.key, failed(error, entry));
  }
}

/** @param {string} key */
function forget(key) {
  const { [key]: _, ...answers } = state.compare.answers;
  updateCompare({ answers });
}

/**
 * @param {string} key
 * @param {Standing} standing
 */
function stand(key, standing) {
  updateCompare({ standings: { ...state.compare.standings, [key]: standing } });
}

/** @param {Entry[]} waiting that take much memory together */
function ask(waiting) {
  if (!waiting.length) return;
  for (const { key } of waiting) stand(key, { ...WAITING, phase: "asking" });
  const { memory, download } = cost(waiting, state.rows ?? []);
  const names = waiting.map(({ network }) => cardOf(network)?.name ?? network);
  const which = names.length > 3 ? `${names.length} of the networks` : names.join(" and ");
  const load = () => {
    allow(waiting);
    line(entries, placeNow());
  };
  const text = `${which} would take ${megabytes(memory)} of memory${download ? ` and a download of ${megabytes(download)}` : ""} more. A computer has that to spare; on a phone the browser may close the page.`;
  setProblem("network", { text, retry: load, question: names.length > 1 ? `Load the ${names.length}` : `Load ${names[0]}` });
}

/**
 * A network that ended the engine while it was loaded is left out of the next one.
 * @param {Engine} which
 * @param {import("../failure.js").Failure} failure
 */
function lost(which, failure) {
  if (which !== engine) return;
  const loading = entries.find(({ key }) => state.compare.standings[key]?.phase === "loading");
  attempt.abort();
  close();
  const left = loading ? entries.filter((entry) => entry !== loading) : entries;
  if (loading || !restarted) {
    restarted = !loading;
    const what = failure.code === "device-lost" ? "The graphics device was lost" : "The engine stopped unexpectedly";
    const without = loading ? `, without ${cardOf(loading.network)?.name}: perhaps there is too little memory for it` : ", and the networks are loaded again";
    notice(`${what}. It was started anew${without}.`);
    line(left, placeNow());
    if (loading) stand(loading.key, failed(failure, loading));
  } else {
    update({ phase: "failed" });
    setProblem("network", { text: sentenceOf(failure), retry: () => void line(entries, placeNow()) });
  }
}

/** There is a new picture. */
export function newPicture() {
  updateCompare({ picture: state.compare.picture + 1 });
  look();
}

/** Takes turns until every network has seen the newest picture. */
async function look() {
  if (turning) return;
  turning = true;
  try {
    for (let entry; (entry = next()); ) if (!(await take(entry))) break;
  } finally {
    turning = false;
  }
}

function next() {
  if (state.compare.tab !== "picture" || state.view !== "compare") return undefined;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[(turn + i) % entries.length];
    if (!isDue(entry)) continue;
    turn = (turn + i + 1) % entries.length;
    return entry;
  }
  return undefined;
}

/** @param {Entry} entry */
function isDue({ key }) {
  const { standings, answers, picture } = state.compare;
  if (standings[key]?.phase !== "ready") return false;
  const answer = answers[key];
  if (!answer || answer.picture !== picture) return true;
  return !isLive() && answer.runs === 1 && answer.first < SLOW; // the first run warms up, so that its time is not the network's
}

/**
 * @param {Entry} entry
 * @returns {Promise<boolean>} false: there is nothing to see
 */
async function take({ key, network }) {
  const { picture } = state.compare;
  const frame = await grab(cardOf(network));
  if (!frame || !engine) {
    if (!frame && state.source?.kind === "drawing") updateCompare({ answers: {} });
    return false;
  }
  const on = engine;
  try {
    const random = on.loaded.get(key) === RANDOM;
    const { predictions, timing } = random ? { predictions: [], timing: (await on.timeEach(key, frame, 1))[0] } : await on.classifyEach(key, frame, TOP);
    if (on !== engine || !on.loaded.has(key)) return true;
    setProblem("frame", null);
    const before = state.compare.answers[key];
    const runs = (before?.runs ?? 0) + 1;
    const answer = { predictions, timing, first: before?.first ?? timing.total, runs, rate: isLive() ? rateOf(key) : null, picture };
    updateCompare({ answers: { ...state.compare.answers, [key]: answer } });
    return true;
  } catch (error) {
    if (on !== engine) return true;
    if (codeOf(error) !== "not-loaded") setProblem("frame", { text: sentenceOf(error), retry: null });
    return false;
  }
}

/** @param {string} key */
function rateOf(key) {
  const now = performance.now();
  const times = [...(answeredAt.get(key) ?? []).filter((time) => now - time < RATE_SPAN), now];
  answeredAt.set(key, times);
  return times.length > 1 ? ((times.length - 1) * 1000) / (now - times[0]) : null;
}
