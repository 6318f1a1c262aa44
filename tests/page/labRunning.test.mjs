// How the lab runs: with a worker that answers when it is told to, and in the browser.
import assert from "node:assert/strict";
import { before, beforeEach, describe, mock, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isAlone } from "../../www/lab/pure/pace.js";
import { classesNow, readHint } from "../../www/lab/pure/readings.js";
import { labRefusal } from "../../www/compare/pure/labRefusal.js";
import { PATTERN_SIDE, patternPixel } from "../../www/pure/pattern.js";
import { becomes, closeVisit, launch, visit } from "./browser.mjs";
import { FakeWorker, failure, settled } from "./fakeWorker.mjs";

const CONFIG = {
  family: "linear", depth: 3, width: 8, activation: "relu", initialisation: "he", batchNorm: false, dropout: 0, shortcuts: false, auxiliary: false,
  optimiser: "sgd", rate: 0.05, clipping: "none", batch: 32, seed: 1, digits: 6000,
};
const CPU = { kind: "cpu", engine: "burn", adapter: "fake", software: false, note: "" };
const CLASSES = [{ index: 3, label: "3", probability: 1 }];

/** @typedef {{ call: string, args: any[], answer: (value?: unknown) => void, refuse: (error: Error) => void }} Asked */

/** The workers that were opened, in order. @type {MadeTrainer[]} */
let opened = [];

/** Answers each call at once as `replies` says, unless the call is among those `held`. */
class MadeTrainer {
  /** Why it has ended. @type {Error | null} */
  ended = null;
  steps = 0;
  /** @type {Set<string>} */
  held = new Set();
  /** @type {Asked[]} */
  open = [];
  /** @type {string[]} */
  calls = [];
  /** @type {Record<string, (...args: any[]) => unknown>} */
  replies = {
    create: () => ({ layers: ["layer1", "output"], device: CPU }),
    step: (_, count) => ({ steps: Array.from({ length: count }, () => stepOf((this.steps += 1))), diverged: null }),
    test: () => ({ step: this.steps, accuracy: 0.5, loss: 1 }),
    classify: () => CLASSES,
    free: () => null,
  };

  #ask(call, args) {
    this.calls.push([call, ...args.filter((arg) => typeof arg !== "object")].join(" "));
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const asked = { call, args, answer: (value = this.replies[call](...args)) => this.#close(asked, () => resolve(value)), refuse: (error) => this.#close(asked, () => reject(error)) };
      this.open.push(asked);
      this.#next();
    });
  }

  /** As a worker does, it takes one call after another, each in a task of its own. */
  #next() {
    setTimeout(() => {
      const [first] = this.open;
      if (!first || this.held.has(first.call) || this.hasEnded) return;
      try {
        first.answer();
      } catch (error) {
        first.refuse(error);
      }
    });
  }

  #close(asked, settle) {
    if (!this.open.includes(asked)) return;
    this.open = this.open.filter((other) => other !== asked);
    settle();
    this.#next();
  }

  /** The calls that wait for their answer. */
  waiting(call) {
    return this.open.filter((asked) => asked.call === call);
  }

  /** Lets calls of that name through again. */
  release(call) {
    this.held.delete(call);
    this.#next();
  }

  create = (...args) => this.#ask("create", args);
  step = (...args) => this.#ask("step", args);
  test = (...args) => this.#ask("test", args);
  classify = (...args) => this.#ask("classify", args);
  free = (...args) => this.#ask("free", args);

  get hasEnded() {
    return this.ended !== null;
  }

  close() {
    this.die(failure("closed", "The lab was closed."));
  }

  /** @param {Error} error */
  die(error) {
    this.ended ??= error;
    for (const { refuse } of this.open) refuse(error);
  }
}

const stepOf = (step, more = {}) => ({ step, loss: 2, accuracy: 0.5, gradients: [0.1, 1], observed: { updates: [0, 0], means: [0, 0], deviations: [1, 1], stuck: [0, 0] }, ...more });

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {typeof import("../../www/lab/experiment.js").Experiment} */
let Experiment;
/** @type {import("../../www/lab/experiment.js").Experiment} */
let experiment;

/** Called with each worker that is opened. @type {(trainer: MadeTrainer) => unknown} */
let onOpen = () => {};

const lab = () => store.state.lab;
const worker = () => opened.at(-1);

/** Until something is so. @param {() => unknown} isSo @param {string} what */
async function until(isSo, what) {
  for (const end = performance.now() + 5000; performance.now() < end; ) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.fail(`it never came to this: ${what}`);
}

before(async () => {
  const data = Array.from({ length: PATTERN_SIDE ** 2 }, (_, i) => patternPixel(i)).flat(); // what shows that pixels can be read
  const context = new Proxy({}, { get: (_, name) => (name === "getImageData" ? () => ({ data }) : () => {}), set: () => true });
  Object.assign(globalThis, {
    Worker: FakeWorker,
    document: { createElement: () => ({ width: 0, height: 0, getContext: () => context }) },
    requestAnimationFrame: (/** @type {() => void} */ draw) => setTimeout(draw),
  });
  store = await import("../../www/state.js");
  ({ Experiment } = await import("../../www/lab/experiment.js"));
});

