// Files that are dropped or pasted before the page's views have come are kept until those can take them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, launch, visit } from "./browser.mjs";

const LATE = 1500; // milliseconds, in which a prediction and the first picture would be there

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
