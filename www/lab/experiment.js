// @ts-check
import { bringManifest } from "../manifest.js";
import { isBeingBuilt } from "../openEngine.js";
import { codeOf, sentenceOf } from "../pure/failure.js";
import { downloadText } from "../pure/text.js";
import { notice, once, state, updateLab } from "../state.js";
import { unlessAborted } from "../within.js";
import { DrawingReader } from "./drawingReader.js";
import { OneTrainer } from "./oneTrainer.js";
import { RunRecord } from "./record.js";
import { Redraw } from "./redraw.js";
import { configsOf, keyOf } from "./pure/configs.js";
import { expectedTest, isAlone, nextCount, testIsDue } from "./pure/pace.js";
import { refusalOf } from "./pure/words.js";

/**
 * @typedef {import("./oneTrainer.js").Trainer} Trainer
 * @typedef {import("./state.js").LabStep} LabStep
 * @typedef {import("./state.js").Run} Run
 * @typedef {import("../state.js").DeviceKind} DeviceKind
 */

/** What makes creating a network fail on WebGPU, and may not on the CPU. */
const NEEDS_CPU = new Set(["no-webgpu", "wrong-results", "device-lost", "out-of-memory", "crashed"]);
const LONG = 1000; // milliseconds after which a turn that has not ended is told of
const AWAY = 60_000; // milliseconds after which the networks of a lab that was left are given up

/**
 * Trains the runs that the state describes, as long as it is to go on. What is asked for is done in turn: a pause ends the
 * training when the turn that is under way has ended. A reset begins another round, and drops what belongs to the one before.
 */
export class Experiment {
  #trainers;
  /** The worker that has the runs. @type {Trainer | null} */
  #trainer = null;
  /** The device that they were asked for. @type {DeviceKind} */
  #device = "cpu";
  #round = new AbortController();
  /** What is under way in this round. @type {Promise<unknown>} */
  #underWay = Promise.resolve();
  /** How many things are under way, those of earlier rounds included. */
  #open = 0;
  /** How many trainings and single steps of this round have not ended. */
  #works = 0;
  /** Counts what ends the training until now. */
  #loop = 0;
  #count = 1;
  #testing = { at: 0, took: 0 };
  #redraw = new Redraw();
  #reader = new DrawingReader(() => this.#redraw.soon());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  /** The first step of each run. @type {WeakMap<Run, LabStep>} */
  #firsts = new WeakMap();

