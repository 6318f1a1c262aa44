// @ts-check
import { NOTHING } from "./compare/state.js";
import { NOTHING_SEEN } from "./inside/state.js";
import { NO_LAB } from "./lab/state.js";
import { NOTHING_OPENED } from "./own/state.js";
import { DEFAULT_VARIANT } from "./pure/entries.js";

/**
 * The state of the page. Logic changes it with `update`; views read it, and are called after every change.
 *
 * @typedef {import("../pkg/convscope.js").Card} Card
 * @typedef {import("../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../pkg/convscope.js").DeviceKind} DeviceKind
 * @typedef {import("./download.js").Step} Step
 * @typedef {import("./pure/answers.js").Answer} Answer
 * @typedef {import("./pure/canvas.js").Point} Point
 * @typedef {import("./pure/entries.js").Entry} Entry
 * @typedef {import("./pure/entries.js").Row} Row
 * @typedef {import("./pure/memory.js").Memories} Memories
 * @typedef {import("./pure/source.js").Sample} Sample
 * @typedef {import("./pure/source.js").Source} Source
 * @typedef {import("./pure/standing.js").Standing} Standing
 *
 * @typedef {"auto" | DeviceKind} DeviceChoice
 * @typedef {DeviceInfo["engine"]} EngineName
 * @typedef {DeviceInfo["arithmetic"]} Arithmetic
 * @typedef {{ device: DeviceChoice, engine: EngineName, arithmetic: Arithmetic, threads: number | null }} Place where networks run, and whose operations compute; arithmetic and threads concern the CPU alone
 * @typedef {{ key: string, network: string, weights: string }} Running weights: their variant; RANDOM where there are none
 * @typedef {{ text: string, retry: (() => void) | null, label?: string, question?: string }} Problem label: of what is offered, where it is not “Try again”; a question's `retry` is what it asks for
 * @typedef {{ text: string, offer: { label: string, run: () => void, otherwise?: string } | null }} Notice otherwise: of what leaves it, where it is not “Dismiss”
 * @typedef {"view" | "network" | "source" | "frame"} Scope
 *
 * @typedef {object} State
 * @property {string} view the chosen view, a name of the table in views.js
 * @property {string | null} shown the view whose code and style have come
 *
 * @property {string} network the network that is chosen in the view of one network
 * @property {string} variant the preferred variant of its weights, where there are several
 * @property {DeviceChoice} device
 * @property {EngineName} engine
 * @property {Arithmetic} arithmetic of the CPU
 * @property {number | null} threads of the CPU; null: as many as were timed as the quickest
 * @property {boolean | null} dot8 this browser and machine have quick 8-bit arithmetic; null until an engine on the CPU has told
 * @property {boolean} askHeads
 * @property {boolean} showVote in place of the main output's predictions
 *
 * @property {Entry[]} entries the line-up that is chosen and brought
 * @property {Record<string, Standing>} standings how far each of its entries is, by key
 * @property {Running[]} running the entries that answer: those that are ready, or the ones before them meanwhile
 * @property {Record<string, Answer>} answers of the running entries, by key
 * @property {DeviceInfo | null} deviceInfo of the engine on which they run
 *
 * @property {Source | null} source
 * @property {ImageBitmap | null} still the picture on the stage, where it stands still
 * @property {number} picture counts the pictures: a live source's only when it is held
 * @property {number} sourceSince the number of the source's first picture
 * @property {boolean} held the camera's picture stands still
 * @property {boolean} mirror
 * @property {{ id: string, label: string }[]} cameras that the browser tells of; none before one has been allowed
 * @property {string} camera the id of the one that was opened last
 * @property {"user" | "environment" | null} facing which way that one faces; null where the browser does not tell, as on most computers
 * @property {boolean} interrupted the camera is on, and its pictures do not come
 * @property {Point[][]} strokes on the drawing pad
 * @property {Sample[]} samples
 *
 * @property {Card[]} cards
 * @property {Record<string, string[]>} labels the names of the classes, by the entry's key, as far as they were asked for
 * @property {Memories} memories what networks take on the engine's device; empty until an engine has told
 * @property {Row[] | null} rows null until the manifest is here
 * @property {Step[]} building what the server still builds; usually nothing
 *
 * @property {Record<Scope, Problem | null>} problems
 * @property {Notice[]} notices
 * @property {import("./compare/state.js").Compare} compare
 * @property {import("./inside/state.js").Inside} inside
 * @property {import("./lab/state.js").Lab} lab
 * @property {import("./own/state.js").Opened} own
 */

