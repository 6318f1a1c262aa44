// Who looks at which picture, and how often: the looker, with a source and engines that do as they are told.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

/** Until all that is under way has been done. */
const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
};

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {typeof import("../../www/looker.js").Looker} */
let Looker;
/** @type {string[]} */
let seen = [];

before(async () => {
  Object.assign(globalThis, { Worker: class extends EventTarget { postMessage() {} } });
  store = await import("../../www/state.js");
  ({ Looker } = await import("../../www/looker.js"));
});

/** What a network takes for a picture, in milliseconds. @type {number} */
let time = 10;
/** The same for its next runs, one after the other. @type {number[]} */
let times = [];
/** @type {Error | null} */
let failure = null;

const engine = {
  device: { kind: "cpu" },
  /** @param {string} key @param {{ name: string }} frame */
  async classify(key, { name }) {
    await new Promise((resolve) => setTimeout(resolve));
    if (failure) throw failure;
    seen.push(`${key} ${name}`);
    const inference = times.shift() ?? time;
    return { predictions: [{ index: 0, label: name, probability: 1 }], heads: [], vote: null, timing: { preprocess: 1, inference, total: inference + 1 } };
  },
  /** @param {string} key @param {{ name: string }} frame */
  async time(key, { name }) {
    seen.push(`${key} timed ${name}`);
    return [{ preprocess: 0, inference: time, total: time }];
  },
};

const { classify } = engine;

/** @param {string} key */
const hosted = (key, weights = "q8") => ({ entry: { key, network: key, variant: null }, runs: weights, load: {} });

/** @param {ReturnType<typeof hosted>[]} running */
function look(...running) {
  const lineUp = { running, engine, asksHeads: false };
  const source = {
    filmed: 0,
    /** @type {(() => void)[]} */
    waiting: [],
    pulled: 0,
    /** @type {string | null} */
    shown: "picture",
    async pull() {
      this.pulled++;
      if (store.state.source?.kind === "camera") return this.filmed ? { name: `film ${this.filmed}` } : null;
      return this.shown === null ? null : { name: this.shown };
    },
    async next() {
      await new Promise((/** @type {(value: void) => void} */ resolve) => this.waiting.push(resolve));
      return true;
    },
    film() {
      this.filmed++;
      for (const wake of this.waiting.splice(0)) wake();
    },
  };
  return { lineUp, source, looker: new Looker(/** @type {any} */ (lineUp), /** @type {any} */ (source)) };
}

/** @param {string} kind */
const another = (kind = "sample") => {
  const picture = store.state.picture + 1;
  store.update({ source: /** @type {any} */ ({ kind, id: "coffee" }), picture, sourceSince: picture });
};

beforeEach(() => {
  [seen, time, times, failure] = [[], 10, [], null];
  engine.classify = classify;
  store.update({ cards: /** @type {any} */ (["a", "b"].map((id) => ({ id, heads: [], frame: { kind: "photo", side: 256 } }))), entries: [], answers: {}, held: false });
  another();
});

/** Answers as they come. @returns {() => import("../../www/state.js").Answer[]} */
function followAnswers() {
  /** @type {import("../../www/state.js").Answer[]} */
  const all = [];
  store.subscribe(({ answers: { a } }) => {
    if (a && a !== all.at(-1)) all.push(a);
  });
  return () => all;
}

test("a still picture is answered after the first run; the time that follows is the median of five more", async () => {
  times = [90, 14, 11, 30, 12, 13];
  const answers = followAnswers();
  const { looker, source } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, Array(6).fill("a picture"));
  assert.deepEqual(answers().map(({ first, timing, runs }) => [first, timing?.inference, timing?.total, runs]), [[91, 90, 91, 0], [91, 13, 14, 5]]);

  [seen, times] = [[], [20, 25, 21, 24, 22]];
  another();
  source.shown = "another";
  looker.wake();
  await settled();
  assert.deepEqual(seen, Array(5).fill("a another"), "no run warms up any more");
  assert.deepEqual(answers().slice(2).map(({ first, timing, runs }) => [first, timing?.inference, runs]), [[91, 20, 1], [91, 22, 5]]);
  looker.wake();
  await settled();
  assert.equal(seen.length, 5, "nothing is new");
});

test("runs for the time give way to another picture, and to a network that has not answered", async () => {
  const { looker, lineUp, source } = look(hosted("a"));
  looker.wake();
  while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve));
  another();
  source.shown = "another";
  const before = seen.length;
  looker.wake();
  while (!seen.includes("a another")) await new Promise((resolve) => setTimeout(resolve));
  assert.ok(seen.indexOf("a another") - before <= 1, `asked first: ${seen.slice(before)}`);
  assert.equal(store.state.answers.a.runs, 1, "runs of the picture before count for none");
  lineUp.running = [...lineUp.running, hosted("b")];
  const during = seen.length;
  looker.wake();
  while (!seen.includes("b another")) await new Promise((resolve) => setTimeout(resolve));
  assert.ok(seen.indexOf("b another") - during <= 1, `asked first: ${seen.slice(during)}`);
  await settled();
  assert.deepEqual([store.state.answers.a.runs, store.state.answers.b.runs], [5, 5]);
});

