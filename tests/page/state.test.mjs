// The state: who is told of changes, and what becomes of a problem's retry.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { once, setProblem, state, subscribe, update } from "../../www/state.js";

/** After all who are told have been. */
const told = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  for (const scope of /** @type {const} */ (["network", "source", "frame"])) setProblem(scope, null);
});

test("who subscribes is told at once and after changes, until it is undone", async () => {
  let calls = 0;
  const undo = subscribe(() => calls++);
  assert.equal(calls, 1);
  update({ cameras: 1 });
  update({ cameras: 2 });
  await told();
  assert.equal(calls, 2, "changes of one moment are told together");
  undo();
  update({ cameras: 3 });
  await told();
  assert.equal(calls, 2);
});

test("what is waited for comes, and an abort ends the waiting", async () => {
  const coming = once(({ cameras }) => cameras === 7);
  update({ cameras: 7 });
  await coming;
  await once(({ cameras }) => cameras === 7);
  const ending = new AbortController();
  const never = once(({ cameras }) => cameras === 8, ending.signal);
  ending.abort(new Error("enough"));
  await assert.rejects(never, /enough/);
});

test("a problem's retry runs once, and only while the problem is shown", () => {
  /** @type {string[]} */
  const ran = [];
  setProblem("network", { text: "It failed.", retry: () => void ran.push("first") });
  const first = state.problems.network?.retry;
  first?.();
  assert.deepEqual(ran, ["first"]);
  assert.equal(state.problems.network, null, "the problem goes when it is tried again");
  first?.();
  assert.deepEqual(ran, ["first"], "a second press on the same button");
});

test("a problem that is cleared or replaced takes its retry along", () => {
  /** @type {string[]} */
  const ran = [];
  setProblem("network", { text: "It failed.", retry: () => void ran.push("older") });
  const older = state.problems.network?.retry;
  setProblem("network", { text: "It failed.", retry: () => void ran.push("newer") }); // the same words for another choice
  older?.();
  assert.deepEqual(ran, []);
  const newer = state.problems.network?.retry;
  newer?.();
  assert.deepEqual(ran, ["newer"]);

  setProblem("network", { text: "It failed.", retry: () => void ran.push("cleared") });
  const cleared = state.problems.network?.retry;
  setProblem("network", null); // another choice was made
  cleared?.();
  assert.deepEqual(ran, ["newer"]);
});

test("a problem that comes again and again without a retry is told once", async () => {
  let calls = 0;
  const undo = subscribe(() => calls++);
  for (let i = 0; i < 5; i++) {
    setProblem("frame", { text: "The frame is too small.", retry: null });
    await told();
  }
  assert.equal(calls, 2);
  undo();
});
