// A visitor's own weights: what the page asks about a file, how they run in every view, what is kept, and what it says when something goes wrong.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, manifest, predictions, visit } from "./browser.mjs";
import { serveRows } from "./made.mjs";
import { drop, scripted, scriptedReader } from "./ownFiles.mjs";
import { look } from "./seen.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let withReader;
before(async () => {
  browser = await launch({ webgpu: false });
  withReader = await scriptedReader();
});
after(() => browser?.close());

const panel = (page) => page.getByRole("dialog", { name: "Weights of your own" });
const run = (page) => panel(page).getByRole("button", { name: "Run it", exact: true });
const opened = async (query, options = {}) => visit(browser, query, { before: withReader, ...options });
const status = (page, text) => page.locator("#status").getByText(text, { exact: true }).waitFor();

/** Draws a line from the top to the bottom: a one. @param {import("playwright-core").Page} page */
async function drawOne(page) {
  const { x, y, width, height } = await page.locator("#pad").boundingBox();
  await page.mouse.move(x + width / 2, y + height * 0.2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height * 0.8, { steps: 5 });
  await page.mouse.up();
}

test("a file that is dropped answers as the network with the same weights does, under its own name", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await status(page, "LeNet-5");
  await drawOne(page);
  const official = await predictions(page, "1");
  await drop(page, scripted({ summary: { notes: ["The tensors were in “state_dict”."] } }, "My digits.safetensors"));
  await panel(page).getByText("My digits.safetensors, 0.00\u00a0MB").waitFor();
  await panel(page).getByText("safetensors: 61,706 parameters in 10 tensors.").waitFor();
  await panel(page).getByText("The tensors were in “state_dict”.").waitFor();
  await panel(page).getByText(/^It fits LeNet-5 with 10 classes\. It is not the official file: these are weights of your own/).waitFor();
  await panel(page).getByText(/^Nothing is uploaded/).waitFor();
  assert.ok(await panel(page).getByLabel("Network").isHidden(), "there is nothing to choose");
  assert.equal(await panel(page).getByLabel("Name", { exact: true }).inputValue(), "My digits");
  assert.ok(!(await panel(page).getByRole("checkbox").isChecked()));
  await run(page).click();
  await status(page, "LeNet-5, own weights “My digits”");
  assert.ok(await panel(page).isHidden());
  await page.waitForURL(/\?network=lenet5-my_digits&device=cpu$/);
  assert.deepEqual(await predictions(page, "1"), official);
  await page.locator("#own-badge").getByText("own weights").waitFor();
  await page.locator("#card-facts").getByText("not known").first().waitFor();
  await closeVisit(page);
});

