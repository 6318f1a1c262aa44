// Files that are dropped or pasted before the page's views have come are kept until those can take them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, launch, visit } from "./browser.mjs";

const LATE = 1500; // milliseconds, in which a prediction and the first picture would be there

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

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
 * Gives the page files as soon as it listens, though it may not be ready for them. What is no .png is no picture.
 * @param {import("playwright-core").Page} page
 * @param {"drop" | "paste"} how
 * @param {string[]} names
 * @returns {Promise<{ isEarly: boolean, wentOn: boolean }>} isEarly: the page's controls were not there; wentOn: the browser would have opened the file
 */
async function give(page, how, ...names) {
  const photo = (await coffee()).toString("base64");
  await page.waitForFunction(() => !document.body.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true })));
  return page.evaluate(([base64, how, ...names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([name.endsWith(".png") ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) : "no picture"], name));
    const event = how === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true }) : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    return { isEarly: !document.querySelector("#samples button"), wentOn: document.body.dispatchEvent(event) };
  }, [photo, how, ...names]);
}

/**
 * Opens the page, whose controls come late, and gives it pictures before.
 * @param {string} query
 * @param {"drop" | "paste"} how
 * @param {string[]} names
 */
async function giveEarly(query, how, ...names) {
  const page = await visit(browser, query, { before: late("**/www/sharedViews.js", LATE) });
  const { isEarly, wentOn } = await give(page, how, ...names);
  assert.ok(isEarly, "the views are there already");
  if (how === "drop") assert.equal(wentOn, false, "the browser would open the file in place of the page");
  return page;
}

for (const how of ["drop", "paste"]) {
  test(`a picture that comes by ${how} before the page can take it is shown, and stays`, { timeout: PATIENCE }, async () => {
    const page = await giveEarly("?device=cpu&source=sample:chelsea", how, "early.png");
    await page.getByText("early.png", { exact: true }).waitFor();
    await page.locator("#predictions li").first().filter({ hasText: "espresso" }).waitFor();
    await page.waitForTimeout(500);
    await page.getByText("early.png", { exact: true }).waitFor();
    await closeVisit(page);
  });
}

test("several pictures that are dropped before the comparison has come are taken for a folder", { timeout: PATIENCE }, async () => {
  const page = await giveEarly("?networks=squeezenet1_1&device=cpu", "drop", "one.png", "two.png");
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await closeVisit(page);
});

for (const query of ["?device=cpu&source=sample:chelsea", "?networks=squeezenet1_1&device=cpu&source=sample:chelsea"]) {
  test(`an early file that is no picture leaves the picture of the address: ${query}`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, query, { before: late("**/www/samples.json", LATE) });
    await give(page, "drop", "notes.txt");
    await page.getByText(/“notes\.txt” is not a picture/).waitFor();
    await page.locator("#predictions li, #answers-cards .predictions li").first().filter({ hasText: /cat|tabby/i }).waitFor();
    assert.match(page.url(), /source=sample:chelsea/);
    await closeVisit(page);
  });
}

test("what is chosen last is shown, though an earlier drop could not be taken before", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: late("**/www/single/view.js", 2 * LATE) });
  await give(page, "drop", "early.png");
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
  await give(page, "drop", "mine.png");
  await page.getByText("mine.png", { exact: true }).waitFor();
  await closeVisit(page);
});

test("pictures that are dropped while the comparison is on its way are taken by it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu", { before: late("**/www/compare/view.js", LATE) });
  await page.locator("#predictions li").first().waitFor();
  await page.getByRole("link", { name: "Compare" }).click();
  await give(page, "drop", "one.png", "two.png");
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await closeVisit(page);
});

test("an early folder waits for the list of networks; a link that is dropped later leaves what came of it", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?networks=&device=cpu&tab=folder", { before: late("**/www/weights/manifest.json", LATE) });
  await give(page, "drop", "one.png", "two.png");
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  await give(page, "drop");
  await page.getByText("There was no picture in that.").waitFor();
  await page.getByText(/^The folder has been evaluated\. 2 pictures/).waitFor();
  const chosen = page.locator("#entries input:checked");
  while (await chosen.count()) await chosen.first().uncheck();
  await give(page, "drop", "three.png", "four.png");
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
  const taken = await page.evaluate((selector) => [false, true].map((hasFile) => {
    const data = new DataTransfer();
    data.setData("text/plain", "12");
    if (hasFile) data.items.add(new File(["x"], "net.pth"));
    return !document.querySelector(selector).dispatchEvent(new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true }));
  }), "#lab input[inputmode], #lab input[type=number], #lab input[type=text]");
  assert.deepEqual(taken, [false, true], "a text that is dragged belongs to the field, a file to the page");
  await paste("body");
  await page.getByText("There was no picture in that.").waitFor();
  await closeVisit(page);
});