beforeEach(() => {
  experiment?.reset();
  for (const trainer of opened) trainer.close();
  opened = [];
  onOpen = () => {};
  const { NO_LAB } = labState;
  store.update({ view: "lab", rows: [], device: "cpu", strokes: [], notices: [], problems: { view: null, network: null, source: null, frame: null }, compare: { ...store.state.compare, run: null, evaluation: null }, lab: { ...NO_LAB, settings: { ...CONFIG } } });
  experiment = new Experiment(async () => {
    const trainer = new MadeTrainer();
    opened.push(trainer);
    await onOpen(trainer);
    return trainer;
  });
});

const labState = await import("../../www/lab/state.js");

/** @param {number} steps */
const reached = (steps) => until(() => (lab().runs[0]?.record.steps ?? 0) >= steps, `${steps} steps; it is at ${lab().runs[0]?.record.steps}, ${lab().phase}`);
const settledLab = () => until(() => !lab().busy, "nothing is under way");

/** Trains some steps and pauses. */
async function trainAndPause() {
  experiment.start();
  await reached(3);
  experiment.pause();
  await settledLab();
}

/** @param {number} x of a new drawing's first point */
const draw = (x) => {
  store.update({ strokes: [[{ x, y: 0.5 }, { x, y: 0.6 }]] });
  return experiment.readDrawing();
};

test("a step that fails leaves what was recorded, and a new start begins anew with another worker", async () => {
  onOpen = (trainer) => {
    if (opened.length > 1) return;
    trainer.replies.step = (_, count) => {
      if (trainer.steps > 20) throw failure("device-lost", "The graphics device was lost.");
      return { steps: Array.from({ length: count }, () => stepOf((trainer.steps += 1))), diverged: null };
    };
  };
  experiment.start();
  await until(() => lab().phase === "ended", "the training has ended");
  const { runs, trouble } = lab();
  assert.ok(runs[0].record.steps > 20, `${runs[0].record.steps} steps are left`);
  assert.match(trouble.text, /^The training has ended\. The graphics device was lost\. What it has shown stays and can be saved, until you start again\.$/);
  await settledLab();
  assert.ok(opened[0].hasEnded);
  experiment.step();
  assert.equal(lab().runs, runs, "one step must not throw the record away");
  experiment.start();
  await until(() => opened.length === 2 && lab().phase === "training" && lab().runs[0].record.steps > 0, "it trains again");
  assert.equal(lab().trouble, null);
  assert.notEqual(lab().runs[0].record, runs[0].record);
});

test("networks that cannot be made are told, with another try", async () => {
  onOpen = (trainer) => {
    const { create } = trainer.replies;
    trainer.replies.create = () => {
      if (code === "") return create();
      throw failure(code, "The pictures could not be downloaded.");
    };
  };
  let code = "download";
  experiment.start();
  await until(() => lab().trouble, "it is told");
  assert.equal(lab().trouble.text, "Nothing is trained. The pictures could not be downloaded.");
  assert.equal(lab().phase, "idle");
  await settledLab();
  code = "internal";
  lab().trouble.retry();
  await until(() => lab().trouble, "it is told again");
  assert.equal(opened.length, 1, "a download that failed leaves the worker as it was, with the pictures that it has");
  await settledLab();
  code = "";
  lab().trouble.retry();
  await reached(1);
  assert.equal(opened.length, 2, "after another failure it is another one");
});

test("while the last turn is finished after a pause, it is at work and has no speed", async () => {
  experiment.start();
  await until(() => lab().speed > 0, "it has a speed");
  const trainer = worker();
  trainer.held.add("step");
  await until(() => trainer.waiting("step").length, "a turn is under way");
  await new Promise((resolve) => setTimeout(resolve, 1100)); // the speed would be measured again
  assert.equal(lab().text, "A step is being computed, and takes long. With a smaller width, depth or batch it is quicker.");
  experiment.pause();
  assert.deepEqual([lab().phase, lab().working, lab().speed], ["paused", true, 0]);
  trainer.release("step");
  await settledLab();
  assert.deepEqual([lab().phase, lab().working, lab().speed, lab().text], ["paused", false, 0, ""]);
});

test("a single step is pending until it is done, and one that takes long is told of until then", async () => {
  await trainAndPause();
  const trainer = worker();
  const { steps } = lab().runs[0].record;
  trainer.held.add("step");
  experiment.step();
  assert.deepEqual([lab().working, lab().stepping, lab().text], [true, true, ""]);
  await until(() => lab().text, "it is told that the step takes long");
  assert.match(lab().text, /^A step is being computed/);
  trainer.release("step");
  await settledLab();
  assert.deepEqual([lab().runs[0].record.steps, lab().working, lab().stepping, lab().text], [steps + 1, false, false, ""]);

  trainer.held.add("step");
  experiment.step();
  await until(() => lab().text, "it is told once more");
  experiment.reset();
  assert.deepEqual([lab().working, lab().stepping, lab().text], [false, false, ""], "a reset forgets it");
});

