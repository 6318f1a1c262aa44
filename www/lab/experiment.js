// @ts-check
import { frameOfDrawing } from "../camera.js";
import { bringManifest } from "../manifest.js";
import { isBeingBuilt } from "../openEngine.js";
import { drawStrokes } from "../pure/canvas.js";
import { Failure, sentenceOf } from "../pure/failure.js";
import { downloadText } from "../pure/text.js";
import { once, state, updateLab } from "../state.js";
import { RunRecord } from "./record.js";
import { configsOf } from "./pure/configs.js";
import { expectedTest, nextCount, testIsDue } from "./pure/pace.js";
import { isGoingOn } from "./pure/phase.js";
import { refusalOf } from "./pure/words.js";
import { Trainer } from "./trainer.js";

/** @typedef {import("./state.js").Run} Run */

const BETWEEN_DRAWINGS = 100; // milliseconds: more often would be smoother, and take the processor from the training
const SHARE_OF_DRAWING = 4; // at most every fourth millisecond of the page is spent on it
const PAD_SIDE = 280; // pixels of a drawing

/** Trains the runs that the state describes, as long as it is to go on. */
export class Experiment {
  /** @type {Promise<Trainer> | null} */
  #trainer = null;
  /** Counts the experiments: what belongs to an earlier one is dropped. */
  #round = 0;
  /** Counts the starts, so that only the latest one goes on. */
  #loop = 0;
  #isStepping = false;
  #count = 1;
  #drawnAt = 0;
  #nextDrawing = BETWEEN_DRAWINGS;
  #drawing = false;
  #testing = { at: 0, took: 0 };
  #pad = document.createElement("canvas");
  /** The drawing that was read last. @type {unknown} */
  #read = null;

