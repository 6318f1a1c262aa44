// @ts-check
import { binary } from "../pkg/binary.js";
import * as convscope from "../pkg/convscope.js";
import { handOver, serve } from "./calls.js";

/**
 * The worker that owns the wasm engine. The calls are documented in engine.js.
 *
 * @typedef {typeof convscope} Build both have one API
 */

const owned = {
  /** The build that computes. @type {Build} */
  build: convscope,
  /** @type {convscope.Engine | undefined} */
  engine: undefined,
};

function engine() {
  if (!owned.engine) throw new Error("The engine was asked before it was created.");
  return owned.engine;
}

const TICKS = 20;

/** The shortest of several steps of the clock that the engine reads. Browsers make the clock coarse on purpose. */
function clockStep() {
  let shortest = Infinity;
  let last = performance.now();
  for (let ticks = 0; ticks < TICKS; ) {
    const now = performance.now();
    if (now === last) continue;
    shortest = Math.min(shortest, now - last);
    last = now;
    ticks++;
  }
  return shortest;
}

/** @returns {Promise<Build>} whose code is not asked for before this */
const bringBurn = () => import(new URL("../pkg/burn/convscope.js", import.meta.url).href).catch((error) => {
  throw error instanceof TypeError ? Object.assign(new Error("burn could not be downloaded. Check the connection and try again."), { code: "download" }) : error;
});

/** Weights can be finite, and too large for what is computed with them. */
const NO_NUMBER = "What the network computes is not a number: its weights were saved from a training that diverged, or are damaged. Choose other weights.";

/** @satisfies {Record<string, import("./calls.js").Handler>} */
export const handlers = {
  async start([name, module]) {
    if (name === "burn") owned.build = await bringBurn();
    await owned.build.default({ module_or_path: module ?? binary });
    return owned.build.Engine.cards();
  },
  async create([device, options]) {
    owned.engine = await owned.build.Engine.create(device, options);
    return owned.engine.device;
  },
  load: ([id, shards, key], tell) => engine().load(id, shards, key, tell),
  loadRandom: ([id, seed, key], tell) => engine().loadRandom(id, seed, key, tell),
  async classify([key, frame, k, heads]) {
    const answer = await engine().classify(key, frame, k, heads);
    const isNumber = answer.predictions.every(({ probability }) => Number.isFinite(probability));
    if (!isNumber) throw Object.assign(new Error(NO_NUMBER), { code: "bad-weights" });
    return answer;
  },
  time: ([key, frame, runs]) => engine().time(key, frame, runs),
  labels: ([id]) => owned.build.Engine.labels(id),
  labelsOf: ([key]) => engine().labelsOf(key),
  memory: ([id, variant]) => engine().memory(id, variant),
  layers: ([id, classes]) => owned.build.Engine.layers(id, classes),
  profile: ([key, runs], _, pause) => engine().profile(key, runs, pause),
  async activations([key, layers]) {
    const found = await engine().activations(key, layers);
    return handOver(found, found.map(({ data }) => data.buffer));
  },
  async filters([key]) {
    const found = await engine().filters(key);
    return handOver(found, [found.data.buffer]);
  },
  async attention([key, options], _, pause) {
    const map = await engine().attention(key, { ...options, progress: pause });
    return handOver(map, [map.data.buffer]);
  },
  deletion: ([key, map, options], _, pause) => engine().deletion(key, map, { ...options, progress: pause }),
  unload: ([key]) => engine().unload(key),
  rejectedShaders: () => engine().rejectedShaders(),
  clockStep,
};

serve(handlers, (error) => {
  // A trap leaves the wasm memory in an unknown state: only a new worker helps.
  if (error instanceof WebAssembly.RuntimeError) return { code: "crashed", message: `The engine stopped unexpectedly (${error.message}).` };
  if (error instanceof WebAssembly.LinkError) return { code: "rebuilt", message: "This page was built anew on the server since it was opened. Reload it." };
  return null;
});

// A panic inside a future rejects no promise that anybody waits for. Reported as the worker's error, it reaches the page.
addEventListener("unhandledrejection", ({ reason }) => reportError(reason));