test("a run that stops has no speed", async () => {
  onOpen = (trainer) => (trainer.replies.step = async (_, count) => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    return { steps: [stepOf(count)], diverged: { step: 2, layer: "output", what: "output" } };
  });
  await experiment.start();
  assert.deepEqual([lab().phase, lab().speed, lab().text], ["stopped", 0, ""]);
});

test("a drawing that cannot be read leaves the training alone, and the next one is read", async () => {
  store.update({ strokes: [[{ x: 0.1, y: 0.1 }]] });
  let fails = true;
  onOpen = (trainer) => (trainer.replies.classify = () => {
    if (fails) throw failure("bad-frame", "The picture has no pixels.");
    return CLASSES;
  });
  experiment.start();
  await until(() => lab().readTrouble, "the reading has failed");
  const { steps } = lab().runs[0].record;
  await reached(steps + 10);
  assert.equal(lab().phase, "training");
  assert.equal(lab().trouble, null);
  assert.equal(lab().readTrouble, "The drawing could not be read. The picture has no pixels.");
  experiment.pause();
  await settledLab();
  fails = false;
  await draw(0.2);
  assert.equal(lab().readTrouble, "");
  assert.deepEqual(lab().runs[0].reading.classes, CLASSES);
});

test("a worker that died meanwhile is told, and a new start has another one", async () => {
  await trainAndPause();
  const { steps } = lab().runs[0].record;
  worker().die(failure("crashed", "Training stopped unexpectedly."));
  experiment.step();
  await until(() => lab().phase === "ended", "it has ended");
  assert.equal(lab().runs[0].record.steps, steps);
  assert.match(lab().trouble.text, /^The training has ended\. Training stopped unexpectedly\. What it has shown stays/);
  experiment.start();
  await until(() => opened.length === 2 && lab().runs[0]?.record.steps > 0, "it trains again");
});

test("the state is busy until the worker has answered, and neither a benchmark nor an evaluation begins before", async () => {
  const { BenchmarkRun } = await import("../../www/compare/runBenchmark.js");
  const { EvaluationRun } = await import("../../www/compare/runEvaluation.js");
  const { chosen } = await import("../../www/compare/folderFiles.js");
  experiment.start();
  await reached(2);
  assert.ok(lab().busy);
  worker().held.add("step");
  await until(() => worker().waiting("step").length === 1, "a step is under way");
  await new BenchmarkRun().start(1);
  assert.match(store.state.problems.network.text, /A network is being trained in the gradient lab/);
  experiment.leave();
  assert.equal(lab().phase, "paused");
  assert.ok(lab().busy);
  await new BenchmarkRun().start(1);
  assert.match(store.state.problems.network.text, /still at its last step.* Start the benchmark again in a moment/);
  assert.equal(store.state.compare.run, null);
  await new EvaluationRun().start(chosen([]));
  assert.match(store.state.problems.source.text, /still at its last step.* Start the evaluation again in a moment/);
  assert.equal(store.state.compare.evaluation, null);
  worker().release("step");
  await settledLab();
  await new EvaluationRun().start(chosen([]));
  assert.match(store.state.problems.source.text, /no pictures in that folder/, "now it looks into the folder");
  experiment.enter();
});

test("creating a network, one step, the test after a pause and a reading are busy, too", async () => {
  for (const [held, begin] of /** @type {[string, () => unknown][]} */ ([
    ["create", () => experiment.start()],
    ["step", () => experiment.step()],
    ["test", () => experiment.step()],
    ["classify", () => draw(0.3)],
  ])) {
    if (worker()) worker().held.add(held);
    else onOpen = (trainer) => trainer.held.add(held);
    begin();
    await until(() => worker()?.waiting(held).length, `${held} is under way`);
    assert.ok(lab().busy, held);
    worker().release(held);
    if (held === "create") {
      await reached(1);
      experiment.pause();
    }
    await settledLab();
  }
  assert.equal(labRefusal({ busy: false, phase: "paused" }, "the benchmark", "spoil the times"), null);
});

test("nothing of the lab runs beside a benchmark or an evaluation", async () => {
  await trainAndPause();
  const calls = worker().calls.length;
  for (const compare of [{ run: { phase: "measuring" }, evaluation: null }, { run: null, evaluation: { running: true } }]) {
    store.updateCompare(/** @type {any} */ (compare));
    experiment.start();
    assert.match(lab().trouble.text, /then start again/);
    experiment.step();
    draw(0.4);
    await settled(5);
    assert.equal(lab().busy, false);
  }
  assert.equal(worker().calls.length, calls);
  store.updateCompare({ run: null, evaluation: null });
  lab().trouble.retry();
  await until(() => worker().calls.length > calls, "it steps");
});

test("a benchmark has the worker closed, and the record stays", async () => {
  await trainAndPause();
  const { runs } = lab();
  experiment.makeRoom();
  await settled(3);
  assert.ok(worker().hasEnded);
  assert.equal(lab().phase, "ended");
  assert.equal(lab().runs, runs);
  assert.match(lab().trouble.text, /The networks were given up for a benchmark\. What it has shown stays/);
  experiment.makeRoom(); // it is called after every change of the state
  assert.equal(lab().runs, runs);
});

