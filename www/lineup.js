// @ts-check
import { choiceBefore, goesOn, signatureOf } from "./choice.js";
import { Consent } from "./consent.js";
import { forgetWeights } from "./forgetWeights.js";
import { Host } from "./host.js";
import { titleOf, whyNotLoaded } from "./load.js";
import { RANDOM, allEntries, rowOfEntry } from "./pure/entries.js";
import { codeOf, sentenceOf } from "./pure/failure.js";
import { isSame } from "./pure/place.js";
import { smallerThan } from "./pure/smaller.js";
import { isPending } from "./pure/standing.js";
import { notice, setProblem, state, update } from "./state.js";

/**
 * The line-up: the networks that run, one or several, on one engine. While a new line-up is being loaded, the one before it
 * goes on. It is replaced as soon as the first entry of the new one is ready, and stays if none of them can be loaded.
 *
 * @typedef {import("./host.js").Hosted} Hosted
 * @typedef {import("./calls.js").Failure} Failure
 * @typedef {import("./pure/standing.js").Standing} Standing
 * @typedef {import("./state.js").Entry} Entry
 * @typedef {import("./state.js").Place} Place
 * @typedef {import("./choice.js").Choice} Choice
 * @typedef {import("./choice.js").Ready} Ready
 */

/** Milliseconds after a restart in which another loss is taken for a lasting one. A computer that sleeps may lose its device each time. */
const LASTING = 60_000;

export class LineUp {
  /** The host whose entries answer. @type {Host | null} */
  #serving = null;
  /** The host at another place that takes over as soon as its first entry is ready. @type {Host | null} */
  #coming = null;
  /** @type {Choice | null} */
  #choice = null;
  /** The signature of the line-up that was chosen, or that was put in its place. */
  #signature = "";
  /** The last line-up of which an entry was ready, and where it ran. @type {Ready | null} */
  #last = null;
  /** Another object for each call of #bring, so that an earlier call notices that it has been overtaken. */
  #attempt = {};
  #asksHeads = false;
  #consent = new Consent();
  /** Keys of entries that ended the engine. @type {Set<string>} */
  #leftOut = new Set();
  /** When the engine of this choice was lost last, and started again. */
  #restarted = -Infinity;
  #onReady;

  /** @param {() => void} onReady called whenever an entry can be asked that could not be asked before */
  constructor(onReady) {
    this.#onReady = onReady;
  }

  /** The entries that answer. */
  get running() {
    return this.#serving?.running ?? [];
  }

  /** Whether auxiliary heads are asked too. */
  get asksHeads() {
    return this.#asksHeads;
  }

  /** The engine that they run on. */
  get engine() {
    return this.#serving?.engine ?? null;
  }

  /**
   * Loads a line-up. Nothing happens if it is the one that runs or is being loaded.
   * @param {Choice | null} choice null: the device and the memory are given back
   * @returns {boolean} whether it is another one
   */
  set(choice) {
    this.#asksHeads = choice?.heads ?? false;
    const signature = choice ? signatureOf(choice) : "";
    if (signature === this.#signature) return false;
    this.#signature = signature;
    this.#restarted = -Infinity;
    this.#forgetLeftOut(choice);
    setProblem("network", null);
    if (choice) this.#bring(choice);
    else this.#rest();
    return true;
  }

  /** Entries that ended the engine stay left out as long as they stay chosen, at the same place. @param {Choice | null} choice */
  #forgetLeftOut(choice) {
    const before = this.#choice;
    const stay = choice && before && isSame(choice.place, before.place) ? (choice.entries ?? []).filter(({ key }) => before.entries?.some((entry) => entry.key === key)) : [];
    this.#leftOut = new Set(stay.map(({ key }) => key).filter((key) => this.#leftOut.has(key)));
  }

  /** Asks the engine that answers how much memory every network takes. A second call asks only about what is new. */
  learnMemory() {
    this.#serving?.learnMemory(allEntries(state.cards, state.rows ?? [])).catch(() => {}); // an engine that answers is open
  }