test("the button beside the list opens a file as well, by keyboard, and Enter runs it", { timeout: PATIENCE }, async () => {
  for (const [query, ready] of [["?network=lenet5&device=cpu", "#weights-control"], ["?networks=lenet5&device=cpu", "#entries .choice"], ["?inside=lenet5&device=cpu", "#layer-table tbody tr"]]) {
    const page = await opened(query);
    page.on("filechooser", () => {}); // from now on, and not first while a key is pressed
    await page.locator(ready).first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle"); // the view has its style, so that nothing takes the focus away
    const button = page.getByRole("button", { name: "Weights of your own" }).and(page.locator(":visible"));
    await page.getByRole("radio", { name: "CPU" }).and(page.locator(":checked")).waitFor(); // all controls have come
    await button.focus();
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
    await chooser.setFiles(scripted({}, "digits.pth"));
    await run(page).waitFor();
    await panel(page).getByRole("heading", { name: "Weights of your own" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "hidden" });
    await button.and(page.locator(":focus")).waitFor();
    assert.ok(page.url().endsWith(query), "nothing has changed");

    const [again] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
    await again.setFiles(scripted({}, "digits.pth"));
    await run(page).waitFor();
    for (const name of ["Close", "Name"]) {
      await page.keyboard.press("Tab");
      await panel(page).getByRole(name === "Close" ? "button" : "textbox", { name, exact: true }).and(page.locator(":focus")).waitFor();
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(/lenet5-digits/);
    await closeVisit(page);
  }
});

test("in the comparison, inside and from the lab, the weights run in the view that is shown", { timeout: PATIENCE }, async () => {
  const page = await opened("?networks=efficientnet_lite0&device=cpu&source=sample:coffee");
  const says = (name) => page.getByRole("list", { name: `Predictions of ${name}`, exact: true }).getByRole("listitem").first();
  await says("EfficientNet-Lite0").waitFor();
  await drop(page, scripted({}, "digits.pth"));
  await run(page).click();
  await says("LeNet-5, own weights “digits”").waitFor();
  assert.match(page.url(), /networks=efficientnet_lite0,lenet5-digits&/);
  await page.locator("#verdict").getByText("One network has answered: “espresso”.").waitFor();
  await page.getByRole("status").getByText(/^LeNet-5, own weights “digits” runs until this page is closed\./).waitFor();
  assert.match(await page.locator("#choice-summary").textContent(), /^2 networks chosen: 5\.\d\sMB to download/);

  await page.getByRole("link", { name: "Look inside" }).click();
  await page.locator("#inside-network").selectOption("lenet5-digits");
  await page.locator("#layer-table tbody tr").first().waitFor();
  await page.getByRole("heading", { name: "LeNet-5, own weights “digits”" }).waitFor();

  await page.getByRole("link", { name: "Gradient lab" }).click();
  await page.locator("#lab-start").waitFor();
  await drop(page, scripted({}, "others.pth"));
  await run(page).click();
  await status(page, "LeNet-5, own weights “others”");
  assert.deepEqual(await page.locator("#weights option").allTextContents(), ["8 bits, 0.07\u00a0MB", "own: “digits”, 0.07\u00a0MB", "own: “others”, 0.07\u00a0MB"]);
  await page.locator("#network").selectOption("efficientnet_lite0");
  await status(page, "EfficientNet-Lite0");
  assert.doesNotMatch(page.url(), /others/);
  await closeVisit(page);
});

test("a benchmark names them, and gives no published accuracy", { timeout: PATIENCE }, async () => {
  const page = await opened("?networks=lenet5&tab=benchmark&device=cpu", { context: { permissions: ["clipboard-read", "clipboard-write"] } });
  await page.locator("#bench-start:enabled").waitFor();
  await drop(page, scripted({}, "my digits.pth"));
  await run(page).click();
  await page.waitForURL(/lenet5-my_digits/);
  await page.locator("#bench-seconds").evaluate((select) => (select.options[0].value = "0.3"));
  await page.locator("#bench-seconds").selectOption({ index: 0 });
  await page.locator("#bench-start").click();
  await page.locator("#share-tools").waitFor();
  const rows = await page.locator("#bench-table tbody tr").evaluateAll((rows) => rows.map((row) => ({ name: row.cells[0].textContent, top1: row.cells[row.cells.length - 2].textContent })));
  assert.match(rows.find(({ name }) => /own/.test(name)).name, /^LeNet-5, own weights “my_digits”/);
  assert.deepEqual(rows.map(({ name, top1 }) => /own/.test(name) === (top1 === "–")), [true, true]);
  await page.locator("#bench-notes").getByText(/^One row ran with weights that are not the official ones/).waitFor();
  await page.getByRole("button", { name: "Copy a link with the result" }).click();
  await page.locator("#share-said").getByText(/Your own weights are not in it/).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\?networks=lenet5&tab=benchmark#result=/);
  await closeVisit(page);
});

test("what is kept is there after a reload and by its address, what is not is told, and deleting removes it", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu", { context: { permissions: ["clipboard-read", "clipboard-write"] } });
  for (const [name, keep] of [["kept", true], ["open", false]]) {
    await drop(page, scripted({}, `${name}.pth`));
    await run(page).waitFor();
    assert.match(await panel(page).locator("label:has(#own-keep)").textContent(), /Keep in this browser for the next visit \(about 0\.06\sMB\)/);
    if (keep) await panel(page).getByRole("checkbox").check();
    await run(page).click();
    await status(page, `LeNet-5, own weights “${name}”`);
    await page.getByRole("button", { name: "Copy link", exact: true }).click();
    await page.locator("#copy-said").getByText(keep ? /Your own weights are not in it: it opens them in this browser only, where they are kept\./ : /Your own weights are not in it: they are gone when this page is closed\./).waitFor();
  }
  await page.reload();
  await errorSays(page, /^This browser has no own weights “open” of LeNet-5: .* Drop the file on this page, or open it with “Weights of your own”, and give them this name\./);
  await status(page, "LeNet-5");
  await page.waitForURL(/\?network=lenet5&device=cpu$/);
  assert.deepEqual(await page.locator("#weights option").evaluateAll((options) => options.map(({ value }) => value)), ["q8", "kept"]);

  const { origin, pathname } = new URL(page.url());
  await page.goto(`${origin}${pathname}?network=lenet5-kept&device=cpu`);
  await status(page, "LeNet-5, own weights “kept”");
  await drawOne(page);
  await predictions(page, "1");
  await page.locator("#weights-delete").click();
  await status(page, "LeNet-5");
  await page.getByRole("status").getByText(/“kept”: the weights are deleted from this browser\. Their file is where it was\./).waitFor();
  assert.ok(await page.locator("#weights-control").isHidden());
  const left = await page.evaluate(async () => ({ files: (await (await caches.open("convscope-own-weights")).keys()).length, list: Object.entries({ ...localStorage }).filter(([name]) => name.startsWith("convscope-own-weights")).map(([, text]) => text) }));
  assert.deepEqual(left, { files: 0, list: ["[]"] });
  await page.goto(`${origin}${pathname}?networks=lenet5-kept,lenet5&device=cpu`);
  await page.locator(".entry .standing").getByText(/This browser has no own weights “kept” of LeNet-5/).waitFor();
  await closeVisit(page);
});

