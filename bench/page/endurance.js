// @ts-check
// The page's own engine at work for a long time. bench/endurance/watched.mjs calls the global functions from outside.
import { Engine } from "../../www/engine.js";

/** @typedef {import("../../pkg/convscope.js").Frame} Frame */
/** @typedef {{ arithmetic: "f32" | "int8", threads: number }} Options */

/** So many different pictures come again and again, and each must get the same answer each time. */
const PICTURES = 8;

const own = {
  /** @type {Engine | null} */
  engine: null,
  /** @type {import("../../pkg/convscope.js").Card[]} */
  cards: [],
  /** Of the network; null: there are none here, and it runs with random ones. @type {Uint8Array[] | null} */
  shards: null,
  /** @type {Frame[]} */
  frames: [],
  /** The first answers, by the number of the picture and the arithmetic. @type {Map<string, string>} */
  answers: new Map(),
  /** @type {Worker | null} */
  changing: null,
};

const watched = /** @type {{ follow: <T>(promise: Promise<T>) => Promise<T>, followEngines: () => Promise<void> }} */ (/** @type {any} */ (globalThis));

/**
 * An engine, and a network's weights and frames.
 * @param {"cpu" | "webgpu"} device
 * @param {Options} options
 * @param {string} id
 */
async function openEngine(device, options, id) {
  await watched.followEngines();
  own.engine = await Engine.open(device, new AbortController().signal, (cards) => (own.cards = cards), options);
  const { kind, threads = 1, arithmetic = "f32" } = own.engine.device ?? {};
  if (kind !== device) throw new Error(`The engine runs on ${kind} instead of ${device}.`);
  if (device === "cpu" && (threads !== options.threads || arithmetic !== options.arithmetic)) {
    throw new Error(`The engine computes in ${arithmetic} with ${threads} threads instead of in ${options.arithmetic} with ${options.threads}.`);
  }
  await prepare(id);
  return { random: own.shards === null };
}

/** @param {string} id */
async function prepare(id) {
  const { networks } = await (await fetch("/www/weights/manifest.json")).json();
  const row = networks.find((/** @type {{ id: string, variant: string }} */ row) => row.id === id && row.variant === "q8");
  own.shards = row ? await Promise.all(row.shards.map(async (/** @type {{ file: string }} */ { file }) => new Uint8Array(await (await fetch(`/www/weights/${file}`)).arrayBuffer()))) : null;
  const side = own.cards.find((card) => card.id === id)?.frame.side;
  if (!side) throw new Error(`There is no network ${id}.`);
  own.frames = Array.from({ length: PICTURES }, (_, seed) => picture(side, seed + 1));
}

/**
 * @param {number} side
 * @param {number} seed
 * @returns {Frame}
 */
function picture(side, seed) {
  const data = new Uint8ClampedArray(4 * side * side);
  let state = seed;
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Knuth's and Lewis' generator
    data[index] = index % 4 === 3 ? 255 : state >>> 24;
  }
  return { data, width: side, height: side };
}

function engine() {
  if (!own.engine) throw new Error("No engine was opened.");
  return own.engine;
}

/** @param {string} id */
function load(id) {
  const shards = own.shards?.map((shard) => shard.slice());
  return shards ? engine().load(id, "q8", shards) : engine().loadRandom(id);
}

/** @param {string} id */
const unload = (id) => engine().unload(id);

/**
 * @param {string} id
 * @param {number} first number of the first frame
 * @param {number} count
 * @returns {Promise<number>} answers that are other than the first one to the same picture
 */
async function classify(id, first, count) {
  let others = 0;
  for (let index = first; index < first + count; index += 1) {
    const { predictions } = await engine().classify(id, own.frames[index % PICTURES], 5);
    others += Number(isOther(`${index % PICTURES}`, predictions));
  }
  return others;
}

/** @param {string} of @param {unknown} predictions */
function isOther(of, predictions) {
  const answer = JSON.stringify(predictions);
  const first = own.answers.get(of);
  if (first === undefined) own.answers.set(of, answer);
  return first !== undefined && first !== answer;
}

/**
 * Another engine in the same worker, freed at once.
 * @param {string} id
 * @param {Options} options
 * @returns {Promise<number>} 1 where the answer is other than an earlier engine's in the same arithmetic
 */
async function change(id, options) {
  own.changing ??= new Worker(new URL("./engines.js", import.meta.url), { type: "module" });
  const worker = own.changing;
  const answer = new Promise((/** @type {(value: any) => void} */ resolve, reject) => {
    worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.value));
    worker.onerror = ({ message }) => reject(new Error(message || "The worker ended."));
  });
  const [frame] = own.frames;
  worker.postMessage({ id, shards: own.shards, frame, options });
  const { predictions, threads, arithmetic } = await watched.follow(answer);
  if (threads !== options.threads || arithmetic !== options.arithmetic) throw new Error(`An engine computes in ${arithmetic} with ${threads} threads instead of in ${options.arithmetic} with ${options.threads}.`);
  return Number(isOther(arithmetic, predictions));
}

/** What WebGPU's adapter says of itself; null where there is none. */
async function adapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { vendor, architecture, device, description, isFallbackAdapter = false } = adapter.info;
  return { name: description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed", software: isFallbackAdapter };
}

Object.assign(globalThis, { openEngine, load, unload, classify, change, adapter });