  #rest() {
    this.#attempt = {};
    this.#serving?.close();
    this.#coming?.close();
    this.#serving = this.#coming = this.#choice = this.#last = null;
    update({ entries: [], standings: {}, running: [], answers: {}, deviceInfo: null });
  }

  /**
   * @param {Choice} choice
   * @param {Map<string, Standing>} [lost] what the entries were on an engine that was lost
   */
  async #bring(choice, lost = new Map()) {
    const attempt = (this.#attempt = {});
    this.#choice = choice;
    const host = this.#hostAt(choice.place, lost);
    const wanted = choice.entries ?? [];
    const keys = new Set(wanted.map(({ key }) => key));
    host.keep(({ key }) => keys.has(key) || host.isRunning(key)); // loading that is not wanted any more ends
    const entries = wanted.map((entry) => host.take(entry));
    if (host !== this.#serving) this.#serving?.keep(({ key }) => this.#serving?.isRunning(key) ?? false);
    if (choice.entries?.length === 0 || entries.some(({ runs }) => runs !== null)) this.#takeOver(host, choice);
    this.#publish();
    const isMissing = (/** @type {Hosted} */ hosted) => !host.isReady(hosted) && !this.#leftOut.has(hosted.entry.key);
    try {
      const first = entries.find(isMissing);
      if (first && !isPending(first.standing)) host.advance(first, "opening", { step: "engine" });
      if (!wanted.length) await host.opened;
      const asked = first ? await this.#askedOf(host, wanted, first) : [];
      if (attempt !== this.#attempt) return;
      for (const hosted of entries) {
        if (!isMissing(hosted)) continue; // an earlier attempt may have loaded it meanwhile
        if (asked.some(({ key }) => key === hosted.entry.key)) {
          host.ask(hosted);
          continue;
        }
        await host.bring(hosted);
        if (attempt !== this.#attempt) return;
        if (host.refusal) throw host.refusal;
      }
      this.#settle(this.#choice ?? choice, host, entries, asked);
    } catch (error) {
      if (attempt === this.#attempt) this.#refuse(this.#choice ?? choice, error);
    }
  }

  /**
   * Which of the entries need the visitor's consent. What is loaded needs none, nor what is being loaded.
   * @param {Host} host
   * @param {Entry[]} wanted
   * @param {Hosted} first of those that are to be loaded
   * @returns {Promise<Entry[]>}
   */
  async #askedOf(host, wanted, first) {
    if (!this.#consent.needsMemory(wanted)) return [];
    if (this.#consent.mayDownload(wanted)) host.download(first);
    await host.learnMemory(wanted);
    return this.#consent.missing(wanted, ({ key }) => host.isRunning(key) || host.isLoading(key), host.memories);
  }

  /**
   * @param {Place} place
   * @param {Map<string, Standing>} lost
   */
  #hostAt(place, lost) {
    const here = [this.#coming, this.#serving].find((host) => host?.isAt(place) && !host.refusal);
    if (this.#coming && this.#coming !== here) {
      this.#coming.close();
      this.#coming = null;
    }
    if (here) return here;
    /** @type {Host} */
    const host = new Host(place, lost, {
      onStanding: () => this.#publish(),
      onReady: (hosted) => this.#ready(host, hosted),
      onLost: (failure) => this.#lost(host, failure),
    });
    return (this.#coming = host);
  }

  /**
   * Makes the host the one whose entries answer, and ends what ran before.
   * @param {Host} host
   * @param {Choice} choice
   */
  #takeOver(host, choice) {
    if (host !== this.#serving) {
      this.#serving?.close();
      this.#serving = host;
      this.#coming = null;
      this.#forget(Object.keys(state.answers));
    }
    const keys = new Set(choice.entries?.map(({ key }) => key));
    host.keep(({ key }) => keys.has(key));
    this.#last = keys.size ? { choice, place: host.place } : null;
    host.settle(); // who chooses WebGPU again wants another try
    if (!isSame(state, choice.place) || isSame(host.place, choice.place)) return;
    this.#choice = { ...choice, place: host.place };
    this.#signature = signatureOf(this.#choice);
    update(host.place);
  }

  /**
   * @param {Host} host
   * @param {Hosted} hosted
   */
  #ready(host, { entry }) {
    const choice = this.#choice;
    const isWanted = choice?.entries?.some(({ key }) => key === entry.key) && host === (this.#coming ?? this.#serving);
    if (choice && isWanted) this.#takeOver(host, choice);
    this.#forget([entry.key]);
    this.#publish();
    this.#onReady();
  }

  /**
   * Marks answers of an earlier engine or of other weights as stale; they are shown until new ones come.
   * @param {string[]} keys
   */
  #forget(keys) {
    const answers = { ...state.answers };
    for (const key of keys) if (answers[key]) answers[key] = { ...answers[key], timing: null, runs: 0, first: null, rate: null, picture: 0 };
    update({ answers });
  }

  #publish() {
    const host = this.#coming ?? this.#serving;
    const entries = this.#choice?.entries ?? [];
    const keys = new Set([...entries, ...this.running.map(({ entry }) => entry)].map(({ key }) => key));
    update({
      entries,
      standings: Object.fromEntries(entries.flatMap(({ key }) => {
        const hosted = host?.entries.get(key);
        return hosted ? [[key, hosted.standing]] : [];
      })),
      running: this.running.map(({ entry: { key, network }, runs }) => ({ key, network, weights: runs ?? RANDOM })),
      answers: Object.fromEntries(Object.entries(state.answers).filter(([key]) => keys.has(key))),
      deviceInfo: this.engine?.device ?? null,
      memories: { ...state.memories, ...host?.memories }, // what another engine told is shown until this one tells
    });
  }

  /**
   * Called when every entry has been loaded, has failed, or waits for consent.
   * @param {Choice} choice
   * @param {Host} host
   * @param {Hosted[]} entries
   * @param {Entry[]} asked
   */
  #settle(choice, host, entries, asked) {
    const isRunning = entries.some(({ runs }) => runs !== null);
    const failed = entries.find(({ standing }) => standing.phase === "failed");
    const outdated = entries.find(({ runs, failure }) => runs !== null && failure !== null);
    if (!isRunning) this.#forgetLast(choice);
    if (asked.length) {
      const others = entries.filter(({ runs }) => runs !== null).map(({ entry }) => entry);
      const { text, question } = this.#consent.question(asked, others, titleOf, host.memories);
      const retry = () => {
        this.#consent.give(asked);
        this.#again(choice);
      };
      const before = isRunning ? null : choiceBefore(this.#last, choice);
      setProblem("network", { text: text + (before ? goesOn(this.#last) : ""), retry, question });
      if (!isRunning) this.#turnBack(choice, before, "");
    } else if (failed && !isRunning) {
      this.#giveUp(choice, failed.standing.text, codeOf(failed.failure));
    } else if (outdated) {
      const text = `The new weights of ${titleOf(outdated.entry)} are not ready. ${sentenceOf(outdated.failure)} It goes on with those before.`;
      setProblem("network", { text, retry: () => this.#again(choice) });
    }
  }

  /**
   * Called when the engine could not be opened.
   * @param {Choice} choice
   * @param {unknown} error
   */
  #refuse(choice, error) {
    this.#forgetLast(choice);
    this.#failAll(this.#coming, sentenceOf(error));
    this.#giveUp(choice, sentenceOf(error), codeOf(error), true);
  }

  /**
   * @param {Host | null} host whose entries cannot be loaded
   * @param {string} text
   */
  #failAll(host, text) {
    for (const hosted of host?.entries.values() ?? []) {
      if (hosted.standing.phase !== "failed" && hosted.standing.phase !== "asking") host?.advance(hosted, "failed", { text });
    }
  }

  /**
   * Says why a choice could not be loaded, and returns to the line-up that was ready last.
   * @param {Choice} choice
   * @param {string} sentence
   * @param {string} code
   * @param {boolean} [isRefused] its place cannot be had
   */
  #giveUp(choice, sentence, code, isRefused) {
    const isUnknown = code === "unknown-network";
    const [entry, ...others] = choice.entries ?? [];
    const what = isUnknown ? "" : entry && !others.length ? `${titleOf(entry)} is not ready. ` : "No network is ready. ";
    const before = choiceBefore(this.#last, choice, isRefused);
    const row = entry && !others.length && code === "bad-weights" ? rowOfEntry(entry, state.rows ?? []) : undefined;
    const again = { retry: isUnknown ? null : () => this.#again(choice) };
    const { replace } = choice;
    const smaller = entry && !others.length && replace && code === "out-of-memory" ? smallerThan(entry, state.cards, state.rows ?? [], this.running.map(({ entry }) => entry.key)) : null;
    const act = smaller ? { label: `Load ${titleOf(smaller)}`, retry: () => replace?.(smaller) } : row?.here ? { label: "Delete them", retry: () => void forgetWeights(row) } : again; // what this browser kept does not come back
    setProblem("network", { text: what + sentence + (before ? goesOn(this.#last) : ""), ...act });
    this.#turnBack(choice, before, code);
  }

  /** Keeps a choice that could not be loaded from being returned to. @param {Choice} choice */
  #forgetLast(choice) {
    if (this.#last && signatureOf({ ...this.#last.choice, place: this.#last.place }) === signatureOf(choice)) this.#last = null;
  }

  /**
   * @param {Choice} choice that could not be loaded
   * @param {Choice | null} before
   * @param {string} code
   */
  #turnBack(choice, before, code) {
    if (before) this.#take(before);
    else if (code === "unknown-network" && choice.otherwise) this.#take(choice.otherwise());
    else this.#leave(choice);
  }

  /** Ends what ran before a choice of which nothing can be loaded. @param {Choice} choice */
  #leave(choice) {
    const keys = new Set(choice.entries?.map(({ key }) => key));
    if (this.#coming) this.#serving?.close();
    if (this.#coming) this.#serving = null;
    this.#serving?.keep(({ key }) => keys.has(key));
    this.#last = null;
    this.#publish();
  }

  /** @param {Choice} choice that the visitor did not make */
  #take(choice) {
    choice.choose();
    update(choice.place);
    this.#signature = signatureOf(choice);
    this.#bring(choice);
  }

  /** @param {Choice} choice that the visitor wants to try again */
  #again(choice) {
    this.#signature = "";
    this.#leftOut.clear();
    choice.choose();
    update(choice.place);
    this.set(choice);
  }

  /**
   * Called when an engine is lost: it is started once more. Where the engine stopped, an entry that was being loaded is taken for
   * the cause, and is left out. A graphics device goes for many reasons; where it goes again soon, or before its networks were
   * loaded again, the CPU takes its place.
   * @param {Host} host
   * @param {Failure} failure
   */
  #lost(host, failure) {
    const choice = this.#choice;
    if (!choice || (host !== this.#serving && host !== this.#coming)) return;
    this.#attempt = {};
    const isDevice = failure.code === "device-lost";
    const culprit = isDevice ? undefined : [...host.entries.values()].find(({ standing }) => standing.phase === "loading");
    const wasLoading = [...host.entries.values()].some(({ standing }) => isPending(standing));
    const isSameLoss = host.since < this.#restarted; // one crash ends two hosts while a change is loading
    const isFirst = this.#restarted === -Infinity || isSameLoss || (!wasLoading && performance.now() - this.#restarted > LASTING);
    const lost = standingsAfter(host, culprit, failure);
    host.refusal = failure;
    host.close();
    if (host === this.#serving) {
      this.#serving = null;
      this.#coming ??= host; // its standings are shown until another one is opened
      this.#forget(Object.keys(state.answers));
    }
    const what = isDevice ? "The graphics device was lost" : "The engine stopped unexpectedly";
    if (culprit) {
      this.#leftOut.add(culprit.entry.key);
      if (choice.entries?.every(({ key }) => this.#leftOut.has(key))) {
        this.#forgetLast(choice);
        this.#publish();
        return this.#giveUp(choice, culprit.standing.text, "out-of-memory"); // as far as can be told
      }
      notice(`${what}. It is being started again, without ${titleOf(culprit.entry)}: perhaps there is too little memory for it.`);
      this.#bring(choice, lost);
    } else if (isFirst) {
      this.#restarted = performance.now();
      notice(`${what}. It is being started again, and the ${choice.entries?.length === 1 ? "network is" : "networks are"} loaded again.`);
      this.#bring(choice, lost);
    } else if (isDevice && choice.place.device !== "cpu") {
      this.#forgetLast(choice); // what ran on the device cannot be gone back to
      notice("The graphics device was lost again, so the CPU computes. Choose WebGPU to try it once more.");
      const there = { ...choice, place: { ...choice.place, device: /** @type {const} */ ("cpu") } };
      this.#signature = signatureOf(there);
      update(there.place);
      this.#bring(there, lost);
    } else {
      this.#last = null;
      this.#failAll(host, sentenceOf(failure));
      this.#giveUp(choice, sentenceOf(failure), failure.code);
    }
  }
}

/**
 * Advances the entries of a lost host: the one that is taken for the cause has failed, the others are lost.
 * @param {Host} host
 * @param {Hosted | undefined} culprit
 * @param {Failure} failure
 * @returns {Map<string, Standing>}
 */
function standingsAfter(host, culprit, failure) {
  if (culprit) host.advance(culprit, "failed", { text: whyNotLoaded(failure, culprit.entry) });
  for (const hosted of host.entries.values()) if (isPending(hosted.standing) || hosted.standing.phase === "ready") host.advance(hosted, "lost");
  return new Map([...host.entries].map(([key, { standing }]) => [key, standing]));
}