test("in the comparison, weights of one's own have a button that deletes them", { timeout: PATIENCE }, async () => {
  const page = await opened("?networks=lenet5&device=cpu");
  await page.locator("#choice-list").evaluate((list) => (list.open = true));
  await drop(page, scripted({}, "digits.pth"));
  await run(page).click();
  await page.getByRole("checkbox", { name: /^LeNet-5, own weights “digits” ?knows 10 classes/ }).and(page.locator(":checked")).waitFor();
  await page.getByRole("button", { name: "Delete LeNet-5, own weights “digits”" }).click();
  await page.waitForURL(/\?networks=lenet5&device=cpu$/);
  assert.equal(await page.getByRole("checkbox", { name: /digits”/ }).count(), 0);
  await closeVisit(page);
});

test("a full storage is told, and the weights run all the same", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await status(page, "LeNet-5");
  await page.evaluate(() => (Cache.prototype.put = () => Promise.reject(new DOMException("", "QuotaExceededError"))));
  await drop(page, scripted({}, "digits.pth"));
  await run(page).waitFor();
  await panel(page).getByRole("checkbox").check();
  await run(page).click();
  await page.getByRole("status").getByText(/^The weights run until the page is closed, but they could not be kept: this browser's storage is full, and they take 0\.07\sMB\./).waitFor();
  await status(page, "LeNet-5, own weights “digits”");
  await page.reload();
  await errorSays(page, /This browser has no own weights “digits”/);
  await closeVisit(page);
});

