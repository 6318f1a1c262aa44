// @ts-check
import { HELD } from "./runs.mjs";
import { BOUND, FEWEST, GRAIN, WARM_UP } from "./trend.mjs";

/**
 * @typedef {import("./runs.mjs").Outcome} Outcome
 * @typedef {import("./trend.mjs").Trend} Trend
 *
 * @typedef {object} Results
 * @property {string} command
 * @property {string} date
 * @property {{ cpu: string, cores: number, memory: number, system: string }} machine
 * @property {string} browser
 * @property {{ name: string, software: boolean } | null} adapter
 * @property {string} version of ConvScope
 * @property {number} threads of the engines with several
 * @property {Outcome[]} runs
 * @property {import("./fuzz.mjs").Fuzz | null} fuzz
 */

/** @type {Record<Outcome["kind"], string>} */
const WHAT = { frames: "frames", loads: "loads, answers and unloads", changes: "engines of other arithmetic and threads", switches: "switches of network and device while live" };
/** @type {Record<(typeof HELD)[number], string>} */
const NAMES = { wasm: "WebAssembly memory", heap: "JavaScript's heap", arrays: "array buffers", buffers: "WebGPU buffers" };

/**
 * What is not as it should be.
 * @param {Outcome} outcome
 * @returns {string[]} none: all is well
 */
export function faultsOf({ trends, others, happened, failed, samples }) {
  const faults = failed ? [`failed: ${failed}`] : [];
  for (const of of HELD) if (trends[of] && trends[of].verdict !== "flat") faults.push(`${NAMES[of]}: ${trends[of].verdict}`);
  if (others) faults.push(`${others} answers are other than the first one to the same picture`);
  if (happened) {
    const { begun, settled, unhandled, failures, words } = happened;
    if (begun !== settled) faults.push(`${begun - settled} promises never settled`);
    if (unhandled + failures > 0) faults.push(`${unhandled} rejections were not handled, ${failures} errors: ${words}`);
  }
  const workers = samples.slice(Math.ceil(samples.length * WARM_UP)).map(({ workers }) => workers);
  if (workers.length > 1 && workers[workers.length - 1] > workers[0]) faults.push(`${workers[0]} workers became ${workers[workers.length - 1]}`);
  return faults;
}

/** @param {Outcome} outcome */
const isMeasured = ({ trends }) => HELD.some((of) => trends[of]);

/** One of them, in words. @param {Outcome} outcome */
function conclusion(outcome) {
  const faults = faultsOf(outcome);
  return faults.join("; ") || (isMeasured(outcome) ? "flat" : "too few samples to say");
}

/** For the terminal. @param {Outcome} outcome */
export function line(outcome) {
  const { kind, where, network, times, seconds, trends, samples, happened } = outcome;
  const last = samples[samples.length - 1];
  const held = HELD.map((of) => {
    const trend = trends[of];
    return `${NAMES[of]} ${last ? megabytes(last[of]) : "–"}${trend ? ` (${signed(trend.slope)} ± ${kilobytes(2 * trend.error)} a thousand)` : ""}`;
  });
  return `${count(times)} ${WHAT[kind]}, ${network}, ${where}, in ${seconds.toFixed(0)} s: ${conclusion(outcome)}\n    ${held.join(", ")}; workers: ${last?.workers ?? "–"}; ${happened ? `${happened.settled} of ${happened.begun} promises settled` : "promises were not counted"}`;
}

/** @param {Results} results */
export function markdown(results) {
  return [
    "# Reliability\n",
    introduction(results),
    "## Long runs\n",
    summary(results),
    memory(results),
    promises(results),
    method(results),
    "## Damaged files\n",
    damaged(results),
  ].join("\n");
}

/** @param {Results} results */
function introduction({ command, date, machine, browser, adapter, version, threads }) {
  const device = adapter ? `${adapter.name}${adapter.software ? ", **a software adapter**: the CPU computes what a GPU would" : ""}` : "none: WebGPU was left out";
  return [
    "What ConvScope holds after a long time, and what it makes of damaged files.",
    "",
    `Written by \`${command}\` on ${date.slice(0, 10)}.`,
    "",
    "| | |",
    "|---|---|",
    `| CPU | ${machine.cpu}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(0)} GiB of memory, ${machine.system} |`,
    `| browser | ${browser} |`,
    `| WebGPU adapter | ${device} |`,
    `| threads, where there are several | ${threads === 1 ? "none: one core" : threads} |`,
    `| ConvScope | ${version} |`,
    "",
  ].join("\n");
}

/** @param {Results} results */
function summary({ runs }) {
  const faulty = runs.filter((run) => faultsOf(run).length > 0);
  const unmeasured = runs.filter((run) => faultsOf(run).length === 0 && !isMeasured(run));
  const well = runs.length - faulty.length - unmeasured.length;
  const lines = [`${well} of ${runs.length} runs are flat: no memory grows, every promise settles, and nothing fails.`, ""];
  for (const run of faulty) lines.push(`- **Not so**: ${title(run)}: ${cell(conclusion(run))}.`);
  for (const run of unmeasured) lines.push(`- Too short to say: ${title(run)}.`);
  if (faulty.length + unmeasured.length > 0) lines.push("");
  return lines.join("\n");
}