  /** Trains until it is paused. */
  async start() {
    if (isGoingOn(state.lab) || this.#isRefused(() => void this.start())) return;
    const round = this.#round;
    const loop = ++this.#loop;
    const goesOn = () => this.#isCurrent(round) && loop === this.#loop;
    try {
      if (!(await this.#prepare(round)) || !goesOn()) return;
      updateLab({ phase: "training" });
      const since = { time: performance.now(), steps: this.#steps() };
      while (goesOn() && isTraining()) {
        await this.#turn(round, this.#count);
        if (!goesOn() || !isTraining()) break;
        this.#measureSpeed(since);
        await this.#look(round, false);
      }
      if (goesOn()) await this.#look(round, true);
    } catch (error) {
      this.#fail(round, error, () => void this.start());
    }
  }

  pause() {
    if (state.lab.phase === "training") updateLab({ phase: "paused", speed: 0 });
    else if (state.lab.phase === "opening") this.reset();
  }

  /** Takes one step. */
  async step() {
    this.pause();
    if (state.lab.phase === "opening" || this.#isStepping || this.#isRefused(() => void this.step())) return;
    const round = this.#round;
    this.#isStepping = true;
    try {
      if (!(await this.#prepare(round))) return;
      updateLab({ phase: "paused" });
      await this.#turn(round, 1);
    } catch (error) {
      this.#fail(round, error, () => void this.step());
    } finally {
      this.#isStepping = false;
    }
  }

  /** Goes back to the first weights. */
  reset() {
    this.#round += 1;
    this.#count = 1;
    this.#read = null;
    updateLab({ phase: "idle", text: "", share: null, trouble: null, runs: [], speed: 0, drawn: state.lab.drawn + 1 });
  }

  /** Asks the runs what they take the drawing for, while nothing is trained. */
  async readDrawing() {
    const { phase, trouble } = state.lab;
    if (trouble || (phase !== "paused" && phase !== "stopped")) return;
    const round = this.#round;
    try {
      await this.#classify(round);
    } catch (error) {
      this.#fail(round, error, null);
    }
  }

  /** @param {number} round */
  #isCurrent(round) {
    return round === this.#round;
  }

  #steps() {
    return Math.max(0, ...state.lab.runs.map(({ record }) => record.steps));
  }

  #hasTested() {
    return state.lab.runs.some(({ tests }) => tests.length > 0);
  }

  /** @param {() => void} retry */
  #isRefused(retry) {
    const refusal = refusalOf(state.compare);
    updateLab({ trouble: refusal ? { text: refusal, retry } : null });
    return refusal !== null;
  }

  /**
   * Brings burn and the pictures, and makes the networks, where that has not been done.
   * @param {number} round
   * @returns {Promise<boolean>} false: it is another experiment's turn by now
   */
  async #prepare(round) {
    const { settings, change, data, runs } = state.lab;
    if (runs.length) return this.#isCurrent(round);
    if (!settings) return false;
    updateLab({ phase: "opening", text: "Starting…", share: null });
    const trainer = await this.#open(round);
    if (!this.#isCurrent(round)) return false;
    updateLab({ text: "Making the networks…", share: null });
    /** @type {Run[]} */
    const made = [];
    for (const [i, config] of configsOf(settings, change).entries()) {
      await trainer.free(keyOf(i));
      const { layers, device } = await trainer.create(keyOf(i), config, data, state.device);
      if (!this.#isCurrent(round)) return false;
      made.push({ config, layers, record: new RunRecord(layers.length), observed: null, observedAt: 0, diverged: null, tests: [], read: [] });
      updateLab({ device });
    }
    if (made.length === 1) await trainer.free(keyOf(1));
    if (!this.#isCurrent(round)) return false;
    this.#testing = { at: performance.now(), took: 0 };
    updateLab({ runs: made, text: "", share: null });
    return true;
  }

  /**
   * burn's worker: a new one where there is none, or where it has ended and no run needs it.
   * @param {number} round
   */
  async #open(round) {
    const trainer = await this.#trainer?.catch(() => null);
    if (trainer && !trainer.hasEnded) return trainer;
    if (state.lab.runs.length) throw new Failure("crashed", "The worker that trained the networks has been lost.");
    await bringManifest().catch(() => {}); // it only tells whether burn is still being built
    if (isBeingBuilt("burn") && this.#isCurrent(round)) updateLab({ text: "This server is still building burn. Training begins as soon as it is there." });
    await once(() => !isBeingBuilt("burn") || !this.#isCurrent(round));
    this.#trainer = Trainer.open((received, total) => {
      if (state.lab.phase === "opening") updateLab({ text: downloadText("burn", { received, total }), share: received / total });
    });
    return this.#trainer;
  }

  /**
   * Takes steps with each run that can go on.
   * @param {number} round
   * @param {number} count
   */
  async #turn(round, count) {
    const trainer = await this.#open(round);
    const began = performance.now();
    for (const [i, run] of state.lab.runs.entries()) {
      if (run.diverged) continue;
      const { steps, diverged } = await trainer.step(keyOf(i), count);
      if (!this.#isCurrent(round)) return;
      for (const step of steps) run.record.push(step);
      const last = steps.at(-1);
      if (last?.observed) {
        run.observed = last.observed;
        run.observedAt = last.step;
      }
      run.diverged = diverged;
    }
    const took = performance.now() - began;
    this.#count = nextCount(count, took);
    if (!this.#hasTested()) this.#testing.took = expectedTest(took / count, state.lab.runs[0].config.batch);
    this.#draw();
    if (state.lab.runs.every(({ diverged }) => diverged)) updateLab({ phase: "stopped", speed: 0 });
  }

  /**
   * Tests the runs where that is due, and asks what they take the drawing for.
   * @param {number} round
   * @param {boolean} isOver the training has been paused
   */
  async #look(round, isOver) {
    if (testIsDue(this.#testing, performance.now(), isOver)) {
      const trainer = await this.#open(round);
      const began = performance.now();
      for (const [i, run] of state.lab.runs.entries()) {
        if (run.diverged || run.tests.at(-1)?.step === run.record.steps) continue;
        const step = run.record.steps;
        const test = await trainer.test(keyOf(i));
        if (!this.#isCurrent(round)) return;
        run.tests.push({ step, ...test });
        if (!isOver && state.lab.phase !== "training") break;
      }
      this.#testing = { at: performance.now(), took: performance.now() - began };
      this.#draw();
    }
    await this.#classify(round);
  }

  /** @param {number} round */
  async #classify(round) {
    const { strokes } = state;
    const mark = `${strokes.length} ${strokes.at(-1)?.length ?? 0} ${this.#steps()}`;
    if (!strokes.length || mark === this.#read) return;
    this.#read = mark;
    const trainer = await this.#open(round);
    this.#pad.width = this.#pad.height = PAD_SIDE;
    drawStrokes(this.#pad, strokes);
    for (const [i, run] of state.lab.runs.entries()) {
      if (run.diverged) continue;
      const read = await trainer.classify(keyOf(i), frameOfDrawing(this.#pad));
      if (!this.#isCurrent(round)) return;
      run.read = read;
    }
    this.#draw();
  }

  /** @param {{ time: number, steps: number }} since the last measurement */
  #measureSpeed(since) {
    const now = performance.now();
    if (now - since.time < 1000) return;
    const steps = this.#steps();
    updateLab({ speed: ((steps - since.steps) * 1000) / (now - since.time) });
    since.time = now;
    since.steps = steps;
  }

  /** Has the views draw the runs, ten times a second at most. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      const now = performance.now();
      this.#drawing = false;
      this.#drawnAt = now;
      updateLab({ drawn: state.lab.drawn + 1 });
      queueMicrotask(() => (this.#nextDrawing = Math.max(BETWEEN_DRAWINGS, SHARE_OF_DRAWING * (performance.now() - now)))); // after the views have drawn
    };
    setTimeout(() => requestAnimationFrame(draw), Math.max(0, this.#drawnAt + this.#nextDrawing - performance.now()));
  }

  /**
   * @param {number} round
   * @param {unknown} error
   * @param {(() => void) | null} retry
   */
  #fail(round, error, retry) {
    if (!this.#isCurrent(round)) return;
    if (!this.#steps()) {
      this.reset();
      updateLab({ trouble: { text: `Nothing is trained. ${sentenceOf(error)}`, retry } });
      return;
    }
    this.#round += 1; // whatever is under way belongs to what has ended
    const anew = () => {
      this.reset();
      void this.start();
    };
    const text = `The training has ended. ${sentenceOf(error)} What it has shown stays until you try again, which begins anew.`;
    updateLab({ phase: "stopped", speed: 0, drawn: state.lab.drawn + 1, trouble: { text, retry: anew } });
  }
}

const isTraining = () => state.lab.phase === "training";

/** The run's name in the worker. @param {number} index */
const keyOf = (index) => (index ? "second" : "first");
