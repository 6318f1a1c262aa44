// Browsers that protect from fingerprinting hand out other pixels than were drawn: the networks see the picture all the same, or are not asked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** What a browser does to the pixels that are read. The text runs on the page and in the worker that opens pictures. */
const HARM = {
  noise: "data[i] = Math.random() * 256",
  white: "data[i] = 255",
  few: "if (i % 7 === 0) data[i] ^= 1",
};

/** @param {keyof typeof HARM} how @param {boolean} frames there are video frames, by which pixels can be had otherwise */
const fake = (how, frames) => `
  for (const { prototype } of [globalThis.CanvasRenderingContext2D, globalThis.OffscreenCanvasRenderingContext2D].filter(Boolean)) {
    const read = prototype.getImageData;
    prototype.getImageData = function (...args) {
      const image = read.apply(this, args);
      const { data } = image;
      for (let i = 0; i < data.length; i++) ${HARM[how]};
      return image;
    };
  }
  ${frames ? "" : "delete globalThis.VideoFrame;"}`;

const altered = (how, frames = true) => async (page) => {
  await page.addInitScript(fake(how, frames));
  await page.route("**/www/decoder.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${fake(how, frames)}` });
  });
};

const TOLD = /This browser changes the pixels that a page reads from its canvas.* The networks get the pictures in another way/;
const REFUSED = /This browser changes the pixels that a page reads, .* Allow this site to read canvas data/;
const VIEWS = { "on the page": "?network=squeezenet1_1&device=cpu&source=sample:coffee", "in a worker": "?networks=squeezenet1_1&device=cpu&source=sample:coffee" };

for (const [where, query] of Object.entries(VIEWS)) {
  const answer = (page) => page.locator("#predictions li .label, #answers-cards .predictions li .label").first();
  for (const how of /** @type {const} */ (["noise", "white"])) {
    test(`${how} instead of pixels ${where}: they are taken in another way, and the page says so`, { timeout: PATIENCE }, async () => {
      const page = await visit(browser, query, { before: altered(how) });
      await answer(page).filter({ hasText: "espresso" }).waitFor();
      await page.getByRole("status").getByText(TOLD).waitFor();
      await closeVisit(page);
    });

    test(`${how} instead of pixels ${where}, and no other way: no network is asked`, { timeout: PATIENCE }, async () => {
      const page = await visit(browser, query, { before: altered(how, false) });
      await errorSays(page, REFUSED);
      assert.equal(await answer(page).count(), 0);
      await page.locator("#still").waitFor();
      await closeVisit(page);
    });
  }

  test(`pixels of which a few differ by one ${where} are as good as any`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, query, { before: altered("few", false) });
    await answer(page).filter({ hasText: "espresso" }).waitFor();
    assert.equal(await page.locator("#notices").textContent(), "");
    await closeVisit(page);
  });
}

test("a drawing is read in the other way too", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu", { before: altered("white") });
  await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
  const box = await page.locator("#pad").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.8, { steps: 10 });
  await page.mouse.up();
  await predictions(page, "1");
  await closeVisit(page);
});

test("what is transparent stays so in the other way", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu", { before: altered("white") });
  const data = await page.evaluate(async () => {
    const { readSquare } = await import(new URL("www/pixels.js", location.href).href);
    const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
    const context = canvas.getContext("2d");
    context.fillStyle = "rgb(200 100 50 / 0.5)";
    context.fillRect(0, 0, 1, 1);
    context.fillStyle = "rgb(7, 8, 9)";
    context.fillRect(1, 1, 1, 1);
    return [...(await readSquare(canvas)).data];
  });
  const [red, green, blue, opacity] = data;
  for (const [value, wanted] of [[red, 200], [green, 100], [blue, 50], [opacity, 128]]) assert.ok(Math.abs(value - wanted) <= 2, `${data.slice(0, 4)}`);
  assert.deepEqual(data.slice(4), [0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9, 255]);
  await closeVisit(page);
});
