// @ts-check
import { load } from "../load.js";
import { isBeingBuilt, openEngine } from "../openEngine.js";
import { RANDOM } from "../pure/entries.js";
import { Failure, codeOf, sentenceOf } from "../pure/failure.js";
import { IDLE, standingText } from "../pure/standing.js";
import { downloadText } from "../pure/text.js";
import { cardOf } from "../state.js";
import { Count } from "./count.js";
import { Decoders } from "./decoders.js";
import { often } from "./often.js";
import { inEightBits } from "./pure/arithmetics.js";
import { Classes, namesWordNet } from "./pure/labels.js";
import { validationOf } from "./validation.js";
import { wordNetIds } from "./wordNet.js";

/**
 * Evaluates networks on a folder of pictures, on an engine of its own. Pictures are decoded in workers at the same time, so
 * that the engine never waits. Only a few pictures are open at a time, and only counts are kept.
 *
 * @typedef {import("../engine.js").Engine} Engine
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("./folderFiles.js").Found} Found
 * @typedef {import("../state.js").Entry} Entry
 * @typedef {import("../state.js").Place} Place
 * @typedef {{ key: string, entry: Entry, engine: Engine }} Asked key: under which its answers are counted
 *
 * @typedef {{ key: string, labelled: number, validation: number, top1: number, top5: number, milliseconds: number }} Score counts of pictures; validation: those whose label is that of ImageNet's validation set; the time of one
 * @typedef {{ keys: string[], table: ReturnType<import("./pure/agreement.js").Tally["table"]>, all: number }} Agreement among those with the same classes; all: pictures on which all agree
 * @typedef {{ path: string, says: string[] }} Odd a picture on which they disagree, in the order of an agreement's keys
 *
 * @typedef {object} Pictures
 * @property {Found[]} pictures
 * @property {import("./pure/tables.js").Table | null} table of labels; null: the folders' names tell
 * @property {string[]} others files that are no pictures
 * @property {string[]} closed folders that could not be read
 * @property {string} trouble why no table of labels was read; empty where there is one or none
 *
 * @typedef {object} Report
 * @property {number} pictures that were seen
 * @property {number} labelled of them
 * @property {string[]} unnamed folders of these pictures whose names are no class, where no table tells
 * @property {string[]} unreadable the first few files that are no pictures
 * @property {number} unread how many
 * @property {Score[]} scores
 * @property {Agreement[]} agreements
 * @property {Odd[]} odd the first few
 * @property {string[]} others files that were not opened, since they are no pictures
 * @property {string[]} closed folders that could not be read
 * @property {import("./pure/tables.js").Table | null} table of labels
 * @property {string} trouble why labels, or the classes of ImageNet's validation pictures, are not known; empty where they are, or where there are none
 * @property {string[]} random networks without weights, which were not asked
 * @property {number} seconds
 * @property {import("../state.js").DeviceInfo["kind"]} device
 * @property {import("../state.js").EngineName} engine
 * @property {import("../state.js").Arithmetic[]} arithmetics one, or both
 */

const TOP = 5;
const AT_ONCE = 3; // pictures that are queued at the engine, so that it never waits for the page

/**
 * @param {Pictures} folder
 * @param {Entry[]} entries
 * @param {Place[]} places one; or two on the CPU, of which the second computes in 8-bit arithmetic
 * @param {AbortSignal} signal cancels the evaluation; the report covers the pictures until then
 * @param {(text: string, done: number, report: Report | null) => void} onProgress
 * @returns {Promise<Report>}
 */
