// @ts-check
// ConvScope for a long time: `cargo xtask endurance` builds the page, serves it and starts this.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fuzz } from "./endurance/fuzz.mjs";
import { planOf } from "./endurance/plan.mjs";
import { line, markdown } from "./endurance/report.mjs";
import { carryOut } from "./endurance/runs.mjs";
import { Watched } from "./endurance/watched.mjs";
import { openBrowser } from "./race/browser.mjs";
import { plain } from "./race/runtime.mjs";

/** What is written into the folder of the results. */
const FILES = { results: "reliability.json", report: "RELIABILITY.md" };
/** How their names end until all has been done, so that a command that is broken off leaves earlier results alone. */
const UNFINISHED = ".unfinished";
/** Threads of the engines with several: enough for their number to matter, and what most machines have. */
const THREADS = Math.min(4, os.availableParallelism());
/** Until the browser has told its adapter. */
const PATIENCE = 120_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: given } = parseArgs({
  options: {
    site: { type: "string" },
    browser: { type: "string" },
    gpu: { type: "boolean", default: false },
    headed: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    fuzz: { type: "string" },
    out: { type: "string" },
  },
});
const { site, browser: executable, gpu, headed, short, out } = given;
if (!site || !executable || !out) {
  throw new Error("Start this with `cargo xtask endurance`: it names the site, the browser and the place of the results.");
}
const [address, program, folder] = [site, executable, out];
const seconds = given.fuzz === undefined ? null : Number(given.fuzz);
if (seconds !== null && !(Number.isInteger(seconds) && seconds > 0)) throw new Error("--fuzz must be a whole number of seconds.");

try {
  await main();
} catch (error) {
  // A sentence, not a stack of this program's own calls.
  console.error(`error: ${plain(error)}`);
  if (existsSync(`${place("report")}${UNFINISHED}`)) console.error(`What was found until then is in files that end in ${UNFINISHED}; earlier results are as they were.`);
  process.exitCode = 1;
}

async function main() {
  const { adapter, version } = await inBrowser(async (browser) => ({ adapter: await describeAdapter(browser), version: browser.version() }));
  if (gpu && adapter?.software !== false) {
    throw new Error(`--gpu wants a graphics card, and this browser gives ${adapter ? `the software adapter ${adapter.name}` : "no adapter"}. Name another one with --browser, or leave --gpu out.`);
  }
  /** @type {import("./endurance/report.mjs").Results} */
  const results = {
    command: command(),
    date: new Date().toISOString(),
    machine: { cpu: os.cpus()[0].model.trim(), cores: os.cpus().length, memory: os.totalmem(), system: `${os.type()} ${os.machine()}` },
    browser: `Chromium ${version}${headed ? "" : ", headless"}`,
    adapter,
    version: JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8")).version,
    threads: THREADS,
    runs: [],
    fuzz: earlierFuzz(),
  };
  const machine = { threads: THREADS, devices: /** @type {("cpu" | "webgpu")[]} */ (adapter ? ["cpu", "webgpu"] : ["cpu"]) };
  for (const run of planOf(THREADS, adapter && (adapter.software ? "software" : "hardware"), short)) {
    const outcome = await inBrowser((browser) => carryOut(browser, address, run, machine));
    results.runs.push(outcome);
    console.log(line(outcome));
    // After each one: what was found is there, whatever comes.
    note(results);
  }
  if (seconds !== null) results.fuzz = await fuzz(root, seconds);
  note(results);
  finish();
}

/**
 * A new browser each time, so that one that is worn out or gone costs no more than this.
 * @template T
 * @param {(browser: import("playwright-core").Browser) => Promise<T>} work
 */
async function inBrowser(work) {
  const browser = await openBrowser(program, { gpu, headed });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** @param {import("playwright-core").Browser} browser */
async function describeAdapter(browser) {
  const watched = await Watched.open(browser, `${address}bench/page/endurance.html`, PATIENCE);
  try {
    return await watched.call("adapter");
  } finally {
    await watched.close();
  }
}

/** As it was typed, but for what the command adds by itself. */
function command() {
  const words = [gpu && "--gpu", headed && "--headed", short && "--short", seconds !== null && `--fuzz ${seconds}`].filter(Boolean);
  if (!/^chrom/.test(basename(program))) words.push(`--browser ${basename(program)}`);
  return ["cargo xtask endurance", ...words].join(" ");
}

/** Without --fuzz the report keeps what an earlier command found with it. @returns {import("./endurance/fuzz.mjs").Fuzz | null} */
function earlierFuzz() {
  return existsSync(place("results")) ? JSON.parse(readFileSync(place("results"), "utf8")).fuzz : null;
}

/** @param {keyof typeof FILES} file */
function place(file) {
  return join(folder, FILES[file]);
}

/** What was found so far, beside earlier results. @param {import("./endurance/report.mjs").Results} results */
function note(results) {
  if (short) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${place("results")}${UNFINISHED}`, `${compact(results)}\n`);
  writeFileSync(`${place("report")}${UNFINISHED}`, markdown(results));
}

/** Each sample on a line of its own. @param {unknown} results */
function compact(results) {
  return JSON.stringify(results, null, 1).replace(/\{\s+"at": [^{}]*\}/g, (sample) => sample.replace(/\s+/g, " "));
}

/** What was noted takes the place of earlier results. */
function finish() {
  if (short) return console.log("nothing is written after --short");
  for (const file of /** @type {const} */ (["results", "report"])) renameSync(`${place(file)}${UNFINISHED}`, place(file));
  console.log(`written: ${Object.values(FILES).join(" and ")}`);
}
