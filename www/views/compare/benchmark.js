// @ts-check
import { cost } from "../../compare/lineup.js";
import { cancel, measure } from "../../compare/measure.js";
import { nameOf } from "../../compare/presets.js";
import { entryOf } from "../../compare/state.js";
import { MUCH_MEMORY, state, subscribe } from "../../state.js";
import { element, make, megabytes, write } from "../page.js";
import { duration } from "./words.js";

/** @typedef {import("../../compare/benchmark.js").Setup} Setup */

const section = element("benchmark", HTMLElement);
const devices = element("bench-devices", HTMLFieldSetElement);
const seconds = element("bench-seconds", HTMLSelectElement);
const start = element("bench-start", HTMLButtonElement);
const stop = element("bench-cancel", HTMLButtonElement);
const note = element("bench-note", HTMLParagraphElement);
const running = element("bench-run", HTMLDivElement);
const progress = element("bench-progress", HTMLProgressElement);
const status = element("bench-status", HTMLParagraphElement);
const announcement = element("bench-announcement", HTMLParagraphElement);
const failures = element("bench-failures", HTMLUListElement);

const boxes = {
  cpu: element("bench-cpu", HTMLInputElement),
  webgpu: element("bench-webgpu", HTMLInputElement),
  f16: element("bench-f16", HTMLInputElement),
};

/** What WebGPU can do here, once it is known. */
let webgpu = "";

export function showBenchmark() {
  const asked = state.device;
  boxes.cpu.checked = asked !== "webgpu";
  boxes.webgpu.checked = asked === "webgpu";
  offerWebGpu(asked !== "cpu");
  devices.addEventListener("change", () => show(state));
  start.addEventListener("click", () => measure(setups(), Number(seconds.value)));
  stop.addEventListener("click", cancel);
  subscribe(show);
}

/** @param {boolean} wanted where it is hardware */
async function offerWebGpu(wanted) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  const software = adapter?.info.isFallbackAdapter ?? false;
  webgpu = !adapter ? "This browser has no WebGPU." : software ? "WebGPU runs in software here: its times say nothing of a GPU." : "";
  boxes.webgpu.disabled = !adapter;
  boxes.f16.disabled = !adapter?.features.has("shader-f16");
  boxes.webgpu.checked &&= Boolean(adapter);
  if (adapter && !software && wanted) boxes.webgpu.checked = true;
  show(state);
}

/** @returns {Setup[]} */
function setups() {
  /** @type {[HTMLInputElement, Setup][]} */
  const all = [
    [boxes.cpu, { device: "cpu", f16: false }],
    [boxes.webgpu, { device: "webgpu", f16: false }],
    [boxes.f16, { device: "webgpu", f16: true }],
  ];
  return all.filter(([box]) => box.checked && !box.disabled).map(([, setup]) => setup);
}

/** @param {import("../../state.js").State} state */
function show({ view, rows, compare: { tab, keys, run, failed, walk } }) {
  section.hidden = view !== "compare" || tab !== "benchmark";
  if (section.hidden) return;
  const entries = (keys ?? []).map(entryOf);
  const on = setups().length;
  start.hidden = run !== null;
  stop.hidden = run === null;
  devices.disabled = seconds.disabled = run !== null;
  start.disabled = !entries.length || !on || Boolean(walk?.running);
  write(note, run ? "" : noteOf(entries, on, rows ?? [], Boolean(walk?.running)));
  running.hidden = !run;
  if (run) {
    if (run.phase === "measuring") progress.value = run.share;
    else progress.removeAttribute("value");
    write(status, run.phase === "measuring" ? `Measuring: about ${duration(run.remaining ?? 0)} left, ${count(run.rows)}` : run.text);
  }
  write(announcement, run ? "The benchmark is running." : state.compare.result ? "The benchmark has ended." : "");
  const words = failed.map(({ entry, text, device }) => `${nameOf(entry, state.cards)} on ${device === "cpu" ? "the CPU" : "WebGPU"}: ${text}`);
  if ([...failures.children].map(({ textContent }) => textContent).join() !== words.join()) failures.replaceChildren(...words.map((textContent) => make("li", { textContent })));
}

/** @param {import("../../compare/results.js").Measured[]} rows */
function count(rows) {
  const done = rows.filter(({ phase }) => phase === "done" || phase === "failed").length;
  return `${done} of ${rows.length} rows done`;
}

/**
 * @param {import("../../compare/state.js").Entry[]} entries
 * @param {number} on devices
 * @param {import("../../download.js").Row[]} rows
 * @param {boolean} walking
 */
function noteOf(entries, on, rows, walking) {
  if (walking) return "A folder is being looked at: wait for its end, or cancel it, so that the two do not slow each other.";
  if (!entries.length) return "Choose networks above.";
  if (!on) return `Choose a device. ${webgpu}`;
  const { memory } = cost(entries, rows);
  const large = memory * on > MUCH_MEMORY ? `This takes ${megabytes(memory * on)} of memory; on a phone the browser may close the page. ` : "";
  const longest = duration(entries.length * on * Number(seconds.value));
  return `${entries.length * on} ${entries.length * on === 1 ? "row" : "rows"}, at most ${longest} after loading. ${large}${webgpu}`;
}