test("while it is paused, one drawing is read at a time, and the newest one next", async () => {
  await trainAndPause();
  const trainer = worker();
  trainer.held.add("classify");
  const before = trainer.calls.length;
  for (let x = 1; x <= 50; x++) draw(x / 100);
  await settled(5);
  assert.equal(trainer.calls.length - before, 1, "calls for fifty drawings");
  const newest = store.state.strokes;
  trainer.release("classify");
  await settledLab();
  assert.equal(trainer.calls.length - before, 2);
  assert.equal(lab().runs[0].reading.of, newest);
});

test("clothes are not asked what digit they are", async () => {
  store.updateLab({ data: "fashion" });
  store.update({ strokes: [[{ x: 0.1, y: 0.1 }]] });
  await trainAndPause();
  await draw(0.5);
  assert.equal(worker().calls.filter((call) => /^classify/.test(call)).length, 0);
});

test("another drawing with as many points is read, and after one step it is read again and tested", async () => {
  await trainAndPause();
  await draw(0.1);
  const first = lab().runs[0].reading;
  await draw(0.2);
  const { of, step } = lab().runs[0].reading;
  assert.notEqual(of, first.of);
  assert.equal(of, store.state.strokes);
  const calls = worker().calls.length;
  await draw(0.3);
  await experiment.readDrawing();
  assert.equal(worker().calls.length, calls + 1, "what has been read is not asked again");
  await experiment.step();
  assert.equal(lab().runs[0].reading.step, step + 1);
  assert.equal(lab().runs[0].tests.at(-1).step, step + 1);
});

test("a reading is shown of the drawing that is on the pad", () => {
  const [point, next] = [{ x: 0, y: 0 }, { x: 0, y: 1 }];
  const drawing = [[point, next]];
  const longer = [[point, next, { x: 1, y: 1 }]];
  const other = [[{ x: 0, y: 0 }, next]];
  const run = { reading: { of: drawing, step: 3, classes: CLASSES }, diverged: null };
  const stopped = { ...run, diverged: { step: 4, layer: "output", what: "output" } };
  const shown = (phase, of, strokes) => classesNow({ phase }, of, strokes).length > 0;
  assert.ok(shown("training", run, drawing));
  assert.ok(shown("training", run, longer), "a pen that goes on does not empty the bars");
  assert.ok(!shown("training", run, other), "a new drawing does");
  assert.ok(!shown("training", run, []));
  assert.ok(shown("training", stopped, drawing), "it has read this very drawing");
  assert.ok(!shown("training", stopped, longer), "a run that has stopped will not read it");
  assert.ok(!shown("ended", run, longer));
  assert.match(readHint({ phase: "stopped", readTrouble: "", runs: [] }, drawing), /stopped/);
  assert.match(readHint({ phase: "ended", readTrouble: "", runs: [] }, drawing), /gone/);
  assert.match(readHint({ phase: "paused", readTrouble: "It failed.", runs: [] }, drawing), /^It failed\.$/);
});

test("starts that follow one another share one worker, and a reset frees the networks", async () => {
  let open = () => {};
  onOpen = () => new Promise((resolve) => (open = () => resolve(undefined)));
  experiment.start();
  await until(() => opened.length === 1, "a worker is being opened");
  for (let i = 0; i < 5; i++) {
    experiment.pause(); // cancels
    assert.equal(lab().phase, "idle");
    experiment.start();
  }
  await settled(5);
  open();
  await reached(2);
  assert.equal(opened.length, 1);
  assert.equal(worker().calls.filter((call) => /^create/.test(call)).length, 1);
  const before = worker().calls.filter((call) => call === "free").length;
  experiment.reset();
  await settledLab();
  await settled(5);
  assert.equal(worker().calls.filter((call) => call === "free").length, before + 1);
  assert.equal(worker().calls.at(-1), "free");
});

test("networks that were cancelled while they were made are freed, and their round is over", async () => {
  store.updateLab({ change: { depth: 5 } });
  onOpen = (trainer) => trainer.held.add("create");
  experiment.start();
  await until(() => worker()?.waiting("create").length, "the first network is being made");
  experiment.pause();
  worker().release("create");
  await settledLab();
  await settled(5);
  assert.deepEqual(worker().calls.filter((call) => call !== "free"), ["create first mnist cpu"], "the second one is not begun");
  assert.equal(worker().calls.at(-1), "free");
  assert.deepEqual(lab().runs, []);
  assert.equal(lab().trouble, null);
});

test("a lab that is left for a minute gives its worker up and keeps the record; one that is back before goes on", async () => {
  await trainAndPause();
  const { runs } = lab();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    experiment.leave();
    mock.timers.tick(59_000);
    experiment.enter();
    mock.timers.tick(120_000);
    assert.equal(lab().phase, "paused");
    assert.ok(!worker().hasEnded);
    experiment.leave();
    mock.timers.tick(60_001);
  } finally {
    mock.timers.reset();
  }
  await settled(3);
  assert.ok(worker().hasEnded);
  assert.equal(lab().phase, "ended");
  assert.equal(lab().runs, runs);
  assert.match(lab().trouble.text, /left for more than a minute.* What it has shown stays/);
});