test("a run of an engine that is gone is not asked for", async () => {
  const { looker, lineUp } = look(hosted("a"));
  looker.wake();
  while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve));
  const asked = seen.length;
  lineUp.running = [];
  await settled();
  assert.ok(seen.length <= asked + 1, `${seen.length - asked} more runs`);
});

test("a slow network is not timed again, whether its first run shows it or a later one", async () => {
  time = 4000;
  const { looker } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, ["a picture"]);
  assert.deepEqual([store.state.answers.a.timing?.inference, store.state.answers.a.runs], [4000, 0]);

  [seen, times, time] = [[], [2500, 1500], 1500]; // the first one compiles its shaders
  another();
  const { looker: other } = look(hosted("a"));
  other.wake();
  await settled();
  assert.equal(seen.length, 2);
  assert.deepEqual([store.state.answers.a.timing?.inference, store.state.answers.a.runs], [1500, 1]);
});

test("a run for the time that fails leaves the answer as it is", async () => {
  const { looker } = look(hosted("a"));
  engine.classify = async (key, frame) => {
    const answer = await classify(key, frame);
    if (seen.length === 3) throw new Error("The frame is gone.");
    return answer;
  };
  looker.wake();
  await settled();
  assert.deepEqual([seen.length, store.state.problems.frame, store.state.answers.a.runs], [3, null, 1]);
});

test("networks take turns; with random weights only the time is measured", async () => {
  const { looker } = look(hosted("a"), hosted("b", "random"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, Array(6).fill(["a picture", "b timed picture"]).flat());
  assert.deepEqual(store.state.answers.b.predictions, []);
});

test("of a camera each network sees each picture once at the most, and a frame is pulled for each look", async () => {
  another("camera");
  const { looker, source } = look(hosted("a"), hosted("b"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, [], "there is no picture yet");
  for (let i = 0; i < 3; i++) {
    source.film();
    await settled();
  }
  assert.deepEqual(seen, ["a film 1", "b film 1", "a film 2", "b film 2", "a film 3", "b film 3"]);
  assert.equal(source.pulled, seen.length);
  assert.equal(store.state.answers.a.runs, 2, "the median is that of the last pictures, without the warm-up");
  assert.ok((store.state.answers.a.rate ?? 0) > 0);
});

test("where there is nothing to see it rests until it is woken", async () => {
  const { looker, source } = look(hosted("a"));
  source.shown = null;
  looker.wake();
  await settled();
  assert.equal(source.pulled, 1);
  source.shown = "picture";
  looker.wake();
  await settled();
  assert.equal(seen[0], "a picture");
});

test("an answer to an earlier source is dropped, and the new picture is looked at", async () => {
  const { looker, source } = look(hosted("a"));
  looker.wake();
  await Promise.resolve();
  another();
  source.shown = "another";
  looker.wake();
  await settled();
  assert.equal(seen[0], "a picture", "it was under way");
  assert.equal(store.state.answers.a.predictions[0].label, "another");
  assert.equal(store.state.answers.a.picture, store.state.picture);
});

test("a picture that cannot be classified is told and not tried again, and the next one is", async () => {
  failure = new Error("The frame is too small.");
  const { looker } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.equal(store.state.problems.frame?.text, "The frame is too small.");
  assert.deepEqual(store.state.answers.a.predictions, []);
  failure = null;
  another();
  looker.wake();
  await settled();
  assert.equal(store.state.problems.frame, null);
  assert.equal(store.state.answers.a.predictions.length, 1);
});

test("nor is one tried for ever that fails after a single good run", async () => {
  const { looker } = look(hosted("a"));
  engine.classify = async (key, frame) => {
    const answer = await classify(key, frame);
    failure = new Error("The frame is too small.");
    return answer;
  };
  looker.wake();
  await settled();
  assert.deepEqual([seen, store.state.problems.frame, store.state.answers.a.runs], [["a picture"], null, 0]);
  const before = store.state.answers;
  looker.wake();
  await settled();
  assert.equal(store.state.answers, before, "it rests");
});

test("a picture that cannot be had is told, and the next one is looked at", async () => {
  const { looker, source } = look(hosted("a"));
  const { pull } = source;
  source.pull = async () => { throw new Error("The picture is gone."); };
  await looker.wake();
  assert.equal(store.state.problems.frame?.text, "The picture is gone.");
  source.pull = pull;
  another();
  looker.wake();
  await settled();
  assert.equal(store.state.problems.frame, null);
  assert.equal(store.state.answers.a.predictions.length, 1);
});

test("auxiliary heads are asked where the choice says so, however many networks run", async () => {
  store.update({ cards: /** @type {any} */ ([{ id: "a", heads: ["aux1"], frame: { kind: "photo", side: 256 } }]), entries: [hosted("a").entry], askHeads: true });
  /** @type {unknown[]} */
  const asked = [];
  engine.classify = async (/** @type {string} */ key, /** @type {any} */ frame, /** @type {any[]} */ ...more) => (asked.push(more[1]), classify(key, frame));
  const { looker, lineUp } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.deepEqual(asked, Array(6).fill(false));
  lineUp.asksHeads = true;
  another();
  looker.wake();
  await settled();
  assert.equal(asked.at(-1), true);
});
