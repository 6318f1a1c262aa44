// The gradient lab's pure parts: address, settings, sentences and pace. What it shows of a run: labCharts and labFiles.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addressOf, experimentOf, resolve, scenarioOf } from "../../www/lab/pure/book.js";
import { CHARTS } from "../../www/lab/pure/charts.js";
import { configsOf } from "../../www/lab/pure/configs.js";
import { expectedTest, nextCount, testIsDue } from "../../www/lab/pure/pace.js";
import { FIELDS, appliedOf, fieldOf, valueOf, wordOf } from "../../www/lab/pure/settings.js";
import { changeSentence, divergedSentence, powerOfTen, ratioWords, refusalOf, runSentence, settingsSentence, short, spoken } from "../../www/lab/pure/words.js";
import { BASE, labOf, recordOf, runOf } from "./labRuns.mjs";

const PAPER = { text: "A paper", url: "https://example.org/" };
const scenario = (id, settings, change) => ({ id, title: id, text: "", look: "", paper: PAPER, cure: "", networks: [], settings, change, steps: 1 });
const BOOK = { base: BASE, scenarios: [scenario("vanishing", { activation: "sigmoid", initialisation: "xavier" }, null), scenario("clipping", { depth: 5, rate: 1 }, { clipping: { norm: 0.5 } })] };

test("every setting differs in the address from the scenario's, and comes back from there", () => {
  const changed = {
    family: "convolutional", depth: 7, width: 16, activation: "tanh", initialisation: "unit", batchNorm: true, dropout: 0.25, shortcuts: true, auxiliary: true,
    optimiser: "adam", rate: 0.003, clipping: { value: 0.1 }, batch: 8, seed: 9, digits: 500,
  };
  assert.deepEqual(Object.keys(changed).sort(), FIELDS.map(({ name }) => name).sort(), "a setting is missing here");
  const own = scenarioOf(BOOK, "vanishing");
  for (const change of [null, { depth: 30 }, { clipping: { norm: 2 }, batchNorm: false }]) {
    const words = addressOf(BOOK, own, { settings: changed, change, data: "fashion" });
    const search = new URLSearchParams(words).toString();
    const { faults, id, ...back } = resolve(BOOK, "vanishing", Object.fromEntries(new URLSearchParams(search)));
    assert.deepEqual(faults, []);
    assert.equal(id, "vanishing");
    assert.deepEqual(back, { settings: changed, change, data: "fashion" });
  }
});

test("what is the scenario's own needs no word, and a change that is taken away has one", () => {
  const own = scenarioOf(BOOK, "clipping");
  assert.deepEqual(addressOf(BOOK, own, experimentOf(BOOK, own)), {});
  assert.deepEqual(resolve(BOOK, "clipping", {}).change, { clipping: { norm: 0.5 } });
  const words = addressOf(BOOK, own, { ...experimentOf(BOOK, own), change: null });
  assert.deepEqual(words, { change: "none" });
  assert.equal(resolve(BOOK, "clipping", words).change, null);
});

test("what cannot be read falls back with a sentence", () => {
  const { settings, change, faults, id } = resolve(BOOK, "nothing", { depth: "500", rate: "-1", batchNorm: "perhaps", clipping: "norm:0", data: "cats", colour: "red", "change.dropout": "1", "change.width": "32" });
  assert.equal(id, "vanishing");
  assert.deepEqual(settings, { ...BASE, activation: "sigmoid", initialisation: "xavier" });
  assert.deepEqual(change, { width: 32 });
  assert.equal(faults.length, 8);
  assert.match(faults[0], /no scenario “nothing”/);
  assert.ok(faults.includes("“500” cannot be the number of hidden layers, so it is 20."), faults.join("\n"));
  assert.ok(faults.includes("The lab has no setting “colour”, so it is left out."));
});

