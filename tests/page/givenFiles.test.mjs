// Files that are dropped or pasted before the page's views have come are kept until those can take them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, launch, visit } from "./browser.mjs";

const LATE = 1500; // milliseconds, in which a prediction and the first picture would be there
const NO_PICTURE = { name: "notes.txt", type: "text/plain" };

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/**
 * Opens the page, whose views come late, and gives it pictures as soon as it listens.
 * @param {string} query
 * @param {string} how
 * @param {string[]} names of the pictures
 */
async function giveEarly(query, how, names) {
  const photo = (await coffee()).toString("base64");
  const page = await visit(browser, query, {
    before: (page) => page.route("**/www/sharedViews.js", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, LATE));
      await route.continue();
    }),
  });
  await page.waitForFunction(() => !document.body.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true })));
  const stays = await page.evaluate(([base64, how, ...names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type: "image/png" }));
    const event = how === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true }) : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    return { isEarly: !document.querySelector("#samples button"), wentOn: document.body.dispatchEvent(event) };
  }, [photo, how, ...names]);
  assert.ok(stays.isEarly, "the views are there already");
  if (how === "drop") assert.equal(stays.wentOn, false, "the browser would open the file in place of the page");
  return page;
}

for (const how of ["drop", "paste"]) {
  test(`a picture that comes by ${how} before the page can take it is shown, and stays`, { timeout: PATIENCE }, async () => {
    const page = await giveEarly("?device=cpu&source=sample:chelsea", how, ["early.png"]);
    await page.getByText("early.png", { exact: true }).waitFor();
    await page.locator("#predictions li").first().filter({ hasText: "espresso" }).waitFor();
    await page.waitForTimeout(500);
    await page.getByText("early.png", { exact: true }).waitFor();
    await closeVisit(page);
  });
}

test("several pictures that are dropped before the comparison has come are taken for a folder", { timeout: PATIENCE }, async () => {
  const page = await giveEarly("?networks=squeezenet1_1&device=cpu", "drop", ["one.png", "two.png"]);
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await closeVisit(page);
});

/**
 * Has a file come later than it would.
 * @param {string} glob
 * @param {number} milliseconds
 */
const late = (glob, milliseconds) => (page) => page.route(glob, async (route) => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await route.continue().catch(() => {}); // the page may be closed
});

/**
 * Drops files on the page, which need not be ready for them.
 * @param {import("playwright-core").Page} page
 * @param {{ name: string, type: string }[]} files
 */
async function drop(page, ...files) {
  const photo = (await coffee()).toString("base64");
  await page.waitForFunction(() => !document.body.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true })));
  await page.evaluate(([base64, files]) => {
    const data = new DataTransfer();
    for (const { name, type } of files) data.items.add(new File([type === "image/png" ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) : "no picture"], name, { type }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [photo, files]);
}
const picture = (name) => ({ name, type: "image/png" });

for (const query of ["?device=cpu&source=sample:chelsea", "?networks=squeezenet1_1&device=cpu&source=sample:chelsea"]) {
  test(`an early file that is no picture leaves the picture of the address: ${query}`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, query, { before: late("**/www/samples.json", LATE) });
    await drop(page, NO_PICTURE);
    await page.getByText(/“notes\.txt” is not a picture/).waitFor();
    await page.locator("#predictions li, #answers-cards .predictions li").first().filter({ hasText: /cat|tabby/i }).waitFor();
    assert.match(page.url(), /source=sample:chelsea/);
    await closeVisit(page);
  });
}

test("what is chosen last is shown, though an earlier drop could not be taken before", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: late("**/www/single/view.js", 2 * LATE) });
  await drop(page, picture("early.png"));
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.locator("#predictions li").first().filter({ hasText: /cat|tabby/i }).waitFor();
  await page.waitForTimeout(500);
  assert.equal(await page.getByText("early.png").count(), 0);
  await closeVisit(page);
});

test("where the view's code cannot be had, pictures are taken all the same", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: (page) => page.route("**/www/single/view.js", (route) => route.abort()) });
  await page.getByText(/A part of the page could not be downloaded/).waitFor();
  await drop(page, picture("mine.png"));
  await page.getByText("mine.png", { exact: true }).waitFor();
  await closeVisit(page);
});

test("pictures that are dropped while the comparison is on its way are taken by it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu", { before: late("**/www/compare/view.js", LATE) });
  await page.locator("#predictions li").first().waitFor();
  await page.getByRole("link", { name: "Compare" }).click();
  await drop(page, picture("one.png"), picture("two.png"));
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await closeVisit(page);
});

test("an early folder waits for the list of networks; a link that is dropped later leaves what came of it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=&device=cpu&tab=folder", { before: late("**/www/weights/manifest.json", LATE) });
  await drop(page, picture("one.png"), picture("two.png"));
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await drop(page);
  await page.getByText("There was no picture in that.").waitFor();
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  const chosen = page.locator("#entries input:checked");
  while (await chosen.count()) await chosen.first().uncheck();
  await drop(page, picture("three.png"), picture("four.png"));
  await page.getByText("No network is chosen. Choose one above.").waitFor();
  await closeVisit(page);
});

test("the first picture is shown also where another one was asked for before the list of samples came", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea");
  await page.locator("#predictions li").first().waitFor();
  await page.getByRole("link", { name: "Gradient lab" }).click();
  await page.waitForURL(/lab=/);
  await late("**/www/samples.json", 2 * LATE)(page);
  await page.reload();
  await page.waitForFunction(() => document.body.dataset.view === "lab");
  await page.goBack();
  await page.locator("#predictions li").first().filter({ hasText: /cat|tabby/i }).waitFor();
  await closeVisit(page);
});

test("text that is pasted into a field belongs to the field", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?lab=vanishing");
  const paste = (selector) => page.evaluate((selector) => {
    const data = new DataTransfer();
    data.setData("text/plain", "12");
    document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, selector);
  await page.locator("#lab input[inputmode], #lab input[type=number], #lab input[type=text]").first().waitFor();
  await paste("#lab input[inputmode], #lab input[type=number], #lab input[type=text]");
  await page.waitForTimeout(200);
  assert.equal(await page.getByText("There was no picture in that.").count(), 0);
  await paste("body");
  await page.getByText("There was no picture in that.").waitFor();
  await closeVisit(page);
});