test("runs do not go on unseen on another device than the one that is chosen", async () => {
  await trainAndPause();
  experiment.leave();
  store.update({ device: "webgpu" });
  experiment.enter();
  assert.equal(lab().phase, "ended");
  assert.match(lab().trouble.text, /The device was changed\./);
});

test("a worker that does not answer within a second is replaced, one that does is kept", async () => {
  await trainAndPause();
  experiment.reset();
  experiment.start();
  await reached(2);
  assert.equal(opened.length, 1);
  worker().held.add("step");
  await until(() => worker().waiting("step").length, "a step takes long");
  experiment.reset();
  const began = performance.now();
  experiment.start();
  await until(() => opened.length === 2 && lab().runs[0]?.record.steps > 1, "another worker trains").catch((error) => {
    throw new Error(`${error.message}; ${opened.length} workers after ${performance.now() - began} ms`);
  });
  const took = performance.now() - began;
  assert.ok(took > 800 && took < 2500, `after ${took} ms`);
  assert.ok(opened[0].hasEnded);
});

test("one step works after a cancelled one, and two clicks on it while it is under way are one", async () => {
  onOpen = (trainer) => trainer.held.add("create");
  experiment.step();
  experiment.step();
  await until(() => worker()?.waiting("create").length, "the network is being made");
  experiment.pause(); // cancels
  experiment.step();
  worker().release("create");
  await reached(1);
  await settledLab();
  assert.equal(lab().phase, "paused");
  assert.equal(lab().runs[0].record.steps, 1);
  experiment.step();
  experiment.step();
  await settledLab();
  assert.equal(lab().runs[0].record.steps, 2);
});

test("a start just after a pause waits for the turn that is under way", async () => {
  experiment.start();
  await reached(2);
  const trainer = worker();
  trainer.held.add("step");
  await until(() => trainer.waiting("step").length, "a turn is under way");
  experiment.pause();
  experiment.start();
  await settled(10);
  assert.equal(trainer.waiting("step").length, 1);
  const { steps } = lab().runs[0].record;
  trainer.release("step");
  await reached(steps + 5);
  assert.equal(lab().phase, "training");
  experiment.pause();
  await settledLab();
  assert.equal(lab().runs[0].record.steps, trainer.steps, "every step of the worker is in the record");
});

test("a run that grows is taken step by step, so that the last step before it breaks tells of its outputs", async () => {
  const BREAKS = 300;
  const steady = stepOf(40);
  assert.ok(isAlone(stepOf(1), stepOf(3)), "the first steps are");
  assert.ok(!isAlone(stepOf(1), steady));
  assert.ok(isAlone(stepOf(1), stepOf(40, { loss: 9 })));
  assert.ok(isAlone(stepOf(1), stepOf(40, { gradients: [1, 100] })));
  onOpen = (trainer) => (trainer.replies.step = (_, count) => {
    const steps = [];
    for (let i = 0; i < count && trainer.steps < BREAKS; i++) {
      const step = (trainer.steps += 1);
      steps.push(stepOf(step, { loss: 2 * 1.02 ** step, ...(i < count - 1 ? { observed: null } : {}) }));
    }
    return { steps, diverged: steps.length < count ? { step: BREAKS + 1, layer: "output", what: "output" } : null };
  });
  await experiment.start();
  const [run] = lab().runs;
  assert.equal(lab().phase, "stopped");
  assert.equal(run.record.steps, BREAKS);
  assert.equal(run.observedAt, BREAKS);
  assert.ok(worker().calls.some((call) => Number(/^step first (\d+)$/.exec(call)?.[1]) > 4), "turns grow where nothing does");
});

test("a test is noted at the step that the worker says", async () => {
  onOpen = (trainer) => (trainer.replies.test = () => ({ step: 7, accuracy: 0.5, loss: 1 }));
  await experiment.step();
  assert.deepEqual(lab().runs[0].tests, [{ step: 7, accuracy: 0.5, loss: 1 }]);
});

test("without WebGPU both runs are trained on the CPU, and a notice says so; Auto is the CPU", async () => {
  store.update({ device: "webgpu" });
  store.updateLab({ change: { depth: 5 } });
  onOpen = (trainer) => {
    let made = 0;
    trainer.replies.create = (_key, _config, _data, device) => {
      if (device === "webgpu" && made++) throw failure("no-webgpu", "This browser gives no adapter.");
      return { layers: ["output"], device: { ...CPU, kind: device } };
    };
  };
  await experiment.step();
  assert.deepEqual(worker().calls.filter((call) => /^create/.test(call)), ["create first mnist webgpu", "create second mnist webgpu", "create first mnist cpu", "create second mnist cpu"]);
  assert.deepEqual(store.state.notices.map(({ text }) => text), ["WebGPU cannot be used here, so the lab trains on the CPU. This browser gives no adapter."]);
  assert.equal(lab().device.kind, "cpu");
  assert.equal(lab().runs[0].record.steps, 1);
  experiment.reset();
  store.update({ device: "auto" });
  await experiment.step();
  assert.equal(worker().calls.filter((call) => /^create/.test(call)).at(-1), "create second mnist cpu");
});