test("what does not fit, is damaged or cannot be converted has a sentence, and what ran goes on", { timeout: PATIENCE }, async () => {
  const page = await opened("?device=cpu");
  const before = await predictions(page, "espresso");
  const trouble = panel(page).locator("#own-trouble");
  await drop(page, scripted({ summary: { networks: [], misfit: "The nearest network is ResNet-18, which lacks fc.weight." } }));
  await trouble.getByText("The nearest network is ResNet-18, which lacks fc.weight.").waitFor();
  assert.ok(await run(page).isHidden());
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), panel(page).getByRole("button", { name: "Choose another file" }).click()]);
  await chooser.setFiles(scripted({ damaged: "“mine.safetensors” is cut short: download it again." }));
  await trouble.getByText("“mine.safetensors” is cut short: download it again.").waitFor();
  await drop(page, scripted({ unconvertible: "The tensor c1.weight has values that are not finite." }));
  await run(page).click();
  await trouble.getByText("The tensor c1.weight has values that are not finite.").waitFor();
  await panel(page).getByRole("button", { name: "Close" }).click();
  assert.deepEqual(await predictions(page, "espresso"), before);
  await drop(page, scripted({}, "a.pth"), scripted({}, "b.pth"));
  await errorSays(page, /^Drop one file of weights at a time/);
  await closeVisit(page);
});

test("without the reader, the page says where it comes from", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu", { before: (page) => page.context().route("**/pkg/reader/**", (route) => route.fulfill({ status: 404 })) });
  await drop(page, scripted({}));
  await panel(page).locator("#own-trouble").getByText(/^The reader of weight files could not be downloaded\..*`cargo xtask build`/).waitFor();
  await closeVisit(page);
});

test("a conversion can be cancelled and begun again, and a closed one leaves nothing", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await drop(page, scripted({ forever: true }, "endless.pth"));
  await run(page).click();
  await panel(page).getByText("Converting: 10\u00a0%").waitFor();
  assert.ok(await run(page).isDisabled());
  await panel(page).getByRole("button", { name: "Cancel" }).click();
  await panel(page).getByText("It was cancelled, and nothing has changed.").waitFor();
  const readers = () => page.workers().filter((worker) => worker.url().endsWith("/own/worker.js")).length;
  for (let tries = 0; tries < 20 && readers(); tries++) await page.waitForTimeout(100);
  assert.equal(readers(), 0, "the worker that converts without an end is ended");
  await run(page).click();
  await panel(page).getByText("Converting: 10\u00a0%").waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  await drop(page, scripted({}, "quick.pth"));
  await run(page).click();
  await status(page, "LeNet-5, own weights “quick”");
  assert.deepEqual(await page.locator("#weights option").evaluateAll((options) => options.map(({ value }) => value)), ["q8", "quick"]);
  await closeVisit(page);
});

test("kept weights that the browser has removed are told, and can be deleted where it is told", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await drop(page, scripted({}, "gone.pth"));
  await run(page).waitFor();
  await panel(page).getByRole("checkbox").check();
  await run(page).click();
  await status(page, "LeNet-5, own weights “gone”");
  await page.evaluate(() => caches.delete("convscope-own-weights"));
  await page.reload();
  await errorSays(page, /^LeNet-5, own weights “gone” is not ready\. This browser has removed what it kept of these weights\. Delete them, and open their file again\./);
  await page.getByRole("alert").getByRole("button", { name: "Delete them" }).click();
  await page.getByRole("status").getByText(/“gone”: the weights are deleted from this browser\./).waitFor();
  assert.equal(await page.getByRole("alert").textContent(), "");
  await status(page, "LeNet-5");
  await page.waitForURL(/\?network=lenet5&device=cpu$/);
  assert.ok(await page.locator("#weights-control").isHidden());
  await closeVisit(page);
});

test("what is cancelled while it is kept stays nowhere, and takes nothing from the next one of its name", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu", {
    before: async (page) => {
      await withReader(page);
      await page.addInitScript(() => {
        const put = Cache.prototype.put;
        Cache.prototype.put = async function (...args) {
          if (!String(args[0]).includes("/lenet5-")) return put.apply(this, args);
          globalThis.puts = (globalThis.puts ?? 0) + 1;
          await new Promise((resolve) => setTimeout(resolve, 1000));
          return put.apply(this, args);
        };
      });
    },
  });
  await status(page, "LeNet-5");
  const keepsIt = async (/** @type {number} */ puts) => {
    await drop(page, scripted({}, "mine.pth"));
    await panel(page).getByRole("checkbox").check();
    await run(page).click();
    await page.waitForFunction((puts) => globalThis.puts === puts, puts);
  };
  const offered = () => page.locator("#weights option").evaluateAll((options) => options.map(({ value }) => value));
  const stored = () => page.evaluate(async () => (await (await caches.open("convscope-own-weights")).keys()).length);
  await keepsIt(1);
  await panel(page).getByRole("button", { name: "Cancel" }).click();
  await panel(page).getByText("It was cancelled, and nothing has changed.").waitFor();
  await page.waitForTimeout(1500);
  assert.ok(await panel(page).isVisible(), "the file is still opened");
  assert.deepEqual([await offered(), await stored()], [["q8"], 0]);
  await page.keyboard.press("Escape");
  await keepsIt(2);
  await page.keyboard.press("Escape");
  await keepsIt(3);
  await status(page, "LeNet-5, own weights “mine”");
  await page.waitForTimeout(1500);
  await page.reload();
  await status(page, "LeNet-5, own weights “mine”");
  assert.deepEqual([await offered(), await stored()], [["q8", "mine"], 1]);
  await closeVisit(page);
});

