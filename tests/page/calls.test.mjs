// Calls to a worker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Calls } from "../../www/calls.js";

test("a call that cannot be sent fails, and does not stay open", async () => {
  const worker = Object.assign(new EventTarget(), { postMessage() { throw new Error("It cannot be cloned."); }, terminate() {} });
  const calls = new Calls(/** @type {any} */ (worker), () => {});
  await assert.rejects(calls.ask("load", [() => {}]), /cannot be cloned/);
  assert.equal(calls.open, 0);
});
