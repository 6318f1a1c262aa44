// LeNet-5 and the sheets that people hold before a camera or draw on: grey, shaded, empty, transparent, with a palm on them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeVisit, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** @typedef {{ name: string, paper: string | null, ink: string | null, light?: "vignette" | "shadow" | "speck" | "squares" }} Sheet */

/**
 * A three on a sheet, as a picture file.
 * @param {import("playwright-core").Page} page
 * @param {Sheet} sheet
 */
async function open(page, { name, paper, ink, light }) {
  const base64 = await page.evaluate(async ({ paper, ink, light }) => {
    const canvas = new OffscreenCanvas(280, 280);
    const context = canvas.getContext("2d");
    if (paper) {
      context.fillStyle = paper;
      context.fillRect(0, 0, 280, 280);
    }
    if (ink) {
      Object.assign(context, { strokeStyle: ink, lineWidth: 24, lineCap: "round", lineJoin: "round" });
      context.beginPath();
      context.arc(132, 97, 46, -2.5, 1.5);
      context.moveTo(135, 137);
      context.arc(130, 187, 50, -1.4, 2.6);
      context.stroke();
    }
    context.globalCompositeOperation = "multiply";
    if (light === "squares") {
      context.fillStyle = "#9bd";
      for (let at = 0; at < 280; at += 28) {
        context.fillRect(at, 0, 2, 280);
        context.fillRect(0, at, 280, 2);
      }
    }
    if (light === "vignette") {
      const gradient = context.createRadialGradient(140, 140, 20, 140, 140, 200);
      gradient.addColorStop(0, "#bbb");
      gradient.addColorStop(1, "#444");
      context.fillStyle = gradient;
      context.fillRect(0, 0, 280, 280);
    } else if (light === "shadow") {
      context.fillStyle = "#777";
      context.fillRect(0, 150, 280, 130);
    } else if (light === "speck") {
      context.fillStyle = "#222";
      context.fillRect(268, 5, 4, 4);
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, { paper, ink, light });
  await page.locator("#file").setInputFiles({ name: `${name}.png`, mimeType: "image/png", buffer: Buffer.from(base64, "base64") });
  await page.locator("#caption").getByText(`${name}.png`).waitFor();
}

/** @type {Sheet[]} */
const SHEETS = [
  { name: "white paper", paper: "#fff", ink: "#111" },
  { name: "paper of 120", paper: "rgb(120 120 120)", ink: "rgb(20 20 20)" },
  { name: "paper of 105", paper: "rgb(105 105 105)", ink: "rgb(20 20 20)" },
  { name: "in a vignette", paper: "#fff", ink: "#222", light: "vignette" },
  { name: "half in a shadow", paper: "#eee", ink: "#222", light: "shadow" },
  { name: "with a speck", paper: "#ddd", ink: "#222", light: "speck" },
  { name: "on squared paper", paper: "#fff", ink: "#222", light: "squares" },
  { name: "a blackboard", paper: "#234", ink: "#dde" },
  { name: "black on nothing", paper: null, ink: "#000" },
  { name: "white on nothing", paper: null, ink: "#fff" },
];

const NO_INK = /^There is no ink on this picture, so there is no digit to read\. Draw one, or show one on plain paper\.$/;

test("a three is a three on whatever paper, and an empty sheet is no digit", async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu");
  await page.getByText(/^Draw on the pad/).waitFor();
  for (const sheet of SHEETS) {
    await open(page, sheet);
    const [{ label, probability }] = await predictions(page);
    assert.equal(label, "3", `${sheet.name}: ${(100 * probability).toFixed(1)} %`);
  }
  for (const sheet of [{ name: "empty", paper: "#fff", ink: null }, { name: "dim", paper: "#777", ink: null, light: /** @type {const} */ ("vignette") }, { name: "squared", paper: "#fff", ink: null, light: /** @type {const} */ ("squares") }, { name: "nothing", paper: null, ink: null }]) {
    await open(page, sheet);
    await page.getByText(NO_INK).and(page.locator("#no-predictions")).waitFor();
    assert.equal(await page.getByRole("list", { name: "Predictions", exact: true }).count(), 0, sheet.name);
    await page.getByRole("button", { name: "Draw a digit" }).waitFor();
    await open(page, SHEETS[0]);
    await predictions(page, "3");
  }
  await page.goto(new URL("?networks=lenet5,squeezenet1_1&device=cpu", page.url()).href);
  await page.getByRole("list", { name: "Predictions of LeNet-5", exact: true }).waitFor();
  await open(page, { name: "empty", paper: "#fff", ink: null });
  await page.locator("#answers-cards").getByText(NO_INK).waitFor();
  await closeVisit(page);
});

test("one pointer draws: a palm beside it does not, and a pen has precedence over a palm", async () => {
  const page = await visit(browser, "?network=lenet5&device=cpu&source=drawing", { context: { hasTouch: true } });
  await page.getByText("Draw a digit here").or(page.locator("#pad-hint")).first().waitFor();
  const pad = page.locator("#pad");
  const box = await pad.boundingBox();
  const client = await page.context().newCDPSession(page);
  const at = (x, y, id) => ({ x: box.x + x * box.width, y: box.y + y * box.height, id });
  const send = (type, touchPoints) => client.send("Input.dispatchTouchEvent", { type, touchPoints });
  await send("touchStart", [at(0.5, 0.15, 1)]);
  await send("touchStart", [at(0.5, 0.15, 1), at(0.9, 0.9, 2)]);
  for (let i = 1; i <= 20; i++) await send("touchMove", [at(0.5, 0.15 + i * 0.035, 1), at(0.9 - (i % 2) * 0.01, 0.9, 2)]);
  await send("touchEnd", []);
  /** How many pixels of a corner, and of the middle, are drawn on. */
  const drawn = () => pad.evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const side = canvas.width;
    const count = (x, y, width, height) => {
      const { data } = canvas.getContext("2d").getImageData(x * side, y * side, width * side, height * side);
      let ink = 0;
      for (let i = 0; i < data.length; i += 4) ink += Number(data[i] < 128);
      return ink;
    };
    return { corner: count(0.75, 0.6, 0.24, 0.39), middle: count(0.4, 0.1, 0.2, 0.8) };
  });
  const byTouch = await drawn();
  assert.equal(byTouch.corner, 0);
  assert.ok(byTouch.middle > 1000);
  await predictions(page, "1");

  await page.getByRole("button", { name: "Clear" }).click();
  const pen = (type, x, y) => client.send("Input.dispatchMouseEvent", { type, pointerType: "pen", button: "left", buttons: 1, clickCount: 1, ...at(x, y, 0) });
  await send("touchStart", [at(0.9, 0.9, 1)]);
  await pen("mousePressed", 0.5, 0.15);
  await send("touchMove", [at(0.8, 0.7, 1)]);
  await pen("mouseMoved", 0.5, 0.85);
  await send("touchStart", [at(0.8, 0.7, 1), at(0.85, 0.8, 2)]);
  await pen("mouseReleased", 0.5, 0.85);
  await send("touchEnd", []);
  const byPen = await drawn();
  assert.equal(byPen.corner, 0);
  assert.ok(byPen.middle > 1000);
  await closeVisit(page);
});
