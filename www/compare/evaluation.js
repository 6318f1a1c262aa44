// @ts-check
import { RANDOM } from "../download.js";
import { Failure } from "../failure.js";
import { awaits, openEngine } from "../opening.js";
import { Decoder } from "../pictures.js";
import { STILL_SIDE } from "../square.js";
import { cardOf, state } from "../state.js";
import { amount } from "../views/page.js";
import { Tally, placeOf } from "./agreement.js";
import { Classes, folderOf } from "./labels.js";
import { bring } from "./lineup.js";

/**
 * Shows a folder's pictures to networks, one after another, on an engine of its own. Pictures are decoded beside it, so
 * that it never waits; only a few are open at a time, and of each only counts are kept.
 *
 * @typedef {import("../engine.js").Engine} Engine
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("./folder.js").Found} Found
 * @typedef {import("./state.js").Entry} Entry
 *
 * @typedef {{ key: string, labelled: number, top1: number, top5: number, milliseconds: number }} Score counts of pictures; the time of one
 * @typedef {{ keys: string[], table: ReturnType<Tally["table"]>, all: number }} Agreement among those with the same classes; all: pictures on which all agree
 * @typedef {{ path: string, says: string[] }} Odd a picture on which they disagree, in the order of an agreement's keys
 *
 * @typedef {object} Report
 * @property {number} pictures that were seen
 * @property {number} labelled of them
 * @property {string[]} unreadable the first few files that are no pictures
 * @property {number} unread how many
 * @property {Score[]} scores
 * @property {Agreement[]} agreements
 * @property {Odd[]} odd the first few
 * @property {string[]} random networks without weights, which were not asked
 * @property {number} seconds
 * @property {import("../state.js").DeviceInfo["kind"]} device
 * @property {import("../state.js").EngineName} engine
 */

const TOP = 5;
const SHOWN = 24; // odd pictures and unreadable files that are named
const AT_ONCE = 3; // pictures whose questions wait at the engine: it must never wait for the page
const TELL = 500; // milliseconds between two words on the progress

/**
 * @param {Found[]} pictures
 * @param {Entry[]} entries
 * @param {import("../opening.js").Place} place
 * @param {((path: string) => string | undefined) | null} tabled labels from a table; null: the folders' names tell
 * @param {AbortSignal} signal ends it; what was seen counts
 * @param {(text: string, done: number, report: Report | null) => void} onProgress
 * @returns {Promise<Report>}
 */
