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
/** @type {Error | null} */
let failure = null;

const engine = {
  device: { kind: "cpu" },
  /** @param {string} key @param {{ name: string }} frame */
  async classify(key, { name }) {
    await new Promise((resolve) => setTimeout(resolve));
    if (failure) throw failure;
    seen.push(`${key} ${name}`);
    return { predictions: [{ index: 0, label: name, probability: 1 }], heads: [], vote: null, timing: { preprocess: 0, inference: time, total: time } };
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
  [seen, time, failure] = [[], 10, null];
  engine.classify = classify;
  store.update({ cards: /** @type {any} */ (["a", "b"].map((id) => ({ id, heads: [], frame: { kind: "photo", side: 256 } }))), entries: [], answers: {}, held: false });
  another();
});

test("a still picture is classified twice by a network that has just been loaded, and then once", async () => {
  const { looker, source } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, ["a picture", "a picture"]);
  assert.equal(store.state.answers.a.first, 10);
  another();
  source.shown = "another";
  looker.wake();
  await settled();
  assert.deepEqual(seen.slice(2), ["a another"]);
  looker.wake();
  await settled();
  assert.equal(seen.length, 3, "nothing is new");
});

test("a slow network is not asked a second time", async () => {
  time = 4000;
  const { looker } = look(hosted("a"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, ["a picture"]);
});

test("networks take turns; with random weights only the time is measured", async () => {
  const { looker } = look(hosted("a"), hosted("b", "random"));
  looker.wake();
  await settled();
  assert.deepEqual(seen, ["a picture", "b timed picture", "a picture", "b timed picture"]);
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
  assert.deepEqual([seen, store.state.problems.frame?.text], [["a picture"], "The frame is too small."]);
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
  assert.deepEqual(asked, [false, false]);
  lineUp.asksHeads = true;
  another();
  looker.wake();
  await settled();
  assert.equal(asked.at(-1), true);
});
