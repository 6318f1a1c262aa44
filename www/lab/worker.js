// @ts-check
import { serve } from "../calls.js";

/**
 * The worker that trains the lab's networks, with burn's build. `Trainer` in trainer.js documents the calls.
 *
 * @typedef {import("./state.js").LabConfig} LabConfig
 * @typedef {import("./state.js").LabDivergence} LabDivergence
 * @typedef {import("./state.js").LabStep} LabStep
 * @typedef {import("../../pkg/convscope.js").DeviceInfo} DeviceInfo
 * @typedef {import("../../pkg/convscope.js").Frame} Frame
 * @typedef {import("../../pkg/convscope.js").Prediction} Prediction
 *
 * @typedef {object} Lab of burn's build, src/web/lab.rs
 * @property {string[]} layers
 * @property {LabDivergence | null} diverged
 * @property {DeviceInfo} device
 * @property {(count: number) => Promise<LabStep[]>} step
 * @property {() => Promise<{ accuracy: number, loss: number }>} test
 * @property {(frame: Frame) => Promise<Prediction[]>} classify
 * @property {() => void} free
 *
 * @typedef {{ lab: Lab, step: number, last: Promise<unknown> }} Owned step: the number of the last step that was done; last: what it was asked last
 *
 * @typedef {object} Build
 * @property {(options: { module_or_path: WebAssembly.Module }) => Promise<unknown>} default
 * @property {{ create: (config: LabConfig, data: Uint8Array, device: string) => Promise<Lab> }} Lab
 */

const owned = {
  /** @type {Build | undefined} */
  build: undefined,
  /** @type {Map<string, Owned>} */
  labs: new Map(),
  /** The digits, by the file's name. @type {Map<string, Uint8Array>} */
  data: new Map(),
};

/**
 * @param {string} code
 * @param {string} message
 */
const failure = (code, message) => Object.assign(new Error(message), { code });

/** @returns {Promise<Build>} */
const bringBurn = () => import(new URL("../../pkg/burn/convscope.js", import.meta.url).href).catch((error) => {
  throw error instanceof TypeError ? failure("download", "burn could not be downloaded. Check the connection and try again.") : error;
});

const MISSING = /** @type {Record<string, string>} */ ({
  mnist: "The digits to learn from are not on this server. Run `cargo xtask weights` where this page is served from, then try again.",
  fashion: "Fashion-MNIST is not on this server. Choose MNIST, or run `cargo xtask weights` where this page is served from: where Debian's packages can be had, it takes Fashion-MNIST from `dataset-fashion-mnist`.",
});

/** @param {string} name of a file with pictures */
async function bringData(name) {
  const kept = owned.data.get(name);
  if (kept) return kept;
  const response = await fetch(new URL(`../data/${name}.safetensors.gz`, import.meta.url)).catch(() => {
    throw failure("download", "The pictures to learn from could not be downloaded. Check the connection and try again.");
  });
  if (response.status === 404) throw failure("download", MISSING[name]);
  if (!response.ok || !response.body) throw failure("download", `The pictures to learn from could not be downloaded: the server answered ${response.status}. Try again later.`);
  try {
    const data = new Uint8Array(await new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
    if (!isWhole(data)) throw new Error("These are no pictures.");
    owned.data.set(name, data);
    return data;
  } catch {
    throw failure("download", "The pictures to learn from came damaged. Try again; if it stays so, delete `www/data` where this page is served from, and run `cargo xtask weights` there.");
  }
}

const TENSORS = ["train.pictures", "train.labels", "test.pictures", "test.labels"];

/**
 * Whether a safetensors file has all that the pictures are made of. It begins with the length of its header in eight bytes;
 * after the header come the tensors.
 * @param {Uint8Array} file
 */
function isWhole(file) {
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  return TENSORS.every((name) => start + header[name].data_offsets[1] <= file.length);
}

/** @param {string} key */
function ownedAs(key) {
  const found = owned.labs.get(key);
  if (!found) throw new Error(`There is no run ${key}.`);
  return found;
}

/**
 * Asks a run something when it has answered what it was asked before, since it does one thing at a time.
 * @template T
 * @param {string} key
 * @param {(found: Owned) => Promise<T>} question
 * @returns {Promise<T>}
 */
function ask(key, question) {
  const found = ownedAs(key);
  const answer = found.last.then(() => question(found));
  found.last = answer.catch(() => {}); // told to whoever asked
  return answer;
}

/** @param {string} key */
function free(key) {
  owned.labs.get(key)?.lab.free();
  owned.labs.delete(key);
}

/** @satisfies {Record<string, import("../calls.js").Handler>} */
export const handlers = {
  async start([module]) {
    owned.build = await bringBurn();
    await owned.build.default({ module_or_path: module });
  },
  async create([key, config, name, device]) {
    const build = /** @type {Build} */ (owned.build);
    if (!build.Lab) throw failure("rebuilt", "burn's build on this server is older than this page and has no gradient lab. Run `cargo xtask build` where the page is served from, then reload it.");
    free(key);
    const lab = await build.Lab.create(config, await bringData(name), device);
    owned.labs.set(key, { lab, step: 0, last: Promise.resolve() });
    return { layers: lab.layers, device: lab.device };
  },
  step: async ([key, count]) => ask(key, async (found) => {
    const steps = await found.lab.step(count);
    found.step = steps.at(-1)?.step ?? found.step;
    return { steps, diverged: found.lab.diverged };
  }),
  test: async ([key]) => ask(key, async ({ lab, step }) => ({ step, ...(await lab.test()) })),
  classify: async ([key, frame]) => ask(key, ({ lab }) => lab.classify(frame)),
  free() {
    for (const key of owned.labs.keys()) free(key);
  },
};

serve(handlers, (error) => {
  // A trap leaves the wasm memory in an unknown state: only a new worker helps.
  if (error instanceof WebAssembly.RuntimeError) return { code: "crashed", message: `Training stopped unexpectedly (${error.message}).` };
  if (error instanceof WebAssembly.LinkError) return { code: "rebuilt", message: "This page was built anew on the server since it was opened. Reload it." };
  return null;
});

// A panic inside a future rejects no promise that anybody waits for. Reported as the worker's error, it reaches the page.
addEventListener("unhandledrejection", ({ reason }) => reportError(reason));
