// Words and numbers that the page forms: percentages, the device that answers, what times are of, and the question before much memory.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { answeredBy, inWords, milliseconds, percent, threeDigits } from "../../www/pure/text.js";
import { medianRun, runsText } from "../../www/pure/typical.js";

/** @type {typeof import("../../www/consent.js").Consent} */
let Consent;
before(async () => ({ Consent } = await import("../../www/consent.js")));

test("percentages have one digit behind the point", () => {
  assert.deepEqual([0.58178, 0.5, 1, 0].map((share) => percent(share)), ["58.2\u00a0%", "50.0\u00a0%", "100.0\u00a0%", "0.0\u00a0%"]);
});

test("what is measured has three digits, everywhere", () => {
  assert.deepEqual([0.1749, 0.0376, 4, 65.27, 999.6, 1234, 12345, 0].map(threeDigits), ["0.175", "0.0376", "4.00", "65.3", "1000", "1230", "12300", "0.00"]);
  assert.deepEqual([null, undefined, NaN, Infinity].map(threeDigits), ["–", "–", "–", "–"]);
  assert.deepEqual([0.1749, 999.6, 12345, 123456, null].map(milliseconds), ["0.175\u00a0ms", "1000\u00a0ms", "12.3\u00a0s", "123\u00a0s", "–"]);
});

test("the device that answers is named, and whether the visitor chose it", () => {
  const info = (/** @type {string} */ kind, engine = "convscope") => /** @type {any} */ ({ kind, engine });
  assert.equal(answeredBy("auto", info("cpu")), "Auto: CPU");
  assert.equal(answeredBy("auto", info("webgpu")), "Auto: WebGPU");
  assert.equal(answeredBy("cpu", info("cpu", "burn")), "CPU, burn");
});

test("the run with the median inference is one of the runs, and words say of what the times are", () => {
  const runs = [5, 1, 9, 3, 7].map((inference) => ({ preprocess: 10 - inference, inference, total: 10 }));
  assert.equal(medianRun(runs), runs[0]);
  assert.equal(medianRun(runs.slice(0, 2)).inference, 5);
  assert.equal(runsText(0, false), "Of the first run, which includes the warm-up");
  assert.equal(runsText(1, false), "Of one run");
  assert.equal(runsText(5, false), "Median of 5 runs");
  assert.equal(runsText(4, true), "Median of the last 4 pictures");
});

test("the button that consents to several networks says how many they are in words", () => {
  const question = (/** @type {string[]} */ ...names) => new Consent().question(names.map((key) => ({ key, network: key, variant: null })), [], ({ key }) => key, {}).question;
  assert.equal(question("VGG-16"), "Load VGG-16");
  assert.equal(question("VGG-16", "VGG-19"), "Load both");
  assert.equal(question("VGG-16", "VGG-19", "AlexNet"), "Load all three");
  assert.equal(inWords(13), "13");
});