test("a setting's bounds hold", () => {
  const ask = (name, word) => valueOf(fieldOf(name), word);
  for (const [name, word] of [["depth", "1"], ["depth", "51"], ["depth", "2.5"], ["depth", ""], ["width", "513"], ["dropout", "1"], ["rate", "0"], ["rate", "Infinity"], ["activation", "gelu"], ["activation", "toString"], ["clipping", "value"]]) {
    assert.equal(ask(name, word), undefined, `${name}=${word}`);
  }
  for (const [name, word] of [["dropout", "0.99999999999"], ["dropout", "-0.1"], ["rate", "1e-46"], ["rate", "1000.1"], ["rate", "1e300"]]) assert.equal(ask(name, word), undefined, `${name}=${word}`);
  for (const limit of ["-3", "0", "Infinity", "1001", "1e-40", "1e-46", "abc", " "]) for (const kind of ["norm", "value"]) assert.equal(ask("clipping", `${kind}:${limit}`), undefined, `${kind}:${limit}`);
  for (const word of ["1000", "1e-7", "1e-30"]) assert.deepEqual([ask("rate", word), ask("clipping", `value:${word}`)], [Number(word), { value: Number(word) }]);
  assert.equal(ask("seed", "4294967295"), 4294967295);
  assert.equal(ask("dropout", "0.999"), 0.999);
  for (const value of ["none", { norm: 0.5 }, { value: 2 }]) assert.deepEqual(ask("clipping", wordOf(value)), value);
});

test("the help of a setting that is written has its bounds", () => {
  for (const { name, bounds, help } of FIELDS) {
    if (!bounds) continue;
    const { least, most } = bounds;
    assert.ok(help.includes(String(most)) && help.includes(least < 1 ? "0" : String(least)), `${name}: ${help}`);
  }
});

test("the second run has the first one's settings but for the change", () => {
  assert.deepEqual(configsOf(BASE, null), [BASE]);
  assert.deepEqual(configsOf(BASE, { depth: 30 }), [BASE, { ...BASE, depth: 30 }]);
  const lenet5 = { ...BASE, family: "lenet5" };
  assert.deepEqual(configsOf(BASE, { depth: 20, clipping: "none" }), [BASE], "the same network is trained twice");
  assert.deepEqual(configsOf(lenet5, { depth: 30, dropout: 0.5 }), [lenet5], "the same LeNet-5 is trained twice");
  assert.equal(configsOf(lenet5, { family: "linear" }).length, 2);
  assert.equal(configsOf(lenet5, { depth: 30, clipping: { norm: 1 } }).length, 2);
});