/** Its input is a photo. Which input other networks need is on their cards, which are known only when the engine has started. */
export const DEFAULT_NETWORK = "efficientnet_lite0";

/** @type {State} */
export const state = {
  view: "single",
  shown: null,
  network: DEFAULT_NETWORK,
  variant: DEFAULT_VARIANT,
  device: "auto",
  engine: "convscope",
  arithmetic: "f32",
  threads: null,
  dot8: null,
  askHeads: false,
  showVote: false,
  entries: [],
  standings: {},
  running: [],
  answers: {},
  deviceInfo: null,
  source: null,
  still: null,
  picture: 1,
  sourceSince: 1,
  held: false,
  mirror: false,
  cameras: [],
  camera: "",
  facing: null,
  interrupted: false,
  strokes: [],
  samples: [],
  cards: [],
  labels: {},
  memories: {},
  rows: null,
  building: [],
  problems: { view: null, network: null, source: null, frame: null },
  notices: [],
  compare: NOTHING,
  inside: NOTHING_SEEN,
  lab: NO_LAB,
  own: NOTHING_OPENED,
};

/** @typedef {(state: State) => void} Listener */

/** @type {{ all: Set<Listener>, scheduled: boolean }} */
const listening = { all: new Set(), scheduled: false };

/** @param {Partial<State>} patch */
export function update(patch) {
  Object.assign(state, patch);
  if (listening.scheduled) return;
  listening.scheduled = true;
  queueMicrotask(() => {
    listening.scheduled = false;
    for (const listener of listening.all) listener(state);
  });
}

/** @param {Partial<State["compare"]>} patch */
export function updateCompare(patch) {
  update({ compare: { ...state.compare, ...patch } });
}

/** @param {Partial<State["inside"]>} patch */
export function updateInside(patch) {
  update({ inside: { ...state.inside, ...patch } });
}

/** @param {Partial<State["lab"]>} patch */
export function updateLab(patch) {
  update({ lab: { ...state.lab, ...patch } });
}

/** @param {Partial<State["own"]>} patch */
export function updateOwn(patch) {
  update({ own: { ...state.own, ...patch } });
}

/**
 * @param {Listener} listener called now and after every change
 * @returns {() => void} ends it
 */
export function subscribe(listener) {
  listening.all.add(listener);
  listener(state);
  return () => void listening.all.delete(listener);
}

/**
 * @param {(state: State) => boolean} ready what is waited for
 * @param {AbortSignal} [signal] ends the waiting, with its reason
 */
export async function once(ready, signal) {
  signal?.throwIfAborted();
  if (ready(state)) return;
  await new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    const end = subscribe((state) => {
      if (!ready(state)) return;
      end();
      resolve();
    });
    signal?.addEventListener("abort", () => {
      end();
      reject(signal.reason);
    }, { once: true });
  });
}

/**
 * Replaces the problem of a scope, or removes it. A problem's retry runs only while the problem is shown, and removes it first.
 * @param {Scope} scope
 * @param {Problem | null} problem
 */
export function setProblem(scope, problem) {
  const before = state.problems[scope];
  if (!problem && !before) return;
  if (before?.text === problem?.text && !before?.retry && !problem?.retry) return; // a live source may repeat it thirty times a second
  /** @type {Problem | null} */
  const shown = problem && {
    ...problem,
    retry: problem.retry && (() => {
      if (state.problems[scope] !== shown) return;
      setProblem(scope, null);
      problem.retry?.();
    }),
  };
  update({ problems: { ...state.problems, [scope]: shown } });
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

/** @param {string | null | undefined} id */
export function cardOf(id) {
  return state.cards.find((card) => card.id === id);
}

/**
 * How far the server is with what it still builds.
 * @param {string} name
 */
export function stepOf(name) {
  return state.building.find((step) => step.name === name);
}
