// @ts-check
import { RANDOM, rowOf } from "./download.js";
import { Failure, codeOf, sentenceOf } from "./failure.js";
import { awaits, bringManifest, download, openEngine, samePlace } from "./opening.js";
import { DEFAULT_NETWORK, MUCH_MEMORY, cardOf, dismiss, memoryOf, notice, setProblem, state, update } from "./state.js";
import { megabytes } from "./views/page.js";

/**
 * Which network runs on which device, by whose operations. A choice that fails leaves the one before it running.
 *
 * @typedef {import("./download.js").Row} Row
 * @typedef {import("./engine.js").Engine} Engine
 * @typedef {import("./opening.js").Opened} Opened
 * @typedef {import("./opening.js").Place} Place
 * @typedef {Place & { network: string, variant: string }} Choice
 * @typedef {{ engine: Engine, choice: Choice, variant: string, judged: boolean }} Running its variant is RANDOM where there are no weights
 */

const TOP = 5;
/** @type {Partial<import("./state.js").State>} */
const NO_ANSWER = { predictions: [], heads: [], vote: null, timing: null, firstRun: null, rate: null, stale: false };
const LONG_DOWNLOAD = 50e6; // bytes: not begun before it is known how much memory the network takes

/** @type {Running | null} */
let current = null;
/** @type {Choice} */
let wanted = { network: state.network, variant: state.variant, device: state.device, engine: state.engine };
/** Networks that may take much memory. @type {Set<string>} */
const allowed = new Set();
let attempt = new AbortController();
let restarted = false;

/** @param {Partial<Choice>} choice */
export function choose(choice) {
  restarted = false;
  setProblem("network", null);
  return run({ ...wanted, ...choice });
}

/** Gives the device and the memory back; the next choice starts anew. */
export function rest() {
  attempt.abort();
  current?.engine.close();
  current = null;
  update({ loaded: null, loadedVariant: null, deviceInfo: null, phase: "starting", progress: null, ...NO_ANSWER });
}

/**
 * Without weights there is only the time to tell.
 * @param {import("../pkg/convscope.js").Frame} frame
 * @returns {Promise<import("./engine.js").Classification | "dropped">}
 */
export async function classify(frame) {
  if (!current) return "dropped";
  const asked = current;
  const { engine, variant, choice: { network } } = asked;
  try {
    const answer = variant === RANDOM ? await time(engine, network, frame) : await engine.classify(network, frame, TOP, asksHeads(network));
    if (answer !== "dropped") judge(asked);
    return answer;
  } catch (error) {
    if (asked !== current) return "dropped";
    throw error;
  }
}

/**
 * @param {Engine} engine
 * @param {string} network
 * @param {import("../pkg/convscope.js").Frame} frame
 */
async function time(engine, network, frame) {
  const timings = await engine.time(network, frame);
  return timings === "dropped" ? timings : { predictions: [], timing: timings[0], heads: [], vote: null };
}

/** @param {string} network */
function asksHeads(network) {
  return state.askHeads && Boolean(cardOf(network)?.heads.length);
}

/**
 * The browser tells of shaders that it refused, once a network has used them.
 * @param {Running} asked
 */
async function judge(asked) {
  if (asked.judged || asked.engine.device?.kind !== "webgpu") return;
  asked.judged = true;
  const refused = await asked.engine.rejectedShaders().catch(() => 0); // a lost engine reports itself
  if (!refused) return;
  const text = `WebGPU refused ${refused === 1 ? "a part" : `${refused} parts`} of the computation, so the predictions may be wrong.`;
  const toCpu = () => {
    dismiss(text);
    choose({ device: "cpu" });
  };
  notice(text, { label: "Use the CPU", run: toCpu });
}

/** @param {Choice} choice */
async function run(choice) {
  attempt.abort();
  const own = (attempt = new AbortController());
  const { signal } = own;
  wanted = choice;
  update({ ...choice, phase: "starting", progress: null });
  try {
    const ready = await prepare(choice, signal);
    if (signal.aborted) return;
    commit(ready);
  } catch (error) {
    if (signal.aborted) return;
    own.abort(); // closes an engine that was opened for nothing
    fail(error, choice);
  }
}

/**
 * The engine and the weights come at the same time; the network is loaded when both are here.
 * @param {Choice} choice
 * @param {AbortSignal} signal
 * @returns {Promise<Running>}
 */
async function prepare(choice, signal) {
  const { network } = choice;
  const kept = current && samePlace(current.choice, choice) ? current.engine : null;
  const opening = kept ? Promise.resolve({ engine: kept, device: choice.device }) : open(choice, signal);
  const [{ engine, device }, { variant, shards }] = await Promise.all([opening, weights(choice, opening, kept, signal)]);
  signal.throwIfAborted();
  if (engine.loaded.get(network) !== variant) {
    update({ phase: "loading", progress: null });
    const compiled = (/** @type {number} */ done, /** @type {number} */ shaders) => void (signal.aborted || update({ progress: { received: done, total: shaders } }));
    await (shards ? engine.load(network, variant, shards, network, compiled) : engine.loadRandom(network, network, compiled));
  }
  return { engine, choice: { ...choice, device }, variant, judged: false };
}

/**
 * @param {Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<Opened>}
 */
