// @ts-check
import { subscribe } from "../state.js";
import { element, write } from "./page.js";

const preprocess = element("preprocess", HTMLElement);
const inference = element("inference", HTMLElement);
const total = element("total", HTMLElement);
const rate = element("rate", HTMLElement);
const firstRun = element("first-run", HTMLParagraphElement);
const adapter = element("adapter", HTMLSpanElement);
const software = element("software", HTMLSpanElement);
const note = element("device-note", HTMLParagraphElement);

const DEVICES = { webgpu: "WebGPU", cpu: "the CPU" };
const ENGINES = { convscope: "ConvScope", burn: "burn" };

export function showTiming() {
  subscribe((state) => {
    const { timing, deviceInfo } = state;
    write(preprocess, milliseconds(timing?.preprocess));
    write(inference, milliseconds(timing?.inference));
    write(total, milliseconds(timing?.total));
    write(rate, state.rate === null ? "–" : state.rate.toFixed(1));
    firstRun.hidden = state.firstRun === null;
    write(firstRun, `First run, with warm-up: ${milliseconds(state.firstRun ?? undefined)}`);
    write(adapter, deviceInfo ? describe(deviceInfo) : "");
    software.hidden = !deviceInfo?.software;
    write(note, deviceInfo?.note ?? "");
    note.hidden = !deviceInfo?.note;
  });
}

/** @param {import("../state.js").DeviceInfo} info */
function describe({ kind, engine, adapter }) {
  const computed = `Computed by ${ENGINES[engine]} on ${DEVICES[kind]}`;
  return adapter ? `${computed}: ${adapter}` : computed;
}

/** @param {number | undefined} time */
function milliseconds(time) {
  return time === undefined ? "–" : `${time.toFixed(time < 100 ? 1 : 0)}\u00a0ms`;
}
