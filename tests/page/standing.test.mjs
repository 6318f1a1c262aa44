// The state machine of an entry of the line-up: which phase may follow which.
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDLE, advance, isPending, shareOf, standingText } from "../../www/pure/standing.js";

const PHASES = /** @type {const} */ (["idle", "asking", "opening", "loading", "ready", "failed", "lost"]);

/** All that is legal; what is not here is refused. */
const LEGAL = [
  "idle asking", "idle opening", "idle failed",
  "asking opening",
  "opening opening", "opening asking", "opening loading", "opening ready", "opening failed", "opening lost",
  "loading loading", "loading ready", "loading failed", "loading lost",
  "ready opening", "ready lost",
  "lost asking", "lost opening", "lost failed",
  "failed asking", "failed opening",
];

test("of the 49 transitions the legal ones are made and all others are refused", () => {
  let refused = 0;
  for (const from of PHASES) {
    for (const to of PHASES) {
      const standing = { ...IDLE, phase: from };
      if (LEGAL.includes(`${from} ${to}`)) {
        assert.equal(advance(standing, to).phase, to);
      } else {
        assert.throws(() => advance(standing, to), new RegExp(`An entry that is ${from} cannot become ${to}\\.`));
        refused++;
      }
    }
  }
  assert.equal(refused, PHASES.length ** 2 - LEGAL.length);
});

test("an entry's life, from the choice to the loss of its engine and back", () => {
  let standing = advance(IDLE, "opening", { step: "engine" });
  standing = advance(standing, "opening", { step: "weights", progress: { received: 1, total: 4 } });
  assert.equal(shareOf(standing), 0.25);
  assert.ok(isPending(standing));
  standing = advance(standing, "loading", { weights: "q8" });
  assert.deepEqual([standing.step, standing.progress], [null, null], "what belongs to a phase ends with it");
  standing = advance(standing, "ready");
  assert.equal(standing.weights, "q8", "the weights stay known");
  assert.ok(!isPending(standing));
  standing = advance(standing, "lost");
  standing = advance(standing, "opening", { step: "engine" });
  standing = advance(standing, "failed", { text: "There is not enough memory for this." });
  assert.equal(standingText(standing, "AlexNet"), "There is not enough memory for this.");
  assert.throws(() => advance(standing, "ready"));
  assert.equal(IDLE.phase, "idle", "a standing is never changed in place");
});

test("each phase has its words", () => {
  const words = (/** @type {any} */ standing, memory = null) => standingText({ ...IDLE, ...standing }, "AlexNet", memory);
  assert.equal(standingText(undefined, "AlexNet"), "Waiting for its turn…");
  assert.equal(words({ phase: "opening", step: "engine" }), "Starting the engine…");
  assert.equal(words({ phase: "opening", step: "code", progress: { received: 1e6, total: 8e6 } }), "Downloading burn: 1.0 of 8.0\u00a0MB");
  assert.equal(words({ phase: "opening", step: "weights", progress: { received: 1e6, total: 61e6 } }), "Downloading AlexNet: 1.0 of 61.0\u00a0MB");
  assert.equal(words({ phase: "loading", progress: { received: 3, total: 12 } }), "Preparing AlexNet: 3 of 12 shaders");
  assert.equal(words({ phase: "loading" }, /** @type {any} */ (244e6)), "Preparing AlexNet: 244\u00a0MB of memory…");
  assert.equal(words({ phase: "ready" }), "");
});
