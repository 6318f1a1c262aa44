// @ts-check
import { NOTHING, readCompare, writeCompare } from "./compare/state.js";
import { DEFAULT_VARIANT, rowOf } from "./download.js";

/**
 * @typedef {import("../pkg/convscope.js").Card} Card
 * @typedef {import("../pkg/convscope.js").Classification} Classification
 * @typedef {import("../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../pkg/convscope.js").DeviceKind} DeviceKind
 * @typedef {import("../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../pkg/convscope.js").Timing} Timing
 * @typedef {import("./download.js").Row} Row
 * @typedef {import("./download.js").Step} Step
 *
 * @typedef {"auto" | DeviceKind} DeviceChoice
 * @typedef {DeviceInfo["engine"]} EngineName
 * @typedef {{ kind: "sample", id: string } | { kind: "camera" } | { kind: "drawing" } | { kind: "file", name: string }} Source
 * @typedef {{ id: string, file: string, title: string, credit: string, licence: string }} Sample
 * @typedef {{ text: string, retry: (() => void) | null, question?: string }} Problem a question's `retry` is what it asks for
 * @typedef {{ text: string, offer: { label: string, run: () => void } | null }} Notice
 * @typedef {"network" | "source" | "frame"} Scope
 *
 * @typedef {object} State
 * @property {"single" | "compare"} view
 * @property {import("./compare/state.js").Compare} compare
 * @property {string} network the chosen network; differs from `loaded` while it is on its way
 * @property {string | null} loaded the network that predicts
 * @property {string} variant the preferred variant of the weights, where a network has several
 * @property {string | null} loadedVariant of the network that predicts; RANDOM where there are no weights
 * @property {DeviceChoice} device
 * @property {EngineName} engine whose operations compute
 * @property {DeviceInfo | null} deviceInfo
 * @property {Source | null} source
 * @property {boolean} held the camera's picture stands still
 * @property {boolean} mirror
 * @property {"user" | "environment"} facing
 * @property {number} cameras how many the browser reports
 * @property {Card[]} cards
 * @property {Row[] | null} rows null until the manifest is here
 * @property {Step[]} building what the server still builds; usually nothing
 * @property {Sample[]} samples
 * @property {"starting" | "fetching" | "downloading" | "loading" | "ready" | "failed"} phase fetching: burn's code; downloading: weights
 * @property {{ received: number, total: number } | null} progress bytes while fetching and downloading, shaders while loading
 * @property {Prediction[]} predictions
 * @property {boolean} askHeads
 * @property {boolean} showVote in place of the main output's predictions
 * @property {Classification["heads"]} heads
 * @property {Prediction[] | null} vote
 * @property {boolean} stale the predictions are of an earlier picture or network
 * @property {Timing | null} timing
 * @property {number | null} firstRun milliseconds of the loaded network's first run
 * @property {number | null} rate frames a second, of a live source
 * @property {Record<Scope, Problem | null>} problems
 * @property {Notice[]} notices
 */

/** For photos; what the others take is known from their cards. */
export const DEFAULT_NETWORK = "efficientnet_lite0";

export const MUCH_MEMORY = 400e6; // bytes: a phone's browser may close a page that takes more

/** @type {State} */
export const state = {
  view: "single",
  compare: NOTHING,
  network: DEFAULT_NETWORK,
  loaded: null,
  variant: DEFAULT_VARIANT,
  loadedVariant: null,
  device: "auto",
  engine: "convscope",
  deviceInfo: null,
  source: null,
  held: false,
  mirror: false,
  facing: "environment",
  cameras: 0,
  cards: [],
  rows: null,
  building: [],
  samples: [],
  phase: "starting",
  progress: null,
  predictions: [],
  askHeads: false,
  showVote: false,
  heads: [],
  vote: null,
  stale: false,
  timing: null,
  firstRun: null,
  rate: null,
  problems: { network: null, source: null, frame: null },
  notices: [],
};

/** @type {Set<(state: State) => void>} */
const views = new Set();
let scheduled = false;

/** @param {Partial<State>} patch */
export function update(patch) {
  Object.assign(state, patch);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const view of views) view(state);
  });
}

/** @param {Partial<State["compare"]>} patch */
export function updateCompare(patch) {
  update({ compare: { ...state.compare, ...patch } });
}

/** @param {(state: State) => void} view called now and after every change */
export function subscribe(view) {
  views.add(view);
  view(state);
}

/**
 * @param {(state: State) => boolean} ready what is waited for
 * @param {AbortSignal} [signal] ends the waiting, with its reason
 */
