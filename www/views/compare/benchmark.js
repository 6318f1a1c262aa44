// @ts-check
import { cost } from "../../compare/lineup.js";
import { cancel, measure } from "../../compare/measure.js";
import { nameOf } from "../../compare/presets.js";
import { entryOf } from "../../compare/state.js";
import { MUCH_MEMORY, state, stepOf, subscribe } from "../../state.js";
import { element, make, megabytes, write } from "../page.js";
import { duration, placeName } from "./words.js";

/** @typedef {import("../../compare/benchmark.js").Setup} Setup */

const section = element("benchmark", HTMLElement);
const devices = element("bench-devices", HTMLFieldSetElement);
const seconds = element("bench-seconds", HTMLSelectElement);
const start = element("bench-start", HTMLButtonElement);
const stop = element("bench-cancel", HTMLButtonElement);
const busy = element("bench-busy", HTMLUListElement);
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
  burnCpu: element("bench-burn-cpu", HTMLInputElement),
  burnWebgpu: element("bench-burn-webgpu", HTMLInputElement),
};

/** What WebGPU can do here, once it is known: none of its boxes can be checked before. */
const webgpu = { there: false, f16: false, note: "" };

export function showBenchmark() {
  const { device, engine } = state;
  const [cpu, gpu] = engine === "burn" ? [boxes.burnCpu, boxes.burnWebgpu] : [boxes.cpu, boxes.webgpu];
  cpu.checked = device !== "webgpu";
  gpu.checked = device === "webgpu";
  offerWebGpu(gpu, device !== "cpu");
  devices.addEventListener("change", () => show(state));
  start.addEventListener("click", () => measure(setups(), Number(seconds.value)));
  stop.addEventListener("click", cancel);
  subscribe(show);
}

/**
 * @param {HTMLInputElement} box
 * @param {boolean} wanted where it is hardware
 */
async function offerWebGpu(box, wanted) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  const software = adapter?.info.isFallbackAdapter ?? false;
  webgpu.there = Boolean(adapter);
  webgpu.f16 = adapter?.features.has("shader-f16") ?? false;
  webgpu.note = !adapter ? "This browser has no WebGPU." : software ? "WebGPU runs in software here: its times say nothing of a GPU." : "";
  box.checked &&= webgpu.there;
  if (adapter && !software && wanted) box.checked = true;
  show(state);
}

/** @returns {Setup[]} */
function setups() {
  /** @type {[HTMLInputElement, Setup][]} */
  const all = [
    [boxes.cpu, { device: "cpu", f16: false, engine: "convscope" }],
    [boxes.webgpu, { device: "webgpu", f16: false, engine: "convscope" }],
    [boxes.f16, { device: "webgpu", f16: true, engine: "convscope" }],
    [boxes.burnCpu, { device: "cpu", f16: false, engine: "burn" }],
    [boxes.burnWebgpu, { device: "webgpu", f16: false, engine: "burn" }],
  ];
  return all.filter(([box]) => box.checked && !box.disabled).map(([, setup]) => setup);
}

/** @param {import("../../state.js").State} state */
function show({ view, rows, building, compare: { tab, keys, run, failed, walk } }) {
  section.hidden = view !== "compare" || tab !== "benchmark";
  if (section.hidden) return;
  const unbuilt = stepOf("burn", building) !== undefined;
  boxes.webgpu.disabled = !webgpu.there;
  boxes.f16.disabled = !webgpu.f16;
  boxes.burnCpu.disabled = unbuilt;
  boxes.burnWebgpu.disabled = unbuilt || !webgpu.there;
  const entries = (keys ?? []).map(entryOf);
  const on = setups().length;
  start.hidden = run !== null;
  stop.hidden = run === null;
  devices.disabled = seconds.disabled = run !== null;
  start.disabled = !entries.length || !on || Boolean(walk?.running);
  busy.hidden = !building.length;
  write(note, run ? "" : noteOf(entries, on, rows ?? [], Boolean(walk?.running)));
  running.hidden = !run;
  if (run) {
    if (run.phase === "measuring") progress.value = run.share;
    else progress.removeAttribute("value");
    write(status, run.phase === "measuring" ? `Measuring: about ${duration(run.remaining ?? 0)} left, ${count(run.rows)}` : run.text);
  }
  write(announcement, run ? "The benchmark is running." : state.compare.result ? "The benchmark has ended." : "");
  const words = failed.map((row) => `${nameOf(row.entry, state.cards)} on ${placeName(row)}: ${row.text}`);
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
  if (!on) return `Choose a device. ${webgpu.note}`;
  const { memory } = cost(entries, rows);
  const large = memory * on > MUCH_MEMORY ? `This takes ${megabytes(memory * on)} of memory; on a phone the browser may close the page. ` : "";
  const longest = duration(entries.length * on * Number(seconds.value));
  return `${entries.length * on} ${entries.length * on === 1 ? "row" : "rows"}, at most ${longest} after loading. ${large}${webgpu.note}`;
}
