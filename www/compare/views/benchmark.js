// @ts-check
import { entryOf, nameOf } from "../../pure/entries.js";
import { MUCH_MEMORY, costOf } from "../../pure/memory.js";
import { duration, megabytes, placeName, plural } from "../../pure/text.js";
import { state, stepOf, subscribe } from "../../state.js";
import { element, fillBar, make, write } from "../../views/page.js";

/**
 * @typedef {import("../pure/setups.js").SetupName} SetupName
 *
 * @typedef {object} BenchmarkCalls
 * @property {(name: SetupName, isWanted: boolean) => void} onSetup
 * @property {(secondsPerRow: number) => void} onStart
 * @property {() => void} onCancel
 */

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

const gainless = element("bench-int8-gainless", HTMLElement);

const ran = { once: false };

/** @type {Record<SetupName, HTMLInputElement>} */
const boxes = {
  cpu: element("bench-cpu", HTMLInputElement),
  int8: element("bench-int8", HTMLInputElement),
  webgpu: element("bench-webgpu", HTMLInputElement),
  f16: element("bench-f16", HTMLInputElement),
  burnCpu: element("bench-burn-cpu", HTMLInputElement),
  burnWebgpu: element("bench-burn-webgpu", HTMLInputElement),
};

/** @param {BenchmarkCalls} calls */
export function showBenchmark({ onSetup, onStart, onCancel }) {
  for (const [name, box] of Object.entries(boxes)) box.addEventListener("change", () => onSetup(/** @type {SetupName} */ (name), box.checked));
  seconds.addEventListener("change", () => show(state));
  start.addEventListener("click", () => onStart(Number(seconds.value)));
  stop.addEventListener("click", onCancel);
  subscribe(show);
}

/** @param {import("../../state.js").State} state */
function show({ view, cards, rows, memories, building, dot8, compare: { tab, keys, run, failed, evaluation, setups, webgpu } }) {
  section.hidden = view !== "compare" || tab !== "benchmark";
  if (section.hidden) return;
  const isUnbuilt = stepOf("burn") !== undefined;
  gainless.hidden = dot8 !== false;
  boxes.webgpu.disabled = !webgpu.hasAdapter;
  boxes.f16.disabled = !webgpu.hasF16;
  boxes.burnCpu.disabled = isUnbuilt;
  boxes.burnWebgpu.disabled = isUnbuilt || !webgpu.hasAdapter;
  for (const [name, box] of Object.entries(boxes)) box.checked = setups.some((setup) => setup === name);
  const on = Object.values(boxes).filter((box) => box.checked && !box.disabled).length;
  const entries = (keys ?? []).map(entryOf);
  const isEvaluating = Boolean(evaluation?.running);
  start.hidden = run !== null;
  stop.hidden = run === null;
  devices.disabled = seconds.disabled = run !== null;
  start.disabled = !entries.length || !on || isEvaluating;
  busy.hidden = !building.length;
  write(note, run ? "" : noteOf(entries, on, isEvaluating));
  running.hidden = !run;
  if (run) {
    fillBar(progress, run.phase === "measuring" ? run.share : null);
    write(status, run.phase === "measuring" ? `Measuring: about ${duration(run.remaining ?? 0)} left, ${count(run.rows)}` : run.text);
  }
  if (run) ran.once = true;
  write(announcement, run ? "The benchmark is running." : ran.once ? "The benchmark has ended." : "");
  const words = failed.map((row) => `${nameOf(row.entry, cards, rows)} on ${placeName(row)}: ${row.text}`);
  if ([...failures.children].map(({ textContent }) => textContent).join() !== words.join()) failures.replaceChildren(...words.map((textContent) => make("li", { textContent })));

  /**
   * @param {import("../../state.js").Entry[]} entries
   * @param {number} on devices
   * @param {boolean} isEvaluating
   */
  function noteOf(entries, on, isEvaluating) {
    if (isEvaluating) return "A folder is being evaluated: wait for its end, or cancel it, so that the two do not slow each other.";
    if (!entries.length) return "Choose networks above.";
    if (!on) return `Choose a device. ${webgpu.note}`;
    const { memory } = costOf(entries, memories, rows ?? []);
    const large = memory !== null && memory * on > MUCH_MEMORY ? `This takes about ${megabytes(memory * on)} of memory. On a phone, the browser may close the page. ` : "";
    const longest = duration(entries.length * on * Number(seconds.value));
    return `${plural(entries.length * on, "row")}, at most ${longest} after loading. ${large}${webgpu.note}`;
  }
}

/** @param {import("../pure/results.js").Measured[]} rows */
function count(rows) {
  const done = rows.filter(({ phase }) => phase === "done" || phase === "failed").length;
  return `${done} of ${rows.length} rows done`;
}
