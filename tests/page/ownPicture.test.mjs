// The visitor's own pictures: they stay from view to view, a reload says what has become of them, and a link does not hold them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, coffee, launch, predictions, visit } from "./browser.mjs";
import { FAKE_CAMERA } from "./chromium.mjs";

let browser;
before(async () => { browser = await launch({ flags: FAKE_CAMERA }); });
after(() => browser?.close());

/** @param {import("playwright-core").Page} page */
const openOwn = async (page) => {
  await page.locator("#file").setInputFiles({ name: "mine.png", mimeType: "image/png", buffer: await coffee() });
  await page.getByText("mine.png", { exact: true }).waitFor();
};

test("a photo that was opened in the comparison stays on the way back, though the address before it names another picture", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea");
  await predictions(page);
  const link = (name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
  await link("Compare").click();
  await openOwn(page);
  const compared = page.getByRole("list", { name: "Predictions of EfficientNet-Lite0", exact: true });
  await compared.getByText("espresso", { exact: true }).waitFor();
  await page.goBack();
  await predictions(page, "espresso");
  await page.getByText("mine.png", { exact: true }).waitFor();
  await page.waitForURL(/\?device=cpu$/); // the address names the photo no more that is not shown any more

  await link("Look inside").click();
  await page.locator("#inside-tabs").waitFor();
  await link("Gradient lab").click();
  await page.locator("#lab-start").waitFor();
  await page.goBack();
  await page.goBack();
  await predictions(page, "espresso");
  await page.getByText("mine.png", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("mine.png", { exact: true }).waitFor();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a reload says that the photo is gone, and offers to open it again; of the page's own photos it says nothing", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await openOwn(page);
  await page.reload();
  const said = page.getByRole("status").getByText(/^“mine\.png” is not shown any more: this page was loaded again, and it keeps no picture of yours\./);
  await said.waitFor();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Open it again" }).click()]);
  await chooser.setFiles({ name: "mine.png", mimeType: "image/png", buffer: await coffee() });
  await page.getByText("mine.png", { exact: true }).waitFor();
  await said.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Chelsea the cat" }).click();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await page.reload();
  await page.getByText(/^Chelsea the cat\. /).waitFor();
  await predictions(page);
  assert.equal(await said.count(), 0);
  await closeVisit(page);
});

test("a reload goes on where the browser lets no page store anything", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", {
    before: (page) => page.addInitScript(() => {
      for (const act of ["getItem", "setItem", "removeItem"]) Storage.prototype[act] = () => { throw new DOMException("", "SecurityError"); };
    }),
  });
  await predictions(page, "espresso");
  await openOwn(page);
  await page.reload();
  await predictions(page, "espresso");
  await page.getByRole("radio", { name: "CPU" }).and(page.locator(":checked")).waitFor(); // all controls have come
  await closeVisit(page);
});

test("a copied link says whether the picture is in it, and can be copied by hand where the page may not copy", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu&source=sample:chelsea", { context: { permissions: ["clipboard-read", "clipboard-write", "camera"] } });
  await predictions(page);
  const copy = async (sentence) => {
    await page.getByRole("button", { name: "Copy link", exact: true }).click();
    await page.locator("#copy-said").getByText(sentence).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.match(await copy(/^The link is copied\. It opens this view with this photo\.$/), /\?network=lenet5&device=cpu&source=sample:chelsea$/);
  await page.getByRole("button", { name: "Draw", exact: true }).click();
  await page.locator("#copy-said").getByText(/./).waitFor({ state: "detached" });
  assert.match(await copy(/Your drawing is not in it: the link opens the view with an empty pad\.$/), /\?network=lenet5&device=cpu$/);
  await openOwn(page);
  await copy(/Your picture is not in it: the picture stays in this browser/);
  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  assert.match(await copy(/What your camera shows is not in it: whoever opens it is asked for a camera\.$/), /source=camera$/);

  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError")); });
  await page.getByRole("button", { name: "Copy link", exact: true }).click();
  await page.locator("#copy-said").getByText(/^This browser does not let the page copy: copy it from here\. What your camera shows is not in it/).waitFor();
  assert.equal(await page.getByLabel("Link to copy").inputValue(), page.url());
  await closeVisit(page);
});
