// @ts-check
import { answerOf } from "../../pure/answers.js";
import { isChanging } from "../../pure/source.js";
import { answeredBy, computedBy, milliseconds } from "../../pure/text.js";
import { runsText } from "../../pure/typical.js";
import { subscribe } from "../../state.js";
import { element, write } from "../../views/page.js";

const preprocess = element("preprocess", HTMLElement);
const inference = element("inference", HTMLElement);
const total = element("total", HTMLElement);
const rate = element("rate", HTMLElement);
const runs = element("runs", HTMLParagraphElement);
const firstRun = element("first-run", HTMLParagraphElement);
const where = element("answered-by", HTMLParagraphElement);
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
    if (rate.parentElement) rate.parentElement.hidden = !answer?.rate;
    write(runs, answer?.timing ? `${runsText(answer.runs, isChanging(state))}.` : "");
    firstRun.hidden = !answer?.first || !answer.runs;
    write(firstRun, `First run, with warm-up: ${milliseconds(answer?.first)} in total.`);
    where.hidden = !deviceInfo || !answer;
    write(where, deviceInfo ? answeredBy(state.device, deviceInfo) : "");
    write(adapter, deviceInfo ? computedBy(deviceInfo) : "");
    software.hidden = !deviceInfo?.software;
    write(note, deviceInfo?.note ?? "");
    note.hidden = !deviceInfo?.note;
  });
}