test("sentences", () => {
  assert.equal(changeSentence(BASE, { shortcuts: true }), "Both runs are alike but for the shortcuts (off in the first, on in the second).");
  assert.equal(changeSentence({ ...BASE, activation: "sigmoid" }, { activation: "relu", clipping: { norm: 0.5 } }),
    "Both runs are alike but for the activation function (sigmoid in the first, ReLU in the second) and clipping (off in the first, by a norm of 0.5 in the second).");
  const none = "There is only one run: what is to be changed for a second one would make no difference.";
  assert.equal(changeSentence(BASE, { depth: 20 }), none);
  assert.equal(changeSentence({ ...BASE, family: "lenet5" }, { depth: 30 }), none, "LeNet-5 has a depth of its own");
  assert.match(changeSentence(BASE, { batch: 8 }), / They see other batches for that reason\.$/);
  assert.equal(divergedSentence({ step: 7, layer: "output", what: "output" }), "It stopped at step 7: in layer “output”, the output holds a value that is no longer finite.");
  assert.equal(ratioWords(-12.1), "The first layer's gradient is 10¹² times smaller than the last one's.");
  assert.equal(ratioWords(0.2), "The gradients of the first and the last layer are about as large.");
  assert.equal(ratioWords(-Infinity), "In most of the recent steps, no gradient at all reached the first layer.");
  assert.equal(ratioWords(NaN), "");
  const record = recordOf([[1, 1]]);
  const tested = runOf(record, ["layer1", "output"], { tests: [{ step: 1, accuracy: 0.4, loss: 2 }] });
  assert.match(runSentence(tested, { steps: 1, loss: 2.345, accuracy: 0.314, ratio: 0 }), /^Step 1: the loss is 2\.35, 31\u00a0% of the pictures in the last batch are read right, and 40\u00a0% of the test pictures\. /);
  assert.match(runSentence(tested, { steps: 20, loss: 2.345, accuracy: 0.314, ratio: 0 }), /: the mean loss is 2\.35, 31\u00a0% of the pictures in the last 20 batches are read right/);
  assert.match(runSentence({ ...tested, config: { ...BASE, auxiliary: true } }, { steps: 20, loss: 3.5, accuracy: 0.1, ratio: 0 }), /: the mean loss with the auxiliary classifiers' is 3\.5, /);
  assert.match(runSentence(runOf(record, ["a"], { diverged: { step: 3, layer: "layer2", what: "gradient" } }), { steps: 2, loss: NaN, accuracy: NaN, ratio: NaN }), /step 3: in layer “layer2”, the gradient/);
  assert.equal(refusalOf({ run: null, evaluation: null }), null);
  assert.match(refusalOf({ run: { phase: "measuring" }, evaluation: null }), /benchmark is being measured/);
  assert.match(refusalOf({ run: null, evaluation: { running: true } }), /folder of pictures/);
  assert.equal(refusalOf({ run: null, evaluation: { running: false } }), null);
});

test("LeNet-5 is not said to have what only other networks have", () => {
  const config = { ...BASE, family: "lenet5", auxiliary: true };
  const run = runOf(recordOf([[1, 1]]), ["conv1", "fc3"], { config });
  assert.match(runSentence(run, { steps: 20, loss: 2.3, accuracy: 0.1, ratio: 0 }), /: the mean loss is 2\.3, /);
  const { caption } = CHARTS.loss.draw(labOf([run, { ...run, config: { ...config, family: "linear" } }]));
  assert.match(caption, /each auxiliary classifier, which only the second run has\. /);
  assert.doesNotMatch(CHARTS.loss.draw(labOf([run])).caption, /auxiliary|3\.7/);
  assert.equal(changeSentence(config, { family: "linear", depth: 30, dropout: 0.5, shortcuts: true }),
    "Both runs are alike but for the kind of network (LeNet-5 in the first, Linear layers in the second), the number of hidden layers (LeNet-5's own in the first, 30 in the second), dropout (none in the first, 0.5 in the second) and the shortcuts (off in the first, on in the second).");
});

test("all settings are one sentence, and two runs are told apart", () => {
  const sentence = settingsSentence({ ...BASE, clipping: { norm: 0.5 } });
  for (const { label } of FIELDS) assert.ok(sentence.includes(`${label}: `), `${label} is missing`);
  assert.match(sentence, /Hidden layers: 20; .*Clipping: by a norm of 0\.5; .*Seed: 1\.$/);
  assert.doesNotMatch(settingsSentence({ ...BASE, family: "lenet5" }), /Hidden layers|Dropout/);
  assert.equal(spoken(["It goes."]), "It goes.");
  assert.equal(spoken(["It goes.", "It stopped."]), "First run. It goes. Second run. It stopped.");
});

test("numbers are short", () => {
  assert.deepEqual([0, 1, 0.001, 1234.5, 12345, 1e-12, 3.2e-7, Infinity, NaN].map(short), ["0", "1", "0.001", "1230", "10⁴", "10⁻¹²", "3·10⁻⁷", "∞", "–"]);
  assert.equal(powerOfTen(-13), "10⁻¹³");
});

test("a turn fits its time, and a test does not take over", () => {
  assert.equal(nextCount(1, 2), 2, "it grows by twice at most");
  assert.equal(nextCount(64, 128), 30);
  assert.equal(nextCount(1, 500), 1);
  assert.equal(nextCount(200, 10), 200);
  assert.equal(testIsDue({ at: 0, took: 10 }, 1999, false), false);
  assert.equal(testIsDue({ at: 0, took: 10 }, 2000, false), true);
  assert.equal(testIsDue({ at: 0, took: 1000 }, 5000, false), false);
  assert.equal(testIsDue({ at: 0, took: 10 }, 1, true), true);
  assert.equal(testIsDue({ at: 0, took: 5000 }, 1, true), false);
  assert.equal(Math.round(expectedTest(96, 32)), 1000);
});

test("the page's scenarios can be read, and each says all that it must", () => {
  const book = JSON.parse(readFileSync(new URL("../../www/lab/scenarios.json", import.meta.url), "utf8"));
  assert.deepEqual(Object.keys(book.base).sort(), FIELDS.map(({ name }) => name).sort());
  const ids = ["vanishing", "relu-he", "degradation", "shortcuts", "auxiliary", "batch-norm", "exploding", "clipping", "initialisation", "dropout", "lenet5"];
  assert.deepEqual(book.scenarios.map(({ id }) => id).sort(), ids.sort());
  for (const one of book.scenarios) {
    for (const text of [one.title, one.text, one.look, one.cure, one.paper.text]) assert.ok(text.length > 5, `${one.id} lacks a text`);
    assert.match(one.paper.url, /^https:\/\//);
    const { settings, change } = experimentOf(book, one);
    const words = addressOf(book, book.scenarios[0], { settings, change, data: "mnist" });
    const back = resolve(book, book.scenarios[0].id, words);
    assert.deepEqual(back.faults, [], one.id);
    const trained = ({ settings, change }) => configsOf(settings, change).map(appliedOf);
    assert.deepEqual(trained(back), trained({ settings, change }), one.id);
  }
});