export async function evaluate(folder, entries, places, signal, onProgress) {
  const { pictures, table } = folder;
  const closing = new AbortController();
  signal.addEventListener("abort", () => closing.abort());
  const decoders = new Decoders();
  try {
    onProgress(isBeingBuilt(places[0].engine) ? "Waiting until the server has built burn…" : "Starting…", 0, null);
    const onFetched = (/** @type {number} */ received, /** @type {number} */ total) => onProgress(downloadText("burn", { received, total }), 0, null);
    const asked = [];
    /** @type {Set<string>} */
    const random = new Set();
    /** @type {Set<string>} */
    const unknown = new Set();
    for (const [i, place] of places.entries()) {
      const { engine } = await openEngine(place, closing.signal, onFetched);
      const loaded = await loadAll(engine, entries, signal, (text) => onProgress(text, 0, null));
      asked.push(...loaded.asked.map((entry) => ({ key: i ? inEightBits(entry.key) : entry.key, entry, engine })));
      for (const key of loaded.random) random.add(key);
      for (const sentence of loaded.unknown) unknown.add(sentence);
    }
    const ids = table?.namesWordNet || pictures.some(({ path }) => namesWordNet(path)) ? await wordNetIds() : [];
    const count = new Count(asked, [...random], await classesOf(asked, ids), await validationOf(pictures.map(({ path }) => path)), { ...folder, trouble: [folder.trouble, ...unknown].filter(Boolean).join(" ") });
    await showAll(pictures, asked, decoders, count, signal, (done, report) => onProgress("", done, report));
    return count.report();
  } finally {
    decoders.close();
    closing.abort();
  }
}

/**
 * @param {Engine} engine
 * @param {Entry[]} entries
 * @param {AbortSignal} signal
 * @param {(text: string) => void} say
 */
async function loadAll(engine, entries, signal, say) {
  /** @type {Entry[]} */
  const asked = [];
  /** @type {string[]} */
  const random = [];
  /** Why networks cannot be had here, a sentence each. @type {string[]} */
  const unknown = [];
  for (const entry of entries) {
    const name = cardOf(entry.network)?.name ?? entry.network;
    /** @type {import("../load.js").OnStanding} */
    const onStanding = (phase, details) => say(standingText({ ...IDLE, phase, ...details }, name));
    const { weights } = await load(entry, engine, signal, onStanding).catch((error) => {
      if (codeOf(error) !== "unknown-network") throw error;
      unknown.push(sentenceOf(error)); // a link may name weights that only another browser has
      return { weights: null };
    });
    if (weights === null) continue;
    if (weights === RANDOM) {
      random.push(entry.key);
      await engine.unload(entry.key);
    } else {
      asked.push(entry);
    }
  }
  if (!asked.length && unknown.length === entries.length) throw new Failure("unknown-network", unknown[0]);
  if (!asked.length) throw new Failure("random-weights", "None of the chosen networks has its weights on this server, so none can say what a picture shows. Choose others.");
  return { asked, random, unknown };
}

/**
 * @param {Asked[]} asked
 * @param {string[]} ids of WordNet
 * @returns {Promise<Classes[]>} in their order: one object for all that know the same classes
 */
async function classesOf(asked, ids) {
  /** @type {Map<string, Classes>} */
  const known = new Map();
  const found = [];
  for (const { entry, engine } of asked) {
    const names = await engine.labels(entry);
    const text = names.join("\n");
    const classes = known.get(text) ?? new Classes(names, ids);
    known.set(text, classes);
    found.push(classes);
  }
  return found;
}

/**
 * @param {Found[]} pictures
 * @param {Asked[]} asked
 * @param {Decoders} decoders
 * @param {Count} count
 * @param {AbortSignal} signal
 * @param {(done: number, report: Report) => void} onProgress
 */
async function showAll(pictures, asked, decoders, count, signal, onProgress) {
  /** @type {Promise<void>[]} */
  const asking = [];
  const tell = often((/** @type {number} */ i) => onProgress(i + 1, count.report()));
  count.start();
  try {
    for await (const [i, { frame, refusal }] of decoders.each(pictures, signal)) {
      const { path } = pictures[i];
      if (!frame) {
        count.unreadable(`${path} (${refusal})`);
        tell(i);
        continue;
      }
      const answered = askAll(asked, frame).then((answers) => {
        decoders.giveBack(frame);
        count.add(path, answers);
      });
      answered.catch(() => {}); // it is awaited below
      asking.push(answered);
      if (asking.length >= AT_ONCE) await asking.shift();
      tell(i);
    }
    await Promise.all(asking);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * @param {Asked[]} asked
 * @param {import("../../pkg/convscope.js").Frame} frame lent to one after another
 */
async function askAll(asked, frame) {
  const answers = [];
  for (const { engine, entry } of asked) answers.push(await engine.classify(entry.key, frame, TOP));
  return answers;
}
