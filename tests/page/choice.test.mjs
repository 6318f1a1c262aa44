// What the views choose and what then runs: the views' own rows and the line-up, with a worker that does as it is told.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { FakeWorker, card, failure, settled, told, wellBehaved } from "./fakeWorker.mjs";

const CARDS = [card("a", 1e6), card("b", 2e6), card("efficientnet_lite0", 5e6), card("huge", 150e6), ...[1, 2, 3, 4, 5, 6].map((n) => card(`mid${n}`, 20e6))];
const MANY = 2000; // updates: far more than any choice makes

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {import("../../www/lineup.js").LineUp} */
let lineUp;
let sets = 0;
let end = () => {};

before(async () => {
  Object.assign(globalThis, { Worker: FakeWorker });
  store = await import("../../www/state.js");
});

beforeEach(async () => {
  end();
  lineUp?.set(null);
  wellBehaved(CARDS);
  sets = 0;
  store.update({ cards: [], rows: [], memories: {}, notices: [], problems: { network: null, source: null, frame: null }, device: "cpu", engine: "convscope", arithmetic: "f32", threads: null, network: store.DEFAULT_NETWORK });
  const [{ LineUp }, { followChoice }] = await Promise.all([import("../../www/lineup.js"), import("../../www/followChoice.js")]);
  lineUp = new LineUp(() => {});
  const set = (/** @type {any} */ choice) => {
    if (++sets > MANY) throw new Error("The choices follow one another without end.");
    return lineUp.set(choice);
  };
  end = followChoice({ set }, { rest() {} });
});

after(() => end());

/** @param {Partial<import("../../www/state.js").State>} patch */
async function choose(patch) {
  store.update(patch);
  await settled();
}
/** @param {string} keys */
const compare = (keys) => choose({ view: "compare", compare: { ...store.state.compare, keys: keys.split(" ") } });
const running = () => store.state.running.map(({ key }) => key).join(" ");
const phases = () => Object.fromEntries(Object.entries(store.state.standings).map(([key, { phase }]) => [key, phase]));
const problem = () => store.state.problems.network;

test("a network that asks does not turn back to another view's choice", async () => {
  await choose({ view: "single", network: "huge" });
  assert.deepEqual(phases(), { huge: "asking" });
  await compare("a b");
  assert.equal(running(), "a b");
  await choose({ view: "single" });
  assert.deepEqual([store.state.network, running(), phases()], ["huge", "", { huge: "asking" }]);
  assert.equal(problem()?.question, "Load HUGE");
  assert.doesNotMatch(problem()?.text ?? "", /go(es)? on/);
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "huge");
});

test("nor does a comparison of such a network", async () => {
  await compare("huge");
  assert.deepEqual(phases(), { huge: "asking" });
  await choose({ view: "single" });
  assert.equal(running(), "efficientnet_lite0");
  await choose({ view: "compare" });
  assert.deepEqual([store.state.compare.keys, running(), phases()], [["huge"], "", { huge: "asking" }]);
});

test("within the view of one network the one before comes back", async () => {
  await choose({ view: "single", network: "a" });
  await choose({ network: "huge" });
  assert.deepEqual([store.state.network, running()], ["a", "a"]);
  assert.match(problem()?.text ?? "", /A goes on\.$/);
});

test("a network that is taken out of a comparison stays out, though the one that is left asks", async () => {
  await compare("a huge");
  assert.deepEqual(phases(), { a: "ready", huge: "asking" });
  await compare("huge");
  assert.deepEqual([store.state.compare.keys, running(), phases()], [["huge"], "", { huge: "asking" }]);
  assert.equal(told.calls.filter((call) => call.startsWith("loadRandom huge")).length, 0);
});

test("a further choice does not load what waits for consent", async () => {
  await compare("a huge");
  await compare("a b huge");
  assert.deepEqual(phases(), { a: "ready", b: "ready", huge: "asking" });
  assert.equal(problem()?.question, "Load HUGE");
});

test("a device that cannot be had leaves a comparison as it is, on the device before", async () => {
  await compare("a b");
  told.replies.create = () => { throw failure("unsupported", "There is no such device."); };
  await choose({ device: "auto" });
  assert.deepEqual([store.state.device, store.state.compare.keys, running()], ["cpu", ["a", "b"], "a b"]);
  assert.match(problem()?.text ?? "", /There is no such device\. The networks go on\.$/);
});

/** The server has weights of these, empty files of the length that is told. @param {string[]} ids @param {number} bytes */
function serve(ids, bytes) {
  globalThis.fetch = async () => new Response(new Uint8Array(0));
  store.update({ rows: /** @type {any} */ (ids.map((id) => ({ id, variant: "q8", bytes, shards: [] }))) });
}