test("an address that asks for what is there leaves the runs alone", async () => {
  const { lab: row } = await import("../../www/lab/row.js");
  store.updateLab({ scenario: "clipping", asked: { depth: "3", "change.rate": "1" } });
  assert.deepEqual(row.read(new URLSearchParams("lab=clipping&change.rate=1&depth=3&device=cpu")), {});
  for (const other of ["lab=clipping&depth=3", "lab=clipping&depth=4&change.rate=1", "lab=vanishing&depth=3&change.rate=1", "lab=clipping&depth=3&change.rate=1&seed=2"]) {
    assert.equal(row.read(new URLSearchParams(other)).lab?.settings, null, other);
  }
});

const SLOW = 60_000; // milliseconds: the machine that tests may be busy

describe("in the browser", () => {
  /** @param {string} query @param {Parameters<typeof launch>[0]} options @param {(page: import("playwright-core").Page) => Promise<void>} use */
  async function withLab(query, options, use) {
    const browser = await launch(options);
    try {
      const page = await visit(browser, query);
      page.setDefaultTimeout(SLOW);
      await page.locator("#lab-start:enabled").waitFor();
      await use(page);
      await closeVisit(page);
    } finally {
      await browser.close();
    }
  }

  const stateOf = (page) => page.evaluate(async () => {
    const { lab } = (await import("/www/state.js")).state;
    return { phase: lab.phase, busy: lab.busy, runs: lab.runs.map(({ record, tests, diverged }) => ({ steps: record.steps, tested: tests.at(-1)?.step ?? 0, hasStopped: diverged !== null })) };
  });

  /** @param {import("playwright-core").Page} page @param {number} steps */
  async function reach(page, steps) {
    for (const end = Date.now() + SLOW; ; await page.waitForTimeout(50)) {
      const { phase, runs } = await stateOf(page);
      if (runs.length && runs.every((run) => run.hasStopped || run.steps >= steps)) return;
      assert.ok(Date.now() < end, `it is ${phase} after ${runs.map((run) => run.steps).join(" and ")} steps, not ${steps}`);
    }
  }

  const click = (page, name) => page.getByRole("button", { name, exact: true }).click();

  /** @param {import("playwright-core").Page} page @param {[number, number][]} points shares of the pad */
  async function stroke(page, points) {
    await page.locator("#lab-pad").scrollIntoViewIfNeeded();
    const box = await page.locator("#lab-pad").boundingBox();
    const to = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...to(points[0]));
    await page.mouse.down();
    for (const point of points.slice(1)) await page.mouse.move(...to(point), { steps: 5 });
    await page.mouse.up();
  }

  const labWorkers = (page) => page.workers().filter((worker) => /lab\/worker\.js/.test(worker.url()));

  test("the link to a network of the gallery, and Back, leave the run as it was", async () => {
    await withLab("?lab=vanishing&depth=4&device=cpu", {}, async (page) => {
      await click(page, "Start");
      await reach(page, 5);
      await page.locator('#lab-scenario a[href^="?inside="]').first().click();
      await page.waitForURL(/\?inside=/);
      await becomes(page, async () => !(await import("/www/state.js")).state.lab.busy);
      const [{ steps }] = (await stateOf(page)).runs;
      await page.goBack();
      await page.getByRole("button", { name: "Go on" }).waitFor();
      assert.match(page.url(), /\?lab=vanishing&depth=4&device=cpu$/);
      assert.equal((await stateOf(page)).runs[0]?.steps, steps);
      await click(page, "Go on");
      await reach(page, steps + 3);
      assert.equal(labWorkers(page).length, 1);
    });
  });

  test("a step that takes long does not keep the next experiment waiting, and leaves no worker behind", async () => {
    await withLab("?lab=vanishing&family=convolutional&depth=50&width=128&device=cpu", {}, async (page) => {
      await click(page, "One step");
      await becomes(page, async () => (await import("/www/state.js")).state.lab.phase === "paused");
      await page.waitForTimeout(500);
      assert.ok((await stateOf(page)).busy, "the step is over already: take a larger network");
      await click(page, "Reset");
      const began = Date.now();
      await page.getByRole("button", { name: "Sigmoid: the gradient vanishes" }).click();
      await reach(page, 1);
      const took = (Date.now() - began) / 1000;
      console.log(`# the next experiment had its first step after ${took.toFixed(1)} s`);
      assert.ok(took < 10, `it took ${took} s`);
      for (const end = Date.now() + 10_000; labWorkers(page).length > 1 && Date.now() < end; ) await page.waitForTimeout(100); // a browser takes a while to end a busy one
      assert.equal(labWorkers(page).length, 1);
    });
  });

  test("a worker that dies leaves the run to be saved, says so, and is followed by another", async () => {
    await withLab("?lab=vanishing&depth=3&device=cpu", {}, async (page) => {
      await click(page, "Start");
      await reach(page, 20);
      const [worker] = labWorkers(page);
      await worker.evaluate(() => void setTimeout(() => { throw new Error("as a trap would"); }));
      await page.getByRole("alert").getByText(/^The training has ended\. The worker that trained the networks has been lost\. What it has shown stays/).waitFor();
      const [{ steps }] = (await stateOf(page)).runs;
      assert.ok(steps >= 20);
      assert.ok(await page.getByRole("button", { name: "One step" }).isDisabled());
      const [download] = await Promise.all([page.waitForEvent("download"), click(page, "Save JSON")]);
      assert.equal(JSON.parse(await (await import("node:fs/promises")).readFile(await download.path(), "utf8")).runs[0].steps, steps);
      await click(page, "Start again");
      await page.getByRole("button", { name: "Pause" }).waitFor();
      await reach(page, 2);
      assert.equal(await page.locator("#lab-trouble").isVisible(), false);
      assert.equal(labWorkers(page).length, 1);
    });
  });

  test("the worker frees a network that another one replaces, and all when it is told to", async () => {
    const build = `export default async () => {};
      globalThis.made = []; globalThis.freed = [];
      export class Lab {
        static async create(config) { const lab = new Lab(); lab.steps = 0; lab.depth = config.depth; globalThis.made.push(lab.depth); return lab; }
        layers = ["output"]; device = { kind: "cpu", engine: "burn", adapter: "" }; diverged = null;
        async step(count) { return Array.from({ length: count }, () => ({ step: (this.steps += 1), loss: 1, accuracy: 0, gradients: [1], observed: null })); }
        async test() { return { accuracy: 0.5, loss: 1 }; }
        free() { globalThis.freed.push(this.depth); }
      }`;
    await withLab("?lab=vanishing&device=cpu", {}, async (page) => {
      await page.route("**/pkg/burn/convscope.js", (route) => route.fulfill({ contentType: "text/javascript", body: build }));
      const tested = await page.evaluate(async () => {
        const { Trainer } = await import("/www/lab/trainer.js");
        const trainer = (globalThis.trainer = await Trainer.open(() => {}));
        await trainer.create("first", { depth: 2 }, "mnist", "cpu");
        await trainer.create("first", { depth: 3 }, "mnist", "cpu");
        await trainer.create("second", { depth: 4 }, "mnist", "cpu");
        await trainer.step("first", 5);
        await trainer.step("first", 2);
        return trainer.test("first");
      });
      assert.deepEqual(tested, { step: 7, accuracy: 0.5, loss: 1 });
      const [worker] = labWorkers(page);
      const counts = () => worker.evaluate(() => ({ made: globalThis.made, freed: globalThis.freed }));
      assert.deepEqual(await counts(), { made: [2, 3, 4], freed: [2] });
      await page.evaluate(() => globalThis.trainer.free());
      assert.deepEqual((await counts()).freed, [2, 3, 4]);
    });
  });

  const focused = (page) => page.evaluate(() => document.activeElement?.id);

  test("with the keyboard, a button keeps the focus while it cannot be used", async () => {
    await withLab("?lab=vanishing&depth=4&device=cpu", {}, async (page) => {
      await page.locator("#lab-step").press("Enter");
      assert.equal(await focused(page), "lab-step");
      await page.locator('#lab-step[aria-disabled="true"]').waitFor();
      await page.locator("#lab-announcement").getByText(/^Step 1: /).waitFor({ state: "attached" });
      await page.locator('#lab-step[aria-disabled="false"]').waitFor();
      await page.keyboard.press("Enter");
      await page.locator("#lab-announcement").getByText(/^Step 2: /).waitFor({ state: "attached" });
      assert.equal(await focused(page), "lab-step");
      await page.locator("#lab-reset").press("Enter");
      await page.locator('#lab-reset[aria-disabled="true"]').waitFor();
      assert.equal(await focused(page), "lab-reset");
      assert.equal(await page.locator("#lab-announcement").textContent(), "");
      await stroke(page, [[0.5, 0.2], [0.5, 0.8]]);
      await page.locator("#lab-clear").press("Enter");
      await page.locator('#lab-clear[aria-disabled="true"]').waitFor();
      assert.equal(await focused(page), "lab-clear");
    });
  });

  test("a run that stops at its first step leaves the focus on Start, is announced, and can be saved", async () => {
    await withLab("?lab=initialisation&depth=50&width=512&initialisation=unit&change=none&device=cpu", {}, async (page) => {
      await page.locator("#lab-start").press("Enter");
      await page.locator("#lab-announcement").getByText(/^It stopped at step 1: /).waitFor({ state: "attached" });
      assert.equal(await focused(page), "lab-start");
      await page.keyboard.press("Enter");
      assert.equal((await stateOf(page)).phase, "stopped");
      for (const kind of ["JSON", "CSV", "SVG"]) await Promise.all([page.waitForEvent("download"), click(page, `Save ${kind}`)]);
    });
  });

  test("a step that takes long says so", async () => {
    await withLab("?lab=vanishing&family=convolutional&depth=50&width=128&device=cpu", {}, async (page) => {
      await click(page, "One step");
      await page.locator("#lab-opening-text").getByText(/^A step is being computed, and takes long\./).waitFor();
      await page.locator("#lab-figures").getByText(/Finishing the step…/).waitFor();
      await page.locator("#lab-announcement").getByText(/^A step is being computed/).waitFor({ state: "attached" });
      assert.equal(await page.locator("#lab-step").getAttribute("aria-disabled"), "true");
      await click(page, "Reset");
      await page.locator("#lab-opening").waitFor({ state: "hidden" });
    });
  });

  test("pictures that do not come leave the worker alone, and damaged ones and a missing script are told of", async () => {
    await withLab("?lab=vanishing&depth=3&device=cpu", {}, async (page) => {
      await click(page, "One step");
      await reach(page, 1);
      const pictures = "**/data/fashion.safetensors.gz";
      const alert = page.getByRole("alert");
      await page.context().route(pictures, (route) => route.abort());
      await page.getByLabel("Pictures", { exact: true }).selectOption("fashion");
      await click(page, "One step");
      await alert.getByText("Nothing is trained. The pictures to learn from could not be downloaded. Check the connection and try again.").waitFor();
      const [worker] = labWorkers(page);
      for (const file of ["no safetensors file", "\x02\0\0\0\0\0\0\0{}"]) {
        await page.context().unroute(pictures);
        await page.context().route(pictures, (route) => route.fulfill({ body: gzipSync(file) }));
        await page.getByLabel("Pictures", { exact: true }).selectOption("mnist");
        await page.getByLabel("Pictures", { exact: true }).selectOption("fashion");
        await click(page, "One step");
        await alert.getByText(/^Nothing is trained\. The pictures to learn from came damaged\. Try again/).waitFor();
      }
      await page.context().unroute(pictures);
      await alert.getByRole("button", { name: "Try again" }).press("Enter");
      await reach(page, 1);
      assert.equal(await focused(page), "lab-start");
      assert.deepEqual(labWorkers(page), [worker]);
    });
    await withLab("?lab=vanishing&depth=3&device=cpu", {}, async (page) => {
      await page.context().route("**/lab/worker.js", (route) => route.abort());
      await click(page, "One step");
      await page.getByRole("alert").getByText("Nothing is trained. The code that trains could not be started. Check the connection and try again. If it stays so, reload the page.").waitFor();
      await page.context().unroute("**/lab/worker.js");
      await page.context().route("**/pkg/burn/convscope.js", (route) => route.abort());
      await click(page, "Try again");
      await page.getByRole("alert").getByText("Nothing is trained. burn could not be downloaded. Check the connection and try again.").waitFor();
      await page.context().unroute("**/pkg/burn/convscope.js");
      await click(page, "Try again");
      await reach(page, 1);
    });
  });

  test("WebGPU without an adapter: the CPU trains, and a notice says so", async () => {
    await withLab("?lab=vanishing&depth=3&device=webgpu", { webgpu: false }, async (page) => {
      await click(page, "One step");
      await reach(page, 1);
      await page.getByText(/^WebGPU cannot be used here, so the lab trains on the CPU\. /).waitFor();
      await page.locator("#lab-figures").getByText(/on the CPU/).waitFor();
      assert.equal(await page.locator("#lab-trouble").isVisible(), false);
      for (let steps = 1; steps < 30; steps++) {
        await becomes(page, async () => !(await import("/www/state.js")).state.lab.busy);
        const [run] = (await stateOf(page)).runs;
        if (run.tested) return assert.equal(run.tested, run.steps, "the test after a step is that step's");
        await click(page, "One step"); // the first steps are slow, and so would a test be
        await reach(page, steps + 1);
      }
      assert.fail("no step was followed by a test");
    });
  });

  test("the pad shows what the drawing on it is taken for, and says of a run that stopped that it cannot be asked", async () => {
    await withLab("?lab=vanishing&depth=4&activation=relu&initialisation=he&change.initialisation=unit&device=auto", {}, async (page) => {
      await click(page, "Start");
      await reach(page, 30);
      assert.deepEqual((await stateOf(page)).runs.map(({ hasStopped }) => hasStopped), [false, true]);
      await click(page, "Pause");
      await page.locator("#lab-figures").getByText(/on the CPU.* Auto is the CPU here/).waitFor();
      await stroke(page, [[0.5, 0.2], [0.5, 0.8]]);
      const readings = page.locator("#lab-readings");
      await readings.getByText("It has stopped, so that it cannot be asked.").waitFor();
      // The sentence is there at once, and the bars when the other run has answered.
      await readings.locator("li.best:visible").waitFor();
      assert.equal(await readings.locator("li:visible").count(), 10, "the bars of one run");
      await click(page, "Clear");
      await readings.waitFor({ state: "hidden" });
      await stroke(page, [[0.2, 0.2], [0.8, 0.2], [0.4, 0.8]]);
      await readings.locator("li.best:visible").waitFor();
      await becomes(page, async () => {
        const { state } = await import("/www/state.js");
        return state.lab.runs[0].reading?.of === state.strokes;
      });
    });
  });
});
