// What an address and the form make of the lab's scenarios, and what is said of what they cannot be.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { addressOf, changedSentence, experimentOf, isBook, resolve, scenarioOf } from "../../www/lab/pure/book.js";
import { lab as row } from "../../www/lab/row.js";
import { closeVisit, launch, visit } from "./browser.mjs";

const BOOK = JSON.parse(readFileSync(new URL("../../www/lab/scenarios.json", import.meta.url), "utf8"));

test("changed settings are named, since the scenario's text need not hold for them", () => {
  const sentence = (id, patch) => {
    const scenario = scenarioOf(BOOK, id);
    const own = experimentOf(BOOK, scenario);
    return changedSentence(BOOK, scenario, { ...own, ...patch, settings: { ...own.settings, ...patch.settings } });
  };
  assert.equal(sentence("vanishing", {}), "");
  assert.equal(sentence("vanishing", { settings: { seed: 7 } }), "", "the claims hold for every seed");
  assert.match(sentence("vanishing", { settings: { depth: 3 } }), /^You have changed the number of hidden layers: what is said above/);
  assert.match(sentence("vanishing", { settings: { depth: 3, activation: "relu" }, data: "fashion" }), /changed the number of hidden layers, the activation function and the pictures:/);
  assert.match(sentence("clipping", { change: { clipping: { norm: 2 } } }), /changed the second run:/);
  assert.match(sentence("clipping", { change: null }), /changed the second run:/);
});

test("a value of the second run that cannot be read leaves the scenario's own, and says which that is", () => {
  const { change, faults } = resolve(BOOK, "clipping", { "change.clipping": "norm:0" });
  assert.deepEqual(change, { clipping: { norm: 0.5 } });
  assert.deepEqual(faults, ["“norm:0” cannot be clipping of the second run, so it is by a norm of 0.5 there."]);
});

test("a fault of the second run names the value that it has", () => {
  const faultsOf = (id, asked) => resolve(BOOK, id, asked).faults;
  assert.deepEqual(faultsOf("vanishing", { depth: "10", "change.depth": "abc" }), ["“abc” cannot be the number of hidden layers of a second run, so there is only one run."]);
  assert.deepEqual(faultsOf("vanishing", { depth: "10", "change.depth": "abc", "change.width": "32" }), ["“abc” cannot be the number of hidden layers of the second run, so it is 10 there."]);
  const { settings } = experimentOf(BOOK, scenarioOf(BOOK, "degradation"));
  assert.deepEqual(faultsOf("degradation", { "change.depth": "abc", "change.width": "32" }), [`“abc” cannot be the number of hidden layers of the second run, so it is ${settings.depth} there.`]);
});

test("nothing that an address asks for is dropped without a word", () => {
  const faultsOf = (asked) => resolve(BOOK, "clipping", asked).faults;
  assert.match(faultsOf({ change: "yes" })[0], /^“change=yes” says nothing about the second run/);
  assert.match(faultsOf({ change: "none", "change.depth": "3" })[0], /the changes that it names are left out/);
  assert.deepEqual(faultsOf({ change: "none" }), []);
  assert.match(faultsOf({ "change.colour": "red" })[0], /no setting “change\.colour”/);
  assert.deepEqual(faultsOf({ device: "gpu" }), ["The lab has no device “gpu”, so it is Auto. It can be “webgpu” or “cpu”."]);
  const asked = (query) => row.read(new URLSearchParams(query)).lab.asked;
  assert.deepEqual(asked("lab=clipping&device=gpu"), { device: "gpu" });
  for (const device of ["auto", "cpu", "webgpu"]) assert.deepEqual(asked(`lab=clipping&device=${device}`), {});
});

test("a long word of an address is quoted with its beginning", () => {
  const long = "x".repeat(3000);
  const { faults } = resolve(BOOK, long, { depth: long, [long]: "1", [`change.${long}`]: "1", "change.width": long, change: long, data: long, device: long });
  assert.equal(faults.length, 8);
  for (const fault of faults) assert.match(fault, /“(change[.=])?x{30,40}…”/);
  assert.ok(faults.every((fault) => fault.length < 250));
});

test("what LeNet-5 does not have is left out of the address with a sentence", () => {
  const { faults, id, ...experiment } = resolve(BOOK, "lenet5", { depth: "10", dropout: "0.5", "change.depth": "30" });
  assert.deepEqual(faults, ["LeNet-5 is always the same network: the number of hidden layers and dropout cannot be chosen, and are left out."]);
  assert.deepEqual(experiment, experimentOf(BOOK, scenarioOf(BOOK, "lenet5")));
  assert.deepEqual(resolve(BOOK, "lenet5", { depth: "10", "change.family": "linear" }).settings.depth, 10, "the second run has this depth");
});

test("settings that no run has stay in the form, and not in the address", () => {
  const wordsOf = (id, patch, change) => {
    const own = experimentOf(BOOK, scenarioOf(BOOK, id));
    const experiment = { ...own, settings: { ...own.settings, ...patch }, ...(change === undefined ? {} : { change }) };
    return [addressOf(BOOK, scenarioOf(BOOK, id), experiment), changedSentence(BOOK, scenarioOf(BOOK, id), experiment)];
  };
  assert.deepEqual(wordsOf("lenet5", { depth: 10, dropout: 0.5 }, { depth: 30 }), [{}, ""]);
  assert.deepEqual(wordsOf("lenet5", { depth: 10 }, { depth: 30, batch: 8 })[0], { "change.batch": "8" });
  assert.deepEqual(wordsOf("lenet5", { depth: 10 }, { family: "linear" })[0], { depth: "10", "change.family": "linear" });
  assert.deepEqual(wordsOf("degradation", { family: "lenet5" })[0], { family: "lenet5" }, "its own change comes back with another kind of network");
  assert.deepEqual(wordsOf("degradation", { family: "lenet5" }, null)[0], { family: "lenet5", change: "none" });
  assert.deepEqual(wordsOf("clipping", { family: "lenet5" }, { depth: 30 })[0], { family: "lenet5", change: "none" });
});