export async function evaluate(pictures, entries, place, tabled, signal, onProgress) {
  const closing = new AbortController();
  signal.addEventListener("abort", () => closing.abort());
  const decoders = new Decoders();
  try {
    onProgress(awaits(place.engine) ? "Waiting until the server has built burn…" : "Starting…", 0, null);
    const fetched = (/** @type {number} */ received, /** @type {number} */ total) => onProgress(`Downloading burn: ${amount({ received, total })}`, 0, null);
    const { engine } = await openEngine(place, closing.signal, fetched);
    const { asked, random } = await loadAll(engine, entries, signal, (text) => onProgress(text, 0, null));
    const count = new Count(asked, random, engine, await classesOf(engine, asked), pictures, tabled);
    await showAll(pictures, asked, engine, decoders, count, signal, (done, report) => onProgress("", done, report));
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
  for (const entry of entries) {
    const name = cardOf(entry.network)?.name ?? entry.network;
    let variant = "";
    await bring(engine, entry, state.rows ?? [], signal, (standing) => {
      ({ variant } = standing);
      say(standing.phase === "downloading" ? `Downloading ${name}: ${Math.round(standing.share * 100)} %` : `Preparing ${name}…`);
    });
    if (variant === RANDOM) {
      random.push(entry.key);
      await engine.unload(entry.key);
    } else {
      asked.push(entry);
    }
  }
  if (!asked.length) throw new Failure("random-weights", "None of the chosen networks has its weights on this server, so none can say what a picture shows. Choose others.");
  return { asked, random };
}

/**
 * A network names all its classes when it is asked for as many.
 * @param {Engine} engine
 * @param {Entry[]} entries
 * @returns {Promise<Map<number, Classes>>} by their number: networks with as many classes know the same ones
 */
async function classesOf(engine, entries) {
  const known = new Map();
  for (const { key, network } of entries) {
    const count = cardOf(network)?.classes ?? 0;
    if (known.has(count)) continue;
    const blank = { data: new Uint8ClampedArray(4 * 64 * 64).fill(255), width: 64, height: 64 };
    const { predictions } = await engine.classifyEach(key, blank, count);
    known.set(count, new Classes(predictions.sort((a, b) => a.index - b.index).map(({ label }) => label)));
  }
  return known;
}

/**
 * @param {Found[]} pictures
 * @param {Entry[]} entries
 * @param {Engine} engine
 * @param {Decoders} decoders
 * @param {Count} count
 * @param {AbortSignal} signal
 * @param {(done: number, report: Report) => void} onProgress
 */
async function showAll(pictures, entries, engine, decoders, count, signal, onProgress) {
  /** @type {Promise<void>[]} */
  const asking = [];
  let told = 0;
  count.start();
  try {
    for await (const [i, frame] of decoders.each(pictures, signal)) {
      const { path } = pictures[i];
      if (!frame) {
        count.unreadable(path);
        continue;
      }
      const asked = askAll(engine, entries, frame).then((answers) => {
        decoders.giveBack(frame);
        count.add(path, answers);
      });
      asked.catch(() => {}); // it is awaited below
      asking.push(asked);
      if (asking.length >= AT_ONCE) await asking.shift();
      if (performance.now() - told < TELL) continue;
      told = performance.now();
      onProgress(i + 1, count.report());
    }
    await Promise.all(asking);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * @param {Engine} engine
 * @param {Entry[]} entries
 * @param {import("../../pkg/convscope.js").Frame} frame lent to one after another
 */
async function askAll(engine, entries, frame) {
  const answers = [];
  for (const { key } of entries) answers.push(await engine.classifyEach(key, frame, TOP));
  return answers;
}

/** Frames of pictures in their order, opened a few ahead, in buffers that are used again and again. */
class Decoders {
  /** @type {ArrayBuffer[]} */
  #free = [];
  #all = Array.from({ length: Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)) }, () => new Decoder());

  /**
   * @param {Found[]} pictures
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<[number, import("../../pkg/convscope.js").Frame | null]>} null for what is no picture
   */
  async *each(pictures, signal) {
    const ahead = this.#all.length + 2;
    /** @type {Promise<import("../../pkg/convscope.js").Frame | null>[]} */
    const opening = [];
    for (let i = 0, next = 0; i < pictures.length; i++) {
      while (next < pictures.length && next < i + ahead) opening.push(this.#open(pictures[next], next++));
      const frame = await opening.shift();
      if (signal.aborted) return;
      yield [i, frame ?? null];
    }
  }

  /**
   * @param {Found} picture
   * @param {number} i
   */
  async #open({ path, open }, i) {
    try {
      const buffer = this.#free.pop() ?? new ArrayBuffer(4 * STILL_SIDE ** 2);
      return (await this.#all[i % this.#all.length].open(await open(), path, 0, buffer)).frame;
    } catch {
      return null;
    }
  }

  /** @param {import("../../pkg/convscope.js").Frame} frame that is not needed any more */
  giveBack({ data }) {
    if (data.buffer.byteLength >= 4 * STILL_SIDE ** 2) this.#free.push(/** @type {ArrayBuffer} */ (data.buffer));
  }

  close() {
    for (const decoder of this.#all) decoder.close();
  }
}

/** What is kept of the answers. */
class Count {
  #asked;
  #random;
  #engine;
  #labelOf;
  #groups;
  /** @type {Score[]} */
  #scores;
  #pictures = 0;
  #labelled = 0;
  #unread = 0;
  /** @type {string[]} */
  #unreadable = [];
  /** @type {Odd[]} */
  #odd = [];
  #started = 0;

  /**
   * @param {Entry[]} asked
   * @param {string[]} random
   * @param {Engine} engine
   * @param {Map<number, Classes>} classes
   * @param {Found[]} pictures
   * @param {((path: string) => string | undefined) | null} tabled
   */
  constructor(asked, random, engine, classes, pictures, tabled) {
    this.#asked = asked;
    this.#random = random;
    this.#engine = engine;
    this.#scores = asked.map(({ key }) => ({ key, labelled: 0, top1: 0, top5: 0, milliseconds: 0 }));
    const labels = pictures.map(({ path }) => (tabled ? tabled(path) : folderOf(path)));
    for (const known of classes.values()) known.learn(labels.filter((label) => label !== undefined));
    this.#labelOf = (/** @type {string} */ path, /** @type {number} */ count) => {
      const label = tabled ? tabled(path) : folderOf(path);
      return label === undefined ? null : (classes.get(count)?.indexOf(label) ?? null);
    };
    const counts = asked.map(({ network }) => cardOf(network)?.classes ?? 0);
    this.#groups = [...new Set(counts)].map((classCount) => {
      const members = asked.flatMap((_, i) => (counts[i] === classCount ? [i] : []));
      return { classCount, members, tally: new Tally(members.map((i) => asked[i].key)), all: 0 };
    });
  }

  start() {
    this.#started = performance.now();
  }

  /** @param {string} path */
  unreadable(path) {
    this.#unread++;
    if (this.#unreadable.length < SHOWN) this.#unreadable.push(path);
  }

  /**
   * @param {string} path
   * @param {import("../../pkg/convscope.js").Classification[]} answers in the order of the entries
   */
  add(path, answers) {
    this.#pictures++;
    let isLabelled = false;
    for (const group of this.#groups) {
      const { classCount, members, tally } = group;
      const said = members.map((i) => answers[i].predictions);
      const agreed = tally.add(said);
      group.all += Number(agreed);
      if (!agreed && this.#odd.length < SHOWN) this.#odd.push({ path, says: members.map((i, n) => `${this.#asked[i].key}\n${said[n][0].label}`) });
      const index = this.#labelOf(path, classCount);
      isLabelled ||= index !== null;
      for (const i of members) this.#score(this.#scores[i], answers[i], index);
    }
    this.#labelled += Number(isLabelled);
  }

  /**
   * @param {Score} score
   * @param {import("../../pkg/convscope.js").Classification} answer
   * @param {number | null} index of the class that it should be
   */
  #score(score, { predictions, timing }, index) {
    score.milliseconds += (timing.total - score.milliseconds) / this.#pictures;
    if (index === null) return;
    const place = placeOf(predictions, index);
    score.labelled++;
    score.top1 += Number(place === 1);
    score.top5 += Number(place > 0);
  }

  /** @returns {Report} */
  report() {
    return {
      pictures: this.#pictures,
      labelled: this.#labelled,
      unreadable: [...this.#unreadable],
      unread: this.#unread,
      scores: this.#scores.map((score) => ({ ...score })),
      agreements: this.#groups.filter(({ members }) => members.length > 1).map(({ members, tally, all }) => ({ keys: members.map((i) => this.#asked[i].key), table: tally.table(), all })),
      odd: [...this.#odd],
      random: this.#random,
      seconds: (performance.now() - this.#started) / 1000,
      device: this.#engine.device?.kind ?? "cpu",
      engine: this.#engine.device?.engine ?? "convscope",
    };
  }
}
