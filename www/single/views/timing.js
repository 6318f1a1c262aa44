// @ts-check
import { answerOf } from "../../pure/answers.js";
import { computedBy, milliseconds } from "../../pure/text.js";
import { subscribe } from "../../state.js";
import { element, write } from "../../views/page.js";

const preprocess = element("preprocess", HTMLElement);
const inference = element("inference", HTMLElement);
const total = element("total", HTMLElement);
const rate = element("rate", HTMLElement);
const firstRun = element("first-run", HTMLParagraphElement);
const adapter = element("adapter", HTMLSpanElement);
const software = element("software", HTMLSpanElement);
const note = element("device-note", HTMLParagraphElement);

export function showTiming() {
  subscribe((state) => {
    const { deviceInfo } = state;
    const answer = answerOf(state);
    write(preprocess, milliseconds(answer?.timing?.preprocess));
    write(inference, milliseconds(answer?.timing?.inference));
    write(total, milliseconds(answer?.timing?.total));
    write(rate, answer?.rate?.toFixed(1) ?? "–");
    firstRun.hidden = !answer?.first;
    write(firstRun, `First run, with warm-up: ${milliseconds(answer?.first)}`);
    write(adapter, deviceInfo ? computedBy(deviceInfo) : "");
    software.hidden = !deviceInfo?.software;
    write(note, deviceInfo?.note ?? "");
    note.hidden = !deviceInfo?.note;
  });
}
