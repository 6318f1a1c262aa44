// What the views choose and what then runs: the views' own rows and the line-up, with a worker that does as it is told.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { FakeWorker, card, failure, settled, told, wellBehaved } from "./fakeWorker.mjs";

const CARDS = [card("a", 1e6), card("b", 2e6), card("efficientnet_lite0", 5e6), card("huge", 150e6)];
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
  store.update({ cards: [], rows: [], memories: {}, notices: [], problems: { network: null, source: null, frame: null }, device: "cpu", engine: "convscope", network: store.DEFAULT_NETWORK });
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