  /** @param {(onFetched: import("../compile.js").OnFetched) => Promise<Trainer>} open the lab's worker, which is told of the download of burn */
  constructor(open) {
    this.#trainers = new OneTrainer(() => open((received, total) => {
      if (state.lab.phase === "opening") updateLab({ text: downloadText("burn", { received, total }), share: received / total });
    }));
  }

  /** Trains until it is paused. Where the networks are gone, it begins anew. */
  start() {
    const { phase } = state.lab;
    if (phase === "opening" || phase === "training" || phase === "stopped" || this.#isRefused(() => void this.start())) return;
    if (phase === "ended") this.reset();
    const loop = ++this.#loop;
    updateLab(state.lab.runs.length ? { phase: "training" } : OPENING);
    return this.#do(() => void this.start(), async (round) => {
      if (!(await this.#prepare(round))) return;
      if (state.lab.phase === "opening") updateLab({ phase: "training" });
      await this.#train(round, () => !round.aborted && loop === this.#loop);
    });
  }

  pause() {
    if (state.lab.phase === "training") updateLab({ phase: "paused", speed: 0 });
    else if (state.lab.phase === "opening") this.reset();
  }

  /** Takes one step. */
  step() {
    const { phase, stepping } = state.lab;
    if (phase === "opening" || phase === "stopped" || phase === "ended" || stepping || this.#isRefused(() => void this.step())) return;
    this.pause();
    this.#loop += 1;
    updateLab({ stepping: true, ...(state.lab.runs.length ? {} : OPENING) });
    return this.#do(() => void this.step(), async (round) => {
      try {
        if (!(await this.#prepare(round))) return;
        if (state.lab.phase === "opening") updateLab({ phase: "paused" });
        await this.#turn(round, 1);
        await this.#look(round, true);
      } finally {
        if (!round.aborted) updateLab({ stepping: false });
      }
    });
  }

  /** Goes back to the first weights. */
  reset() {
    this.#begin();
    this.#trainers.empty();
    updateLab({ phase: "idle", share: null, trouble: null, readTrouble: "", runs: [], speed: 0, drawn: state.lab.drawn + 1 });
  }

  /** Asks the runs what they take the drawing for, while nothing is trained. */
  readDrawing() {
    if (state.lab.phase !== "paused" || refusalOf(state.compare)) return;
    const { signal } = this.#round;
    return this.#watch(signal, null, this.#reader.read(/** @type {Trainer} */ (this.#trainer), signal));
  }

  /** The lab is shown. */
  enter() {
    clearTimeout(this.#leaving);
    if (state.lab.runs.length && deviceHere() !== this.#device) this.#end("The device was changed.");
    this.readDrawing();
  }

  /** Another view is shown. */
  leave() {
    this.pause();
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#end("The lab was left for more than a minute, so that its networks were given up."), AWAY);
  }

  /** Ends the worker, for what measures times. */
  makeRoom() {
    this.#end("The networks were given up for a benchmark.");
  }

  /** Begins another round. */
  #begin() {
    this.#round.abort();
    this.#round = new AbortController();
    this.#underWay = Promise.resolve();
    this.#trainer = null;
    this.#count = 1;
    this.#works = 0;
    updateLab({ working: false, stepping: false, text: "" });
  }

  /** @param {() => void} retry */
  #isRefused(retry) {
    const refusal = refusalOf(state.compare);
    updateLab({ trouble: refusal ? { text: refusal, retry } : null });
    return refusal !== null;
  }

  /**
   * Does something after what is under way.
   * @param {() => void} retry
   * @param {(round: AbortSignal) => Promise<void>} work
   */
  #do(retry, work) {
    const { signal } = this.#round;
    if (!this.#works++) updateLab({ working: true });
    const done = this.#underWay.then(() => (signal.aborted ? undefined : work(signal)));
    this.#underWay = done.catch(() => {}).then(() => this.#hasDone(signal)); // what fails is told once
    return this.#watch(signal, retry, done);
  }

  /** @param {AbortSignal} round */
  #hasDone(round) {
    if (!round.aborted && !--this.#works) updateLab({ working: false, text: "" });
  }

  /**
   * Keeps the state busy until something has been done, and tells of its failure.
   * @param {AbortSignal} round
   * @param {(() => void) | null} retry
   * @param {Promise<void>} done
   */
  async #watch(round, retry, done) {
    if (!this.#open++) updateLab({ busy: true });
    try {
      await done;
    } catch (error) {
      if (!round.aborted) this.#fail(error, retry);
    } finally {
      if (!--this.#open) updateLab({ busy: false });
    }
  }

  /**
   * Brings burn and the pictures, and makes the networks, where that has not been done.
   * @param {AbortSignal} round
   * @returns {Promise<boolean>} false: it is another round's turn by now
   */
  async #prepare(round) {
    if (state.lab.runs.length) return true;
    await unlessAborted(round, this.#waitForBuild(round));
    this.#device = deviceHere();
    const runs = await this.#create(round, this.#device);
    if (round.aborted) return false;
    this.#testing = { at: performance.now(), took: 0 };
    updateLab({ runs, text: "", share: null });
    return true;
  }

  /** @param {AbortSignal} round */
  async #waitForBuild(round) {
    await bringManifest().catch(() => {}); // it only tells whether burn is still being built
    if (isBeingBuilt("burn") && !round.aborted) updateLab({ text: "This server is still building burn. Training begins as soon as it is there." });
    await once(() => !isBeingBuilt("burn"), round);
  }

  /**
   * Makes the networks. If WebGPU cannot be used, it makes them on the CPU and says so.
   * @param {AbortSignal} round
   * @param {DeviceKind} device
   * @returns {Promise<Run[]>}
   */
  async #create(round, device) {
    const trainer = await unlessAborted(round, this.#trainers.get());
    const { settings, change, data } = state.lab;
    /** @type {Run[]} */
    const runs = [];
    updateLab({ text: "Making the networks…", share: null });
    try {
      for (const [i, config] of (settings ? configsOf(settings, change) : []).entries()) {
        const { layers, device: info } = await trainer.create(keyOf(i), config, data, device);
        round.throwIfAborted();
        runs.push({ config, layers, record: new RunRecord(layers.length), observed: null, observedAt: 0, diverged: null, tests: [], reading: null });
        updateLab({ device: info });
      }
    } catch (error) {
      if (round.aborted || device === "cpu" || !NEEDS_CPU.has(codeOf(error))) throw error;
      notice(`WebGPU cannot be used here, so the lab trains on the CPU. ${sentenceOf(error)}`);
      return this.#create(round, "cpu");
    }
    this.#trainer = trainer;
    return runs;
  }

  /**
   * @param {AbortSignal} round
   * @param {() => boolean} goesOn
   */
  async #train(round, goesOn) {
    const since = { time: performance.now(), steps: stepsOf() };
    while (goesOn() && isTraining()) {
      await this.#turn(round, this.#count);
      if (!goesOn()) return;
      if (!isTraining()) break;
      measureSpeed(since);
      await this.#look(round, false);
    }
    if (goesOn()) await this.#look(round, true);
  }

  /**
   * Takes steps with each run that can go on.
   * @param {AbortSignal} round
   * @param {number} count
   */
  async #turn(round, count) {
    const trainer = /** @type {Trainer} */ (this.#trainer);
    const began = performance.now();
    const late = setTimeout(() => !round.aborted && updateLab({ text: SLOW }), LONG);
    let isNextAlone = false;
    try {
      for (const [i, run] of state.lab.runs.entries()) {
        if (run.diverged) continue;
        const { steps, diverged } = await trainer.step(keyOf(i), count);
        if (round.aborted) return;
        isNextAlone = this.#note(run, steps) || isNextAlone;
        run.diverged = diverged;
      }
    } finally {
      clearTimeout(late);
    }
    const took = performance.now() - began;
    if (state.lab.text && took < LONG) updateLab({ text: "" }); // it stays where the next turn is as long
    this.#count = isNextAlone ? 1 : nextCount(count, took);
    if (!state.lab.runs.some(({ tests }) => tests.length)) this.#testing.took = expectedTest(took / count, state.lab.runs[0].config.batch);
    this.#redraw.soon();
    if (state.lab.runs.every(({ diverged }) => diverged)) updateLab({ phase: "stopped", speed: 0 });
  }

  /**
   * Notes what steps told.
   * @param {Run} run
   * @param {LabStep[]} steps
   * @returns {boolean} the next step is to be taken by itself
   */
  #note(run, steps) {
    for (const step of steps) run.record.push(step);
    const last = steps.at(-1);
    if (!last) return false;
    if (last.observed) {
      run.observed = last.observed;
      run.observedAt = last.step;
    }
    const first = this.#firsts.get(run) ?? steps[0];
    this.#firsts.set(run, first);
    return isAlone(first, last);
  }

  /**
   * Tests the runs where that is due, and asks what they take the drawing for.
   * @param {AbortSignal} round
   * @param {boolean} isOver the training has been paused
   */
  async #look(round, isOver) {
    const trainer = /** @type {Trainer} */ (this.#trainer);
    if (testIsDue(this.#testing, performance.now(), isOver)) {
      const began = performance.now();
      for (const [i, run] of state.lab.runs.entries()) {
        if (run.diverged || run.tests.at(-1)?.step === run.record.steps) continue;
        const test = await trainer.test(keyOf(i));
        if (round.aborted) return;
        run.tests.push(test);
        if (!isOver && !isTraining()) break;
      }
      this.#testing = { at: performance.now(), took: performance.now() - began };
      this.#redraw.soon();
    }
    await this.#reader.read(trainer, round);
  }

  /**
   * Keeps what was recorded. The worker is closed, since what a network is after a failure is not known, unless only the
   * pictures did not come.
   * @param {unknown} error
   * @param {(() => void) | null} retry
   */
  #fail(error, retry) {
    const { runs } = state.lab;
    if (runs.length) this.#end(sentenceOf(error), () => void this.start());
    else {
      this.reset();
      if (codeOf(error) !== "download") this.#trainers.close();
      updateLab({ trouble: { text: `Nothing is trained. ${sentenceOf(error)}`, retry } });
    }
  }

  /**
   * Gives the networks up, and keeps what was recorded.
   * @param {string} why
   * @param {(() => void) | null} [retry]
   */
  #end(why, retry = null) {
    if (!this.#trainers.isThere) return;
    this.#begin();
    this.#trainers.close();
    const { phase, runs } = state.lab;
    if (!runs.length) return updateLab({ phase: "idle", share: null });
    if (phase === "stopped") return;
    updateLab({ phase: "ended", speed: 0, drawn: state.lab.drawn + 1, trouble: { text: `The training has ended. ${why} What it has shown stays and can be saved, until you start again.`, retry } });
  }
}

/** @satisfies {Partial<import("./state.js").Lab>} */
const OPENING = /** @type {const} */ ({ phase: "opening", text: "Starting…", share: null });

const SLOW = "A step is being computed, and takes long. With a smaller width, depth or batch it is quicker.";

const isTraining = () => state.lab.phase === "training";

const stepsOf = () => Math.max(0, ...state.lab.runs.map(({ record }) => record.steps));

/** Where the lab trains. Small networks are often quicker on the CPU, so that it is the lab's own choice. @returns {DeviceKind} */
const deviceHere = () => (state.device === "webgpu" ? "webgpu" : "cpu");

/** @param {{ time: number, steps: number }} since the last measurement */
function measureSpeed(since) {
  const now = performance.now();
  if (now - since.time < 1000) return;
  const steps = stepsOf();
  updateLab({ speed: ((steps - since.steps) * 1000) / (now - since.time) });
  since.time = now;
  since.steps = steps;
}
