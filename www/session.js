// @ts-check
import { fetchManifest, fetchWeights } from "./download.js";
import { Engine } from "./engine.js";
import { Failure, codeOf, sentenceOf } from "./failure.js";
import { cardOf, notice, setProblem, state, update } from "./state.js";

/**
 * Which network runs on which device. A choice that fails leaves the one before it running.
 *
 * @typedef {import("./state.js").DeviceChoice} DeviceChoice
 * @typedef {{ network: string, device: DeviceChoice }} Choice
 */

const TOP = 5;
const NEEDS_CPU = new Set(["no-webgpu", "wrong-results", "device-lost", "out-of-memory", "crashed"]);

/** @type {(Choice & { engine: Engine }) | null} */
let current = null;
/** @type {Choice} */
let wanted = { network: state.network, device: state.device };
let attempt = new AbortController();
let restarted = false;

/** @param {Partial<Choice>} choice */
export function choose(choice) {
  restarted = false;
  setProblem("network", null);
  return run({ ...wanted, ...choice });
}

/**
 * @param {import("../pkg/convscope.js").Frame} frame
 */
export async function classify(frame) {
  if (!current) return "dropped";
  const { engine, network } = current;
  try {
    return await engine.classify(network, frame, TOP);
  } catch (error) {
    if (engine !== current?.engine || network !== current.network) return "dropped";
    throw error;
  }
}

/** @param {Choice} choice */
async function run(choice) {
  attempt.abort();
  const own = (attempt = new AbortController());
  const { signal } = own;
  wanted = choice;
  update({ ...choice, phase: "starting", progress: null });
  try {
    const { engine, device } = await ready(choice, signal);
    if (signal.aborted) return;
    commit({ engine, device, network: choice.network });
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
 */
async function ready({ network, device }, signal) {
  const kept = current?.device === device ? current : null;
  const there = kept?.engine.loaded.has(network);
  const [opened, shards] = await Promise.all([kept ?? open(device, signal), there ? null : weights(network, signal)]);
  signal.throwIfAborted();
  if (shards) {
    update({ phase: "loading", progress: null });
    await opened.engine.load(network, shards);
  }
  return opened;
}

/**
 * @param {DeviceChoice} device
 * @param {AbortSignal} signal
 * @returns {Promise<{ engine: Engine, device: DeviceChoice }>}
 */
async function open(device, signal) {
  const closing = new AbortController();
  signal.addEventListener("abort", () => {
    if (engine !== current?.engine) closing.abort();
  });
  /** @type {Engine | undefined} */
  let engine;
  try {
    engine = await Engine.open(device, closing.signal, (cards) => update({ cards }));
    return { engine, device };
  } catch (error) {
    if (signal.aborted || device === "cpu" || !NEEDS_CPU.has(codeOf(error))) throw error;
    notice(`WebGPU cannot be used here, so the CPU computes. ${sentenceOf(error)}`);
    return open("cpu", signal);
  }
}

/**
 * @param {string} network
 * @param {AbortSignal} signal
 */
async function weights(network, signal) {
  if (!state.rows.length) update({ rows: await fetchManifest() });
  const row = state.rows.find(({ id }) => id === network);
  if (!row) throw new Failure("unknown-network", `This server has no network “${network}”. Choose one from the list.`);
  if (signal.aborted) throw signal.reason;
  return fetchWeights(row, signal, (received) => {
    if (!signal.aborted) update({ phase: "downloading", progress: { received, total: row.bytes } });
  }, notice);
}

/** @param {Choice & { engine: Engine }} next */
function commit(next) {
  const { engine, network, device } = next;
  const before = current;
  current = next;
  wanted = { network, device };
  engine.onLost = (failure) => lost(engine, failure);
  if (before && before.engine !== engine) before.engine.close();
  for (const id of engine.loaded) if (id !== network) engine.unload(id).catch(() => {}); // a lost engine reports itself
  update({ network, device, loaded: network, deviceInfo: engine.device, phase: "ready", progress: null });
}

/**
 * @param {unknown} error
 * @param {Choice} choice
 */
function fail(error, choice) {
  const unknown = codeOf(error) === "unknown-network";
  const kept = current ? ` ${nameOf(current.network)} goes on.` : "";
  setProblem("network", {
    text: (unknown ? "" : `${nameOf(choice.network)} is not ready. `) + sentenceOf(error) + kept,
    retry: unknown ? null : () => choose(choice),
  });
  if (current) {
    const { network, device } = current;
    wanted = { network, device };
    update({ network, device, phase: "ready", progress: null });
  } else if (unknown && state.rows[0]) {
    run({ ...choice, network: state.rows[0].id });
  } else {
    update({ phase: "failed", progress: null });
  }
}

/**
 * @param {Engine} engine
 * @param {Failure} failure
 */
function lost(engine, failure) {
  if (engine !== current?.engine) return;
  const { network, device } = current;
  current = null;
  update({ loaded: null, deviceInfo: null, stale: true });
  if (!restarted) {
    restarted = true;
    const what = failure.code === "device-lost" ? "The graphics device was lost" : "The engine stopped unexpectedly";
    notice(`${what}. It was started anew, and the network is loaded again.`);
    run(wanted);
  } else if (wanted.network !== network) {
    fail(failure, wanted);
    run({ network, device });
  } else {
    attempt.abort();
    fail(failure, wanted);
  }
}

/** @param {string} network */
function nameOf(network) {
  return cardOf(network)?.name ?? network;
}