test("a damaged list of scenarios is not taken for one", () => {
  assert.ok(isBook(BOOK));
  const [scenario, ...others] = BOOK.scenarios;
  const withScenario = (patch) => ({ ...BOOK, scenarios: [{ ...scenario, ...patch }, ...others] });
  const { depth: _, ...noDepth } = BOOK.base;
  const damaged = [
    null, undefined, 3, "text", [], {}, { ...BOOK, base: null }, { ...BOOK, base: noDepth }, { ...BOOK, base: { ...BOOK.base, clipping: null } }, { ...BOOK, base: { ...BOOK.base, depth: "20" } },
    { ...BOOK, scenarios: [] }, { ...BOOK, scenarios: [null] }, withScenario({ title: undefined }), withScenario({ paper: null }), withScenario({ networks: null }), withScenario({ steps: "many" }),
    withScenario({ settings: { colour: "red" } }), withScenario({ change: undefined }), withScenario({ change: { rate: 0 } }),
  ];
  for (const [i, found] of damaged.entries()) assert.equal(isBook(found), false, `the list with the number ${i}`);
});

test("two runs never differ in their seed", () => {
  const { change, faults } = resolve(BOOK, "vanishing", { "change.seed": "2" });
  assert.equal(change, null);
  assert.match(faults[0], /^Both runs have one seed/);
  assert.deepEqual(resolve(BOOK, "vanishing", { "change.seed": "2", "change.depth": "5" }).change, { depth: 5 });
});

describe("in the browser", () => {
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    browser = await launch({ webgpu: false });
  });

  after(() => browser?.close());

  /** @param {string} query @param {Parameters<typeof visit>[2]} [options] */
  async function open(query, options) {
    const page = await visit(browser, `${query}&device=cpu`, options);
    await page.locator("#lab-form input").first().waitFor();
    return page;
  }

  /** @param {import("playwright-core").Page} page @param {string} part */
  const hasAddress = (page, part) => page.waitForFunction((part) => location.search.includes(part), part);

  test("an entry that is refused stays with the bounds below it, and gives way to the value in use", async () => {
    const page = await open("?lab=clipping&depth=4");
    const limit = page.locator("#lab-clipping + input");
    const form = page.locator("#lab-form");
    await form.getByLabel("Clipping", { exact: true }).selectOption("norm");
    await hasAddress(page, "clipping=norm:0.5");
    for (const [input, help, bad, good, part] of [[limit, "#lab-clipping-help", "-3", "0,25", "clipping=norm:0.25"], [page.locator("#lab-depth"), "#lab-depth-help", "500", "6", "depth=6"]]) {
      const used = await input.inputValue();
      assert.ok(await page.locator(help).isHidden());
      await input.fill(bad);
      await input.blur();
      assert.equal(await input.inputValue(), bad, "it cannot be mended");
      assert.match(await page.locator(`${help}:visible`).textContent() ?? "", /greater than 0 and at most 1000|from 2 to 50/);
      assert.equal(`#${await input.getAttribute("aria-describedby")}`, help);
      await input.focus();
      await input.blur();
      assert.equal(await input.inputValue(), used, "it is left again");
      assert.ok(await page.locator(help).isHidden());
      await input.fill(bad);
      await input.press("Enter");
      assert.equal(await input.getAttribute("aria-invalid"), "true");
      await input.press("Escape");
      assert.deepEqual([await input.inputValue(), await input.getAttribute("aria-invalid")], [used, null]);
      await input.fill(good);
      await input.blur();
      await hasAddress(page, part);
    }
    await limit.fill("-3");
    await form.getByLabel("Clipping", { exact: true }).selectOption("value");
    await hasAddress(page, "clipping=value:0.25");
    assert.deepEqual([await limit.inputValue(), await limit.getAttribute("aria-invalid")], ["0.25", null]);
    await closeVisit(page);
  });

  test("a list of scenarios that came damaged is said, and can be brought again", async () => {
    const all = JSON.stringify(BOOK);
    for (const damaged of ["null", "{}", all.slice(0, 2000), "<p>Not found</p>"]) {
      const served = { body: damaged };
      const page = await visit(browser, "?lab=clipping&depth=4&device=cpu", { before: (page) => page.route("**/lab/scenarios.json", (route) => route.fulfill({ contentType: "application/json", body: served.body })) });
      await page.getByText("The list of scenarios came damaged. Try again, or reload the page.").waitFor();
      served.body = all;
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator("#lab-start:enabled").waitFor();
      assert.ok(await page.locator("#lab-trouble").isHidden());
      assert.match(page.url(), /lab=clipping&depth=4/);
      await closeVisit(page);
    }
  });

  test("one LeNet-5 is trained where a second one would be the same", async () => {
    const page = await open("?lab=degradation&family=lenet5");
    await page.getByText("There is only one run").waitFor();
    assert.ok(await page.locator("#lab-second-depth").isDisabled());
    await page.getByLabel("Kind of network").first().selectOption("linear");
    await page.getByText("Both runs are alike but for the number of hidden layers").waitFor();
    assert.ok(await page.locator("#lab-second-depth").isEnabled());
    await closeVisit(page);
  });

  test("a long word does not make the page wider", async () => {
    const page = await open(`?lab=vanishing&${"x".repeat(300)}=1&depth=${"W".repeat(300)}`, { context: { viewport: { width: 390, height: 844 } } });
    await page.getByText("“WWW").waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await closeVisit(page);
  });
});