test("what runs counts when networks are added one at a time", async () => {
  const mids = ["mid1", "mid2", "mid3", "mid4", "mid5", "mid6"];
  serve(mids, 20e6);
  for (let n = 1; n <= mids.length; n++) await compare(mids.slice(0, n).join(" "));
  assert.deepEqual(phases(), { mid1: "ready", mid2: "ready", mid3: "ready", mid4: "ready", mid5: "ready", mid6: "asking" });
  assert.match(problem()?.text ?? "", /^MID6 takes 80\.0\sMB of memory, 480\sMB with what runs already, and a download of 20\.0\sMB\. On a phone, the browser may close the page\.$/);
});

test("memory that is being asked for by another call is waited for", async () => {
  await compare("a b");
  /** @type {() => void} */
  let tell = () => {};
  const { memory } = told.replies;
  told.replies.memory = ([id]) => (id === "huge" ? new Promise((resolve) => (tell = () => resolve(memory([id])))) : memory([id]));
  lineUp.learnMemory();
  await settled();
  await compare("a b huge");
  assert.deepEqual(phases(), { a: "ready", b: "ready", huge: "opening" });
  tell();
  await settled();
  assert.deepEqual(phases(), { a: "ready", b: "ready", huge: "asking" });
});

test("memory that the engine does not tell needs consent", async () => {
  told.replies.memory = () => { throw failure("internal", "It cannot be told."); };
  await compare("a");
  assert.deepEqual(phases(), { a: "asking" });
  assert.match(problem()?.text ?? "", /^A takes an unknown amount of memory\. /);
  problem()?.retry?.();
  await settled();
  assert.equal(running(), "a");
});

test("memory that is known stays known while another engine is opened, and a sum is told only when all of it is known", async () => {
  const { costOf } = await import("../../www/pure/memory.js");
  await choose({ view: "single", network: "a" });
  lineUp.learnMemory();
  await settled();
  const known = Object.keys(store.state.memories).length;
  assert.equal(known, CARDS.length);
  told.replies.create = () => new Promise(() => {});
  await choose({ device: "webgpu" });
  assert.equal(Object.keys(store.state.memories).length, known);
  const [a, b] = ["a", "b"].map((id) => ({ key: id, network: id, variant: null }));
  assert.equal(costOf([a, b], { "a q8": { weightsBytes: 1, activationBytes: 2 } }, []).memory, null);
  assert.equal(costOf([a], { "a q8": { weightsBytes: 1, activationBytes: 2 } }, []).memory, 3);
});

test("another choice is another try to download the manifest", async () => {
  let tries = 0;
  globalThis.fetch = async () => {
    tries++;
    throw new Error("The connection broke.");
  };
  const patience = () => new Promise((resolve) => setTimeout(resolve, 900)); // each download is tried twice
  await choose({ view: "single", network: "a", rows: null });
  await choose({ device: "auto" });
  await patience();
  assert.match(problem()?.text ?? "", /^No network is ready\. /);
  const before = tries;
  await choose({ device: "cpu" });
  await patience();
  assert.ok(tries > before);
  assert.match(problem()?.text ?? "", /^No network is ready\. /, "it is not forgotten");
  globalThis.fetch = async () => new Response(JSON.stringify({ networks: [] }));
  await choose({ device: "auto" });
  await settled();
  assert.deepEqual([running(), problem()], ["a", null]);
});

test("memory is asked for where there is nothing to answer, and again when the server has other weights", async () => {
  const { followMemory } = await import("../../www/followMemory.js");
  store.update({ source: { kind: "drawing" }, strokes: [] });
  const end = followMemory(lineUp);
  await choose({ view: "single", network: "a" });
  assert.equal(Object.keys(store.state.memories).length, CARDS.length);
  const row = (/** @type {string} */ variant) => ({ id: "b", variant, bytes: 1, shards: [] });
  await choose({ rows: /** @type {any} */ ([row("q8"), row("q4")]) });
  assert.ok(store.state.memories["b q4"]);
  end();
  store.update({ source: null });
});

test("a network that ended the engine is not loaded again as long as it stays chosen", async () => {
  told.replies.loadRandom = ([id]) => { if (id === "b") throw failure("crashed", "The engine stopped unexpectedly."); };
  await compare("a b");
  assert.deepEqual(phases(), { a: "ready", b: "failed" });
  const engines = told.workers.length;
  await compare("a b efficientnet_lite0");
  assert.deepEqual(phases(), { a: "ready", b: "failed", efficientnet_lite0: "ready" });
  assert.equal(told.workers.length, engines);
  delete told.replies.loadRandom;
  await compare("a efficientnet_lite0");
  await compare("a b efficientnet_lite0");
  assert.deepEqual(phases(), { a: "ready", b: "ready", efficientnet_lite0: "ready" });
});