export function once(ready, signal) {
  return new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    signal?.throwIfAborted();
    const view = (/** @type {State} */ state) => {
      if (!ready(state)) return;
      views.delete(view);
      resolve();
    };
    signal?.addEventListener("abort", () => {
      views.delete(view);
      reject(signal.reason);
    }, { once: true });
    subscribe(view);
  });
}

/**
 * @param {Scope} scope
 * @param {Problem | null} problem
 */
export function setProblem(scope, problem) {
  if (problem?.text === state.problems[scope]?.text) return;
  update({ problems: { ...state.problems, [scope]: problem } });
}

/**
 * @param {string} text
 * @param {Notice["offer"]} [offer]
 */
export function notice(text, offer = null) {
  if (!state.notices.some((other) => other.text === text)) update({ notices: [...state.notices, { text, offer }] });
}

/** @param {string} text */
export function dismiss(text) {
  update({ notices: state.notices.filter((other) => other.text !== text) });
}

/** @param {string | null} id */
export function cardOf(id) {
  return state.cards.find((card) => card.id === id);
}

/**
 * How far the server is with what it still builds.
 * @param {string} name
 * @param {Step[]} building
 */
export function stepOf(name, building) {
  return building.find((step) => step.name === name);
}

/** @param {Card} card bytes on the device, where every number is in single precision */
export function memoryOf(card) {
  return card.parameters * 4;
}

/** @param {State} state whose list is the main one */
export function mainPredictions({ predictions, askHeads, showVote, vote }) {
  return (askHeads && showVote && vote) || predictions;
}

/**
 * @param {Card | undefined} card
 * @returns {Source | null}
 */
export function defaultSource(card) {
  if (card?.frame.kind === "digit") return { kind: "drawing" };
  return state.samples[0] ? { kind: "sample", id: state.samples[0].id } : null;
}

/**
 * @param {string} search
 * @returns {Pick<State, "view" | "network" | "device" | "engine" | "variant" | "source" | "askHeads" | "showVote"> & Pick<State["compare"], "keys" | "tab">} source null: the network's default
 */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const device = query.get("device");
  return {
    view: query.has("networks") ? "compare" : "single",
    ...readCompare(query),
    network: query.get("network") || DEFAULT_NETWORK,
    device: device === "webgpu" || device === "cpu" ? device : "auto",
    engine: query.get("engine") === "burn" ? "burn" : "convscope",
    variant: query.get("weights") || DEFAULT_VARIANT,
    source: readSource(query.get("source") ?? ""),
    askHeads: query.get("heads") === "1",
    showVote: query.get("vote") === "1",
  };
}

/**
 * @param {string} text
 * @returns {Source | null}
 */
function readSource(text) {
  const [kind, id] = text.split(":", 2);
  if (kind === "camera" || kind === "drawing") return { kind };
  return kind === "sample" && id ? { kind, id } : null;
}

/** @param {State} state */
export function writeAddress(state) {
  if (!state.source) return;
  const search = state.view === "compare" ? compareSearch(state) : singleSearch(state);
  if (search !== location.search) history.replaceState(null, "", location.pathname + search + location.hash);
}

/** @param {State} state */
function compareSearch({ compare, device, engine, source }) {
  const query = new URLSearchParams();
  writeCompare(query, compare);
  writePlace(query, device, engine);
  const text = sourceText(source);
  if (source?.kind !== "file" && text !== sourceText(defaultSource(undefined))) query.set("source", text);
  return searchOf(query);
}

/** @param {State} state */
function singleSearch({ network, device, engine, variant, rows, source, askHeads, showVote }) {
  const card = cardOf(network);
  const used = rows ? (rowOf(rows, network, variant)?.variant ?? DEFAULT_VARIANT) : variant;
  const query = new URLSearchParams();
  if (network !== DEFAULT_NETWORK) query.set("network", network);
  writePlace(query, device, engine);
  if (used !== DEFAULT_VARIANT) query.set("weights", used);
  const text = sourceText(source);
  if (text !== sourceText(defaultSource(card))) query.set("source", text);
  if (source?.kind === "file") query.delete("source");
  if (askHeads && card?.heads.length) {
    query.set("heads", "1");
    if (showVote) query.set("vote", "1");
  }
  return searchOf(query);
}

/**
 * @param {URLSearchParams} query
 * @param {DeviceChoice} device
 * @param {EngineName} engine
 */
function writePlace(query, device, engine) {
  if (device !== "auto") query.set("device", device);
  if (engine !== "convscope") query.set("engine", engine);
}

/** @param {URLSearchParams} query */
function searchOf(query) {
  return query.size ? `?${query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",")}` : "";
}

/** @param {Source | null} source */
export function sourceText(source) {
  return source?.kind === "sample" ? `sample:${source.id}` : (source?.kind ?? "");
}