async function open(place, signal) {
  const closing = new AbortController();
  signal.addEventListener("abort", () => {
    if (!opened || opened.engine !== current?.engine) closing.abort();
  });
  /** @type {Opened | undefined} */
  let opened;
  const fetched = (/** @type {number} */ received, /** @type {number} */ total) => void (signal.aborted || update({ phase: "fetching", progress: { received, total } }));
  opened = await openEngine(place, signal, fetched, closing.signal);
  if (state.phase === "fetching" && !signal.aborted) update({ phase: "starting", progress: null });
  return opened;
}

/**
 * @param {Choice} choice
 * @param {Promise<Opened>} opening
 * @param {Engine | null} kept
 * @param {AbortSignal} signal
 * @returns {Promise<{ variant: string, shards: Uint8Array[] | null }>} no shards: there are none, or they are loaded
 */
async function weights({ network, engine, variant: preferred }, opening, kept, signal) {
  const rows = await bringManifest();
  const row = rowOf(rows, network, preferred);
  if (!row || row.bytes > LONG_DOWNLOAD) await opening; // the cards come with it
  signal.throwIfAborted();
  const variant = row?.variant ?? RANDOM;
  if (kept?.loaded.get(network) === variant) return { variant, shards: null };
  if (!row && !cardOf(network)) throw new Failure("unknown-network", `This server has no network “${network}”. Choose one from the list.`);
  mindMemory(network, row);
  if (!row) return { variant, shards: null };
  const shards = await download(row, signal, (received) => {
    const waits = state.phase === "fetching" || awaits(engine); // longer than for the weights
    if (!waits) update({ phase: "downloading", progress: { received, total: row.bytes } });
  });
  return { variant, shards };
}

/**
 * @param {string} network
 * @param {Row | undefined} row
 */
function mindMemory(network, row) {
  const card = cardOf(network);
  if (!card || memoryOf(card) <= MUCH_MEMORY || allowed.has(network)) return;
  const download = row ? ` and a download of ${megabytes(row.bytes)}` : "";
  throw new Failure("much-memory", `${card.name}'s weights take ${megabytes(memoryOf(card))} of memory${download}. A computer has that to spare; on a phone the browser may close the page.`);
}

/** @param {Running} next */
function commit(next) {
  const { engine, variant, choice } = next;
  const { network } = choice;
  const before = current;
  const other = before?.engine !== engine || before.choice.network !== network || before.variant !== variant;
  current = { ...next, judged: !other && before.judged };
  wanted = choice;
  engine.onLost = (failure) => lost(engine, failure);
  if (before && before.engine !== engine) before.engine.close();
  for (const id of engine.loaded.keys()) if (id !== network) engine.unload(id).catch(() => {}); // a lost engine reports itself
  if (other) update({ timing: null, firstRun: null, rate: null });
  if (variant === RANDOM) update({ predictions: [], heads: [], vote: null });
  update({ ...choice, loaded: network, loadedVariant: variant, deviceInfo: engine.device, phase: "ready", progress: null });
}

/**
 * @param {unknown} error
 * @param {Choice} choice
 * @param {Choice | undefined} kept what goes on
 */
function fail(error, choice, kept = current?.choice) {
  const code = codeOf(error);
  const unknown = code === "unknown-network";
  const name = nameOf(choice.network);
  const goesOn = kept ? ` ${nameOf(kept.network)} goes on.` : "";
  if (code === "much-memory") {
    const load = () => {
      allowed.add(choice.network);
      choose(choice);
    };
    setProblem("network", { text: sentenceOf(error) + goesOn, retry: load, question: `Load ${name}` });
  } else {
    const crash = code === "crashed" ? perhapsMemory(choice.network) : "";
    const text = (unknown ? "" : `${name} is not ready. `) + sentenceOf(error) + crash + goesOn;
    setProblem("network", { text, retry: unknown ? null : () => choose(choice) });
  }
  if (kept) {
    wanted = kept;
    update({ ...kept, phase: "ready", progress: null });
  } else if (unknown && choice.network !== DEFAULT_NETWORK) {
    run({ ...choice, network: DEFAULT_NETWORK });
  } else {
    update({ phase: "failed", progress: null });
  }
}

/**
 * WebAssembly that runs out of memory stops without a word.
 * @param {string} network
 */
function perhapsMemory(network) {
  const card = state.phase === "loading" && cardOf(network);
  return card ? ` Its weights take ${megabytes(memoryOf(card))} of memory: perhaps there is too little.` : "";
}

/**
 * @param {Engine} engine
 * @param {Failure} failure
 */
function lost(engine, failure) {
  if (engine !== current?.engine) return;
  const before = current.choice;
  const loading = state.phase === "loading" && samePlace(wanted, before); // and that ended it
  current = null;
  update({ loaded: null, loadedVariant: null, deviceInfo: null, stale: true });
  if (loading || (restarted && wanted.network !== before.network)) {
    fail(failure, wanted, before);
    run(before);
  } else if (!restarted) {
    restarted = true;
    const what = failure.code === "device-lost" ? "The graphics device was lost" : "The engine stopped unexpectedly";
    notice(`${what}. It was started anew, and the network is loaded again.`);
    run(wanted);
  } else {
    attempt.abort();
    fail(failure, wanted);
  }
}

/** @param {string} network */
function nameOf(network) {
  return cardOf(network)?.name ?? network;
}