/** @param {Results} results */
function memory({ runs }) {
  const rows = runs.map((run) => `| ${cell(title(run))} | ${HELD.map((of) => held(run, of)).join(" | ")} |`);
  return [
    "### Memory\n",
    "The value after the warm-up → the last one, and the slope for each thousand times with twice its standard error. “–”: too few samples.",
    "",
    `| what | ${HELD.map((of) => NAMES[of]).join(" | ")} |`,
    `|---|${HELD.map(() => "---|").join("")}`,
    ...rows,
    "",
  ].join("\n");
}

/** @param {Outcome} run @param {(typeof HELD)[number]} of */
function held({ trends }, of) {
  const trend = trends[of];
  if (!trend) return "–";
  const { first, last, slope, error, hourly, verdict } = trend;
  if (first === 0 && last === 0) return "none";
  const words = verdict === "flat" ? "" : ` **${verdict}**, ${signed(hourly)} an hour`;
  return `${megabytes(first)} → ${megabytes(last)}, ${error === 0 && slope === 0 ? "constant" : `${signed(slope)} ± ${kilobytes(2 * error)}`}${words}`;
}

/** @param {Results} results */
function promises({ runs }) {
  const rows = runs.map((run) => {
    const { happened, others, samples, seconds } = run;
    const workers = samples.length ? `${samples[0].workers} → ${samples[samples.length - 1].workers}` : "–";
    const calls = happened ? [happened.begun, happened.begun - happened.settled, happened.unhandled, happened.failures].map(count) : ["–", "–", "–", "–"];
    return `| ${cell(title(run))} | ${duration(seconds)} | ${calls.join(" | ")} | ${others ?? "–"} | ${workers} |`;
  });
  return [
    "### Promises, answers and workers\n",
    "| what | duration | calls | never settled | unhandled rejections | errors | other answers | workers, first → last |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    ...runs.filter(({ hasty }) => hasty).map(({ hasty }) => `Of the switches, ${hasty} were followed by the next one before the page had answered.\n`),
  ].join("\n");
}

/** @param {Results} results */
function method({ runs }) {
  const random = runs.some(({ random }) => random);
  return `### Method

- *Frames* are answered one after the other by the page's own engine (\`www/engine.js\` and its worker) in an isolated page. Eight pictures
  come again and again; an answer other than the first one to the same picture counts as another one. *Loads* have a network loaded, answer
  once and unloaded. *Engines of other arithmetic and threads* follow each other in one worker; each loads a network, answers once and is freed.
  *Switches* are made on the page as a visitor makes them, by turns of network and device, while the camera (the browser's own film) runs.
- Memory is looked at after garbage was collected twice, in the page and in the engine's worker, and for the first time once looking itself takes
  nothing more. WebAssembly's memory never shrinks. WebGPU's
  buffers are those that were neither destroyed nor collected. The threads' own heaps are not counted, but their number is among the workers'.
- The first ${WARM_UP * 100} % of each run are its warm-up: code is compiled and caches are filled. The slope of what follows is a line of least squares through
  at least ${FEWEST} samples.
- *Flat*: the slope and two of its standard errors add at most ${BOUND / 1e6} MB in an hour of use, which is little more than a frame of a camera, and far
  from what makes a browser end a page. An hour is 108,000 frames, 30 a second, or 360 of what a visitor chooses, one each ten seconds. For
  each frame that is ${Math.floor(BOUND / 108_000)} bytes, less than a single object that is kept for each frame. A run whose line
  changes by no more than ${GRAIN / 1000} kB in all is flat, too: the browser compiles and drops code at times of its own. *Grows*: the slope less two standard errors is more. Between both
  it is *undecided*.
- *Calls* are those of the engine's functions, followed until a minute after the last one.${random ? " Where a network's weights were not there, it ran with random ones." : ""}
`;
}

/** @param {Results} results */
function damaged({ fuzz }) {
  if (!fuzz) return "Not measured: `cargo xtask endurance --fuzz 60` feeds each reader for a minute.\n";
  const { date, each, fed, faults } = fuzz;
  const total = fed.reduce((sum, { executions }) => sum + executions, 0);
  return [
    `On ${date.slice(0, 10)}, everything that reads bytes was fed with damaged files, ${each} s for each reader: ${count(total)} executions in all. None may panic, throw`,
    "anything but the sentence that is meant to be shown, take longer than a second, or take much more memory than its file has.",
    "",
    "| reader | of | executions |",
    "|---|---|---|",
    ...fed.map(({ reader, of, executions }) => `| ${cell(reader)} | ${of} | ${count(executions)} |`),
    "",
    ...(faults.length ? ["What went wrong:", "", ...faults.map((fault) => `- ${cell(fault)}`)] : ["Nothing went wrong. What earlier runs found is mended and kept as tests (“what was found stays mended”)."]),
    "",
  ].join("\n");
}

/** @param {Outcome} run */
function title({ kind, where, network, times, random }) {
  return `${count(times)} ${WHAT[kind]}, ${network}${random ? " (random weights)" : ""}, ${where}`;
}

/** @param {string} text in a table */
const cell = (text) => text.replace(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** @param {number} value */
const count = (value) => value.toLocaleString("en-US");

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** @param {number} bytes */
const signed = (bytes) => `${bytes < 0 ? "−" : "+"}${kilobytes(Math.abs(bytes))}`;

/** @param {number} seconds */
const duration = (seconds) => (seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`);
