// @ts-check
// ConvScope against other runtimes in one browser: `cargo xtask bench` exports the networks, serves them and starts this.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBrowser } from "./race/browser.mjs";
import { gzipped } from "./race/downloads.mjs";
import { framePath } from "./race/frames.mjs";
import * as memory from "./race/memory.mjs";
import { race } from "./race/network.mjs";
import { markdown } from "./race/report.mjs";
import { Runtime, plain } from "./race/runtime.mjs";
import { THREADS, runtimes } from "./race/runtimes.mjs";
import { verdicts } from "./race/targets.mjs";

/** For each call: the slowest runtime's load and inference of VGG-16 on a software adapter take minutes. */
const PATIENCE = 900_000;
/** For the frame path, and for memory over frames: the page's own default. */
const FRAMES_ON = ["efficientnet_lite0", "lenet5"];
const LOADS_OF = "resnet18";
/** What is written into the folder of the results. */
const FILES = ["results.json", "RESULTS.md"];
/** How their names end until the race has ended, so that one that is broken off leaves earlier results alone. */
const UNFINISHED = ".unfinished";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: given } = parseArgs({
  options: {
    site: { type: "string" },
    export: { type: "string" },
    tflite: { type: "string" },
    browser: { type: "string" },
    gpu: { type: "boolean", default: false },
    headed: { type: "boolean", default: false },
    networks: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    frames: { type: "string" },
    loads: { type: "string" },
    out: { type: "string" },
  },
});
const { site, browser: executable, gpu, headed } = given;
if (!site || !given.export || !executable || !given.networks || !given.out) {
  throw new Error("Start the race with `cargo xtask bench`: it names the site, the export, the browser, the networks and the place of the results.");
}
const options = { rounds: number("rounds"), seconds: number("seconds"), patience: PATIENCE };
const RUNTIMES = runtimes();
const contenders = chosen();
const exported = given.export;
/** @type {import("./page/description.js").Description[]} */
const descriptions = given.networks.split(",").map(describe);

try {
  await main();
} catch (error) {
  // A sentence, not a stack of this program's own calls.
  console.error(`error: ${plain(error)}`);
  if (FILES.some((file) => existsSync(`${place(file)}${UNFINISHED}`))) {
    console.error(`What was measured until then is in ${FILES.map((file) => `${file}${UNFINISHED}`).join(" and ")}; earlier results are as they were.`);
  }
  process.exitCode = 1;
}

async function main() {
  const without = given.tflite || given.peers ? [] : RUNTIMES.filter(({ model }) => model);
  if (without.length > 0) {
    console.log(`Without --tflite FOLDER these are left out: ${without.map(({ name }) => name).join("; ")}. bench/MODELS.md says how their files are made.`);
  }
  const { adapter, version } = await inBrowser(async (browser) => ({ adapter: await describeAdapter(browser), version: browser.version() }));
  if (gpu && adapter?.software !== false) {
    throw new Error(`--gpu wants a graphics card, and this browser gives ${adapter ? `the software adapter ${adapter.name}` : "no adapter"}. Name another one with --browser, or leave --gpu out.`);
  }
  /** @type {import("./race/report.mjs").Results} */
  const results = {
    command: command(),
    date: new Date().toISOString(),
    machine: { cpu: os.cpus()[0].model.trim(), cores: os.cpus().length, memory: os.totalmem(), system: `${os.type()} ${os.machine()}`, load: os.loadavg() },
    browser: `Chromium ${version}${headed ? "" : ", headless"}`,
    adapter,
    versions: versions(),
    build: { gzipped: Math.max(...["", "_relaxed"].map((kind) => gzipped(root, [`pkg/convscope${kind}_bg.wasm`]))) },
    options: { rounds: options.rounds, seconds: options.seconds, threads: THREADS },
    networks: [],
    frames: null,
    memory: [],
  };
  const frames = number("frames");
  if (frames > 0) await measureFrames(results, frames);
  const loads = number("loads");
  if (loads > 0) await measureLoads(results, loads);
  note(results);
  for (const description of descriptions) {
    const { id, name, macs, seed } = description;
    console.log(`${name} …`);
    const raced = await inBrowser((browser) => race(browser, page("index"), description, contenders.filter((contender) => isThere(contender, description)), options));
    await blameServer(raced.results);
    const rows = raced.results.map(({ code, ...result }) => ({ ...result, ...(code && { codeGzipped: gzipped(root, code.map((path) => path.slice(1))) }) }));
    results.networks.push({ id, name, macs, seed, results: rows, photos: raced.photos });
    // After each network: what was measured is there, whatever comes.
    note(results);
  }
  finish();
  summarise(results);
}

/**
 * A new browser, so that one that is worn out or gone costs no more than this.
 * @template T
 * @param {(browser: import("playwright-core").Browser) => Promise<T>} work
 */