test("several networks, names that are taken and names of classes that are too few are told before anything is converted", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await status(page, "LeNet-5");
  const networks = [{ id: "resnet34", classes: 1000, official: true }, { id: "lenet5", classes: 10, official: false }, { id: "resnet18", classes: 3, official: false }];
  const file = scripted({ summary: { networks, format: "PyTorch" } }, "digits.pth");
  const labels = { name: "labels.txt", buffer: Buffer.from("zero\none\ntwo") };
  await drop(page, file, labels);
  await panel(page).getByText("“labels.txt” has 3 names, and the weights have 10 classes.").waitFor();
  assert.equal(await panel(page).getByLabel("Network").inputValue(), "lenet5", "the one that is shown");
  assert.ok(await run(page).isDisabled());
  await panel(page).getByLabel("Network").selectOption("resnet18");
  await panel(page).getByText("“labels.txt”: zero, one, two.").waitFor();
  await panel(page).getByLabel("Values of the pixels in its training").selectOption("half");
  assert.ok(await run(page).isEnabled());
  await panel(page).getByLabel("Network").selectOption("resnet34");
  await panel(page).getByText(/^This is the official file of ResNet-34\. The network runs with it as if this site had its weights\./).waitFor();
  assert.ok(await panel(page).getByLabel("Name", { exact: true }).isHidden());
  await panel(page).getByLabel("Network").selectOption("lenet5");
  assert.ok(await panel(page).getByLabel("Values of the pixels in its training").isHidden(), "LeNet-5 finds the ink by itself");
  await panel(page).getByRole("button", { name: "Leave it out" }).click();
  await panel(page).getByLabel("Name", { exact: true }).fill("q8");
  await panel(page).getByText("“q8” is the name of official weights: choose another one.").waitFor();
  assert.ok(await run(page).isDisabled());
  await panel(page).getByLabel("Name", { exact: true }).fill("Mine");
  await run(page).click();
  await status(page, "LeNet-5, own weights “Mine”");
  await drop(page, file);
  await panel(page).getByLabel("Name", { exact: true }).fill("mine");
  await panel(page).getByText("There are weights “mine” of this network already").waitFor();
  await closeVisit(page);
});

test("how pixels were prepared is handed to the reader", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=squeezenet1_1&device=cpu");
  await predictions(page);
  await drop(page, scripted({ framing: "half", weights: "squeezenet1_1", summary: { networks: [{ id: "squeezenet1_1", classes: 1000, official: false }] } }, "mine.pth"));
  await run(page).click();
  await panel(page).getByText("The framing is null.").waitFor();
  await panel(page).getByLabel("Values of the pixels in its training").selectOption("half");
  await run(page).click();
  await status(page, "SqueezeNet 1.1, own weights “mine”");
  await closeVisit(page);
});

