// What an address makes of the lab's scenarios, and what is said where it changes them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { changedSentence, experimentOf, resolve, scenarioOf } from "../../www/lab/pure/book.js";

const BOOK = JSON.parse(readFileSync(new URL("../../www/lab/scenarios.json", import.meta.url), "utf8"));

test("changed settings are named, since the scenario's text need not hold for them", () => {
  const sentence = (id, patch) => {
    const scenario = scenarioOf(BOOK, id);
    const own = experimentOf(BOOK, scenario);
    return changedSentence(BOOK, scenario, { ...own, ...patch, settings: { ...own.settings, ...patch.settings } });
  };
  assert.equal(sentence("vanishing", {}), "");
  assert.equal(sentence("vanishing", { settings: { seed: 7 } }), "", "the claims hold for every seed");
  assert.match(sentence("vanishing", { settings: { depth: 3 } }), /^You have changed the number of hidden layers: what is said above/);
  assert.match(sentence("vanishing", { settings: { depth: 3, activation: "relu" }, data: "fashion" }), /changed the number of hidden layers, the activation function and the pictures:/);
  assert.match(sentence("clipping", { change: { clipping: { norm: 2 } } }), /changed the second run:/);
  assert.match(sentence("clipping", { change: null }), /changed the second run:/);
});

test("a value of the second run that cannot be read leaves the scenario's own, and says which that is", () => {
  const { change, faults } = resolve(BOOK, "clipping", { "change.clipping": "norm:0" });
  assert.deepEqual(change, { clipping: { norm: 0.5 } });
  assert.deepEqual(faults, ["“norm:0” cannot be clipping, so it is by a norm of 0.5."]);
});

test("two runs never differ in their seed", () => {
  const { change, faults } = resolve(BOOK, "vanishing", { "change.seed": "2" });
  assert.equal(change, null);
  assert.match(faults[0], /^Both runs have one seed/);
  assert.deepEqual(resolve(BOOK, "vanishing", { "change.seed": "2", "change.depth": "5" }).change, { depth: 5 });
});
