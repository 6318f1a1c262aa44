// @ts-check
import { isOnCpu } from "../pure/arithmetic.js";
import { threadCounts, threadsElsewhere, threadsNote } from "../pure/threads.js";
import { subscribe } from "../state.js";
import { element, make, write } from "./page.js";

/** The choice of the number of threads, in a fold of its own: most visitors need not know of it. */

const summary = element("threads-summary", HTMLElement);
const select = element("threads", HTMLSelectElement);
const note = element("threads-note", HTMLParagraphElement);

const AUTOMATIC = "";

/** @param {(threads: number | null) => void} onThreads null: the quickest number is to be taken */
export function showThreads(onThreads) {
  const cores = navigator.hardwareConcurrency || 1;
  select.addEventListener("change", () => onThreads(select.value === AUTOMATIC ? null : Number(select.value)));
  let listed = "";
  subscribe((state) => {
    const { threads, engine, deviceInfo } = state;
    const isCpu = isOnCpu(state);
    const used = isCpu && deviceInfo?.kind === "cpu" && deviceInfo.engine === "convscope" ? (deviceInfo.threads ?? null) : null;
    write(summary, used === null ? "Threads" : `Threads: ${used}`);
    const automatic = threads === null && used !== null ? `automatic: ${used}` : "automatic";
    const counts = threadCounts(cores, threads);
    const wanted = [automatic, ...counts].join();
    if (listed !== wanted) {
      listed = wanted;
      select.replaceChildren(make("option", { value: AUTOMATIC, textContent: automatic }), ...counts.map((count) => make("option", { value: String(count), textContent: String(count) })));
    }
    const value = threads === null ? AUTOMATIC : String(threads);
    if (select.value !== value) select.value = value;
    select.disabled = !isCpu || !crossOriginIsolated;
    write(note, isCpu ? threadsNote({ isIsolated: crossOriginIsolated, cores, chosen: threads }) : threadsElsewhere(engine));
  });
}