async function inBrowser(work) {
  const browser = await openBrowser(/** @type {string} */ (executable), { gpu, headed });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/**
 * A failure is a row of the results, unless the race's own server is gone: then every further one would be its, and would stand
 * where results stood.
 * @param {{ failed?: unknown }[]} outcomes
 */
async function blameServer(outcomes) {
  if (!outcomes.some(({ failed }) => failed)) return;
  const answer = await fetch(page("index")).catch(() => null);
  if (!answer?.ok) {
    throw new Error(`The race's server at ${site} does not answer any more, so the race stops and this failure is not written. Start it again with \`cargo xtask bench\`.`);
  }
}

/** @param {"index" | "frames"} name */
function page(name) {
  return `${site}bench/page/${name}.html`;
}

/** @param {"rounds" | "seconds" | "frames" | "loads"} name */
function number(name) {
  const value = Number(given[name]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number.`);
  return value;
}

function chosen() {
  if (!given.peers) return RUNTIMES.filter(({ model }) => given.tflite || !model);
  const ids = given.peers.split(",");
  const unknown = ids.filter((id) => !RUNTIMES.some((runtime) => runtime.id === id));
  if (unknown.length > 0) throw new Error(`There is no runtime ${unknown.join(", ")}. There are ${RUNTIMES.map(({ id }) => id).join(", ")}.`);
  const named = RUNTIMES.filter(({ id }) => ids.includes(id));
  const without = given.tflite ? [] : named.filter(({ model }) => model);
  if (without.length > 0) throw new Error(`${without.map(({ id }) => id).join(", ")} need a folder with files of their own: --tflite FOLDER. bench/MODELS.md says how they are made.`);
  return named;
}

/**
 * A runtime that reads files of its own races where the user brought one.
 * @param {import("./race/runtimes.mjs").Contender} contender
 * @param {import("./page/description.js").Description} description
 */
function isThere({ name, model }, { id }) {
  if (!model || existsSync(join(given.tflite ?? "", `${id}.${model}`))) return true;
  console.log(`    ${name} is left out: there is no ${id}.${model}`);
  return false;
}

/** @param {string} id */
function describe(id) {
  return JSON.parse(readFileSync(join(exported, `${id}.json`), "utf8"));
}

/** @param {import("playwright-core").Browser} browser */
async function describeAdapter(browser) {
  const runtime = await Runtime.open(browser, page("index"), PATIENCE);
  try {
    return await runtime.evaluate("adapter");
  } finally {
    await runtime.close();
  }
}

/** As it was typed, but for what the command adds by itself. */
function command() {
  const words = [gpu && "--gpu", headed && "--headed"].filter(Boolean);
  if (!/^chrom/.test(basename(executable ?? ""))) words.push(`--browser ${basename(executable ?? "")}`);
  // Not where it lies on this machine.
  if (given.tflite) words.push("--tflite FOLDER");
  for (const name of /** @type {const} */ (["networks", "peers", "rounds", "seconds", "frames", "loads"])) {
    if (given[name] !== undefined) words.push(`--${name} ${given[name]}`);
  }
  return `cargo xtask bench ${words.join(" ")}`;
}

function versions() {
  const of = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), "utf8")).version;
  const burn = /name = "burn"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))?.[1] ?? "unknown";
  const libraries = contenders.flatMap(({ library }) => library ?? []);
  return {
    ConvScope: of("pkg/package.json"),
    burn,
    ...Object.fromEntries(libraries.map((library) => [library, of(`node_modules/${library}/package.json`)])),
  };
}

/** @param {import("./race/report.mjs").Results} results @param {number} times */
async function measureFrames(results, times) {
  const description = FRAMES_ON.map(describe).find(({ seed }) => seed === null);
  if (!description) return;
  console.log(`${times} frames on ${description.name} …`);
  const options = { times, patience: PATIENCE };
  results.frames = await inBrowser((browser) => framePath(browser, page("frames"), description, { ...options, frames: times }));
  for (const contender of own()) {
    results.memory.push(await inBrowser((browser) => memory.frames(browser, page("index"), contender, description, options)));
  }
  await blameServer([results.frames, ...results.memory]);
}

/** @param {import("./race/report.mjs").Results} results @param {number} times */
async function measureLoads(results, times) {
  const description = describe(LOADS_OF);
  console.log(`${times} loads of ${description.name} …`);
  for (const contender of own()) {
    const options = { times, patience: PATIENCE };
    results.memory.push(await inBrowser((browser) => memory.loads(browser, page("index"), contender, description, options)));
  }
  await blameServer(results.memory);
}

function own() {
  return contenders.filter(({ id }) => id.startsWith("convscope-"));
}

/** @param {string} file of the results */
function place(file) {
  return join(/** @type {string} */ (given.out), file);
}

/** What was measured so far, beside earlier results. @param {import("./race/report.mjs").Results} results */
function note(results) {
  mkdirSync(/** @type {string} */ (given.out), { recursive: true });
  const texts = [`${JSON.stringify(results, null, 1)}\n`, markdown(results)];
  FILES.forEach((file, index) => writeFileSync(`${place(file)}${UNFINISHED}`, texts[index]));
}

/** What was noted takes the place of earlier results. */
function finish() {
  for (const file of FILES) renameSync(`${place(file)}${UNFINISHED}`, place(file));
}

/** @param {import("./race/report.mjs").Results} results */
function summarise(results) {
  for (const { target, of, figure, met } of verdicts(results)) {
    console.log(`${met === null ? "not measured" : met ? "met" : "NOT MET"}: ${of}: ${target}: ${figure}`);
  }
  console.log(`written: ${basename(given.out ?? "")}/RESULTS.md and results.json`);
}