test("the official file of a network that the site lacks stands in for its weights; of one that it has, those are shown", { timeout: PATIENCE }, async () => {
  const rows = (await manifest()).filter(({ id }) => id !== "squeezenet1_1");
  const page = await opened("?network=squeezenet1_1&device=cpu", { before: async (page) => {
    await withReader(page);
    await serveRows(page, rows);
  } });
  await page.getByText(/^Do you have the official file/).waitFor();
  const file = scripted({ weights: "squeezenet1_1", summary: { networks: [{ id: "squeezenet1_1", classes: 1000, official: true }] } }, "squeezenet.pth");
  await drop(page, file);
  await panel(page).getByText(/^This is the official file of SqueezeNet 1\.1\. The network runs with it/).waitFor();
  await run(page).click();
  await predictions(page);
  await status(page, "SqueezeNet 1.1");
  assert.match(page.url(), /\?network=squeezenet1_1&device=cpu$/);
  assert.ok(await page.locator("#own-badge").isHidden());
  assert.deepEqual(await page.locator("#weights option").allTextContents(), ["8 bits, from your file, 1.3\u00a0MB"]);
  await page.locator("#card-facts").getByText(/^58\.4\s%$/).waitFor(); // the published accuracy, which is theirs

  await page.locator("#network").selectOption("efficientnet_lite0");
  await status(page, "EfficientNet-Lite0");
  await drop(page, file);
  await panel(page).getByText(/whose weights this page has already: they are shown\.$/).waitFor();
  await panel(page).getByRole("button", { name: "Show them" }).click();
  await status(page, "SqueezeNet 1.1");
  await page.locator("#weights-delete").click();
  await page.getByText(/^Do you have the official file/).waitFor();
  await closeVisit(page);
});

const LONG = { notes: ["The tensors were in “state_dict”, which a training program wrote beside its own things.", "Left aside: the optimiser's state."], networks: [{ id: "lenet5", classes: 10, official: false }, { id: "resnet18", classes: 5, official: false }] };

test("the panel is accessible in every scheme, also with a fault in it", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu");
  await drop(page, scripted({ summary: LONG, unconvertible: "The tensor c1.weight has values that are not finite." }, "a.pth"), { name: "labels.txt", buffer: Buffer.from("only one") });
  await panel(page).getByText("“labels.txt” has one name").waitFor();
  await page.evaluate(AXE);
  const faults = () => page.evaluate(async () => (await globalThis.axe.run("#own")).violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`)));
  const schemes = [{ colorScheme: "light" }, { colorScheme: "dark" }, { colorScheme: "dark", forcedColors: "active" }];
  for (const scheme of schemes) {
    await page.emulateMedia(scheme);
    assert.deepEqual(await faults(), [], JSON.stringify(scheme));
  }
  await panel(page).getByRole("button", { name: "Leave it out" }).click();
  await run(page).click();
  await panel(page).getByText("has values that are not finite").waitFor();
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  assert.deepEqual(await faults(), []);
  await closeVisit(page);
});

test("on a phone, the panel has room for a finger, is no wider than the screen, and its button is in sight", { timeout: PATIENCE }, async () => {
  const page = await opened("?network=lenet5&device=cpu", { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  await drop(page, scripted({ summary: LONG }, "a_file_with_a_long_name_without_any_place_to_break_it_2026-11-27.safetensors"));
  await run(page).waitFor();
  await look(page);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    const found = await page.evaluate(() => {
      const own = document.getElementById("own");
      const within = globalThis.seen.controls().filter((control) => own.contains(control));
      return {
        controls: within.length,
        small: within.filter((control) => Math.min(control.getBoundingClientRect().width, control.getBoundingClientRect().height) < 43.9).map(globalThis.seen.name),
        cut: globalThis.seen.cut().filter((name) => /own/.test(name)),
        wide: own.scrollWidth - own.clientWidth,
        start: document.getElementById("own-start").getBoundingClientRect().bottom <= innerHeight,
        page: globalThis.seen.pageWidth(),
      };
    });
    assert.ok(found.controls >= 6, JSON.stringify(found));
    assert.deepEqual(found, { controls: found.controls, small: [], cut: [], wide: 0, start: true, page: width });
  }
  await closeVisit(page);
});
