// @ts-check

/**
 * @typedef {import("../pkg/convscope.js").Card} Card
 * @typedef {import("../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../pkg/convscope.js").DeviceKind} DeviceKind
 * @typedef {import("../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../pkg/convscope.js").Timing} Timing
 * @typedef {import("./download.js").Row} Row
 *
 * @typedef {"auto" | DeviceKind} DeviceChoice
 * @typedef {{ kind: "sample", id: string } | { kind: "camera" } | { kind: "drawing" } | { kind: "file", name: string }} Source
 * @typedef {{ id: string, file: string, title: string, credit: string, licence: string }} Sample
 * @typedef {{ text: string, retry: (() => void) | null }} Problem
 * @typedef {"network" | "source" | "frame"} Scope
 *
 * @typedef {object} State
 * @property {string} network the chosen network; differs from `loaded` while it is on its way
 * @property {string | null} loaded the network that predicts
 * @property {DeviceChoice} device
 * @property {DeviceInfo | null} deviceInfo
 * @property {Source | null} source
 * @property {boolean} mirror
 * @property {"user" | "environment"} facing
 * @property {number} cameras how many the browser reports
 * @property {Card[]} cards
 * @property {Row[]} rows
 * @property {Sample[]} samples
 * @property {"starting" | "downloading" | "loading" | "ready" | "failed"} phase
 * @property {{ received: number, total: number } | null} progress bytes
 * @property {Prediction[]} predictions
 * @property {boolean} stale the predictions are of an earlier picture or network
 * @property {Timing | null} timing
 * @property {number | null} rate frames a second, of a live source
 * @property {Record<Scope, Problem | null>} problems
 * @property {string[]} notices
 */

/** For photos; what the others take is known from their cards. */
export const DEFAULT_NETWORK = "efficientnet_lite0";

/** @type {State} */
export const state = {
  network: DEFAULT_NETWORK,
  loaded: null,
  device: "auto",
  deviceInfo: null,
  source: null,
  mirror: false,
  facing: "environment",
  cameras: 0,
  cards: [],
  rows: [],
  samples: [],
  phase: "starting",
  progress: null,
  predictions: [],
  stale: false,
  timing: null,
  rate: null,
  problems: { network: null, source: null, frame: null },
  notices: [],
};

/** @type {((state: State) => void)[]} */
const views = [];
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

/** @param {(state: State) => void} view called now and after every change */
export function subscribe(view) {
  views.push(view);
  view(state);
}

/**
 * @param {Scope} scope
 * @param {Problem | null} problem
 */
export function setProblem(scope, problem) {
  if (problem?.text === state.problems[scope]?.text) return;
  update({ problems: { ...state.problems, [scope]: problem } });
}

/** @param {string} text */
export function notice(text) {
  if (!state.notices.includes(text)) update({ notices: [...state.notices, text] });
}

/** @param {string} text */
export function dismiss(text) {
  update({ notices: state.notices.filter((other) => other !== text) });
}

/** @param {string | null} id */
export function cardOf(id) {
  return state.cards.find((card) => card.id === id);
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
 * @returns {{ network: string, device: DeviceChoice, source: Source | null }} source null: the network's default
 */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const device = query.get("device");
  return {
    network: query.get("network") || DEFAULT_NETWORK,
    device: device === "webgpu" || device === "cpu" ? device : "auto",
    source: readSource(query.get("source") ?? ""),
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
export function writeAddress({ network, device, source }) {
  if (!source) return;
  const query = new URLSearchParams();
  if (network !== DEFAULT_NETWORK) query.set("network", network);
  if (device !== "auto") query.set("device", device);
  const text = sourceText(source);
  if (text !== sourceText(defaultSource(cardOf(network)))) query.set("source", text);
  if (source.kind === "file") query.delete("source");

  const search = query.size ? `?${query.toString().replaceAll("%3A", ":")}` : "";
  if (search !== location.search) history.replaceState(null, "", location.pathname + search + location.hash);
}

/** @param {Source | null} source */
export function sourceText(source) {
  return source?.kind === "sample" ? `sample:${source.id}` : (source?.kind ?? "");
}
