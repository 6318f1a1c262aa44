// Cameras: which of several is shown, and what is said where its pictures do not come any more.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, becomes, closeVisit, errorSays, launch, predictions, visit } from "./browser.mjs";

const TWO = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"];

let browser;
before(async () => { browser = await launch({ webgpu: false, flags: TWO }); });
after(() => browser?.close());

const VISIT = "?network=squeezenet1_1&device=cpu";

/** The name of the camera that is shown; empty where none is. @param {import("playwright-core").Page} page */
const shown = (page) => page.locator("#video").evaluate((video) => video.srcObject?.getVideoTracks()[0]?.label ?? "");

/** @param {import("playwright-core").Page} page */
async function start(page) {
  await predictions(page);
  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await live(page);
}

/** Until answers to a running camera come. @param {import("playwright-core").Page} page */
async function live(page) {
  await page.locator("#rate").filter({ hasText: /\d/ }).waitFor();
}

const list = (page) => page.getByRole("combobox", { name: "Which camera" });
const options = (page) => list(page).locator("option").allTextContents();

test("several cameras are listed by name, and the one that is chosen is shown, also at the next visit", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT);
  await start(page);
  const names = await options(page);
  assert.equal(names.length, 2);
  const first = await shown(page);
  assert.ok(names.includes(first), `${first} is not among ${names}`);
  assert.ok(await page.getByRole("button", { name: /^(Front|Back) camera$/ }).isHidden(), "a computer's cameras face nowhere");
  const other = names.find((name) => name !== first);
  await list(page).selectOption(other);
  await page.waitForFunction((name) => document.querySelector("#video").srcObject?.getVideoTracks()[0]?.label === name, other);
  await live(page);

  await page.reload();
  await live(page);
  assert.equal(await shown(page), other);
  assert.equal(await list(page).evaluate((select) => select.selectedOptions[0].text), other);
  await closeVisit(page);
});

test("a chosen camera that is gone, or that another program uses, is told, and another one is shown", { timeout: PATIENCE }, async () => {
  for (const [name, sentence] of [["OverconstrainedError", /“Desk camera”, which you chose, is not connected, so another camera is shown\./], ["NotReadableError", /“Desk camera”, which you chose, is in use by another program, so another camera is shown\./]]) {
    const page = await visit(browser, VISIT, {
      before: (page) => page.addInitScript((name) => {
        localStorage.setItem("convscope-camera", JSON.stringify({ id: "desk", label: "Desk camera", facing: "environment" }));
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) => (wanted.video.deviceId?.exact === "desk" ? Promise.reject(new DOMException("", name)) : open(wanted));
      }, name),
    });
    await start(page);
    await page.getByRole("status").getByText(sentence).waitFor();
    assert.match(await shown(page), /^fake_device/);
    await closeVisit(page);
  }
});

test("a camera that has another id at this visit is known by its name", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT);
  await start(page);
  const first = await shown(page);
  const other = (await options(page)).find((name) => name !== first);
  await page.evaluate((label) => localStorage.setItem("convscope-camera", JSON.stringify({ id: "of an earlier visit", label, facing: "environment" })), other);
  await page.reload();
  await live(page);
  assert.equal(await shown(page), other);
  assert.equal(await page.locator("#notices").textContent(), "");
  await closeVisit(page);
});

test("the list follows what is connected, and cameras without a name are numbered", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT);
  await start(page);
  await page.evaluate(async () => {
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput").map(({ kind, deviceId }) => ({ kind, deviceId, label: "" }));
    navigator.mediaDevices.enumerateDevices = async () => [...all, { kind: "videoinput", deviceId: "new", label: "New camera" }];
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await page.waitForFunction(() => document.querySelector("#cameras").options.length === 3);
  assert.deepEqual(await options(page), ["Camera 1", "Camera 2", "New camera"]);
  await page.evaluate(() => {
    navigator.mediaDevices.enumerateDevices = async () => [];
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await list(page).waitFor({ state: "hidden" });
  await closeVisit(page);
});

test("on a phone, one button changes between the cameras of both sides", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT, {
    before: (page) => page.addInitScript(() => {
      globalThis.asked = [];
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        globalThis.asked.push(wanted.video.facingMode);
        const stream = await open({ video: true });
        const [track] = stream.getVideoTracks();
        const settings = track.getSettings.bind(track);
        track.getSettings = () => ({ ...settings(), facingMode: wanted.video.facingMode });
        return stream;
      };
    }),
  });
  await start(page);
  assert.ok(await list(page).isHidden(), "two cameras need no list beside the button");
  await page.getByRole("button", { name: "Front camera" }).click();
  await page.getByRole("button", { name: "Back camera" }).click();
  await page.getByRole("button", { name: "Front camera" }).waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.asked), ["environment", "user", "environment"]);
  await closeVisit(page);
});

const INTERRUPTED = /The camera is interrupted: a call or another program has taken it/;

for (const [how, stop, goOn] of [
  ["muted by the system", (video) => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("mute")), (video) => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("unmute"))],
  ["paused by the browser", (video) => video.pause(), (video) => video.play()],
  ["muted and paused, as by a call", (video) => {
    video.pause();
    video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("mute"));
  }, (video) => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("unmute"))],
]) {
  test(`a camera that is ${how} is told, has no rate, and goes on when it can`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, VISIT);
    await start(page);
    await page.locator("#video").evaluate(stop);
    await page.getByRole("status").getByText(INTERRUPTED).or(page.locator("#interrupted").filter({ hasText: INTERRUPTED })).first().waitFor();
    await page.locator("#rate").waitFor({ state: "hidden" });
    await page.locator('#predictions[aria-busy="true"]').waitFor();
    await page.waitForTimeout(800); // an answer that was under way has come
    assert.ok(await page.locator("#rate").isHidden(), "a rate came back while no pictures come");
    await page.locator("#video").evaluate(goOn);
    await page.locator("#interruption").waitFor({ state: "hidden" });
    await live(page);
    await page.locator('#predictions[aria-busy="false"]').waitFor();
    await closeVisit(page);
  });
}

test("a camera that is muted from the start is told at once, and goes on when it can", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT, {
    before: (page) => page.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        Object.defineProperty(stream.getVideoTracks()[0], "muted", { value: true, configurable: true });
        return stream;
      };
    }),
  });
  await predictions(page);
  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await page.locator("#interrupted").filter({ hasText: INTERRUPTED }).waitFor();
  await page.waitForTimeout(800);
  assert.ok(await page.locator("#rate").isHidden(), "a rate, although no pictures come");
  await page.locator("#video").evaluate((video) => {
    const [track] = video.srcObject.getVideoTracks();
    delete track.muted;
    track.dispatchEvent(new Event("unmute"));
  });
  await page.locator("#interruption").waitFor({ state: "hidden" });
  await live(page);
  await closeVisit(page);
});

test("a camera that gives no first picture is told, and a picture that is held stays when the camera goes", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT, {
    before: (page) => page.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const silent = document.createElement("canvas");
      silent.getContext("2d");
      navigator.mediaDevices.getUserMedia = async (wanted) => ("works" in globalThis ? open(wanted) : silent.captureStream(0));
    }),
  });
  await predictions(page);
  await page.getByRole("button", { name: "Camera", exact: true }).click();
  await page.locator("#interrupted").filter({ hasText: INTERRUPTED }).waitFor();
  await page.evaluate(() => Object.assign(globalThis, { works: true }));
  await page.getByRole("button", { name: "Start the camera again" }).click();
  await live(page);
  await page.getByRole("link", { name: "Compare", exact: true }).click();
  await page.getByRole("button", { name: "Pause on this picture" }).click();
  await becomes(page, () => import("/www/state.js").then(({ state }) => state.held));
  await page.locator("#video").evaluate((video) => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("ended")));
  await errorSays(page, /The camera was disconnected/);
  assert.deepEqual(await page.evaluate(() => import("/www/state.js").then(({ state }) => [state.held, state.source.kind])), [true, "camera"]);
  await closeVisit(page);
});

test("a camera from which nothing comes is told after a while, and can be started again", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT);
  await start(page);
  await page.locator("#video").evaluate((video) => { video.srcObject.getVideoTracks()[0].enabled = true; video.requestVideoFrameCallback = () => 0; });
  await page.locator("#interruption").waitFor();
  await page.locator("#video").evaluate((video) => { delete video.requestVideoFrameCallback; });
  await page.getByRole("button", { name: "Start the camera again" }).click();
  await page.locator("#interruption").waitFor({ state: "hidden" });
  await live(page);
  await closeVisit(page);
});

test("a camera that is disconnected is told, and can be tried again", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, VISIT);
  await start(page);
  await page.locator("#video").evaluate((video) => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event("ended")));
  await errorSays(page, /The camera was disconnected, or another program has taken it away\. Connect it or close that program, then try again\./);
  await page.locator("#rate").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Try again" }).click();
  await live(page);
  await closeVisit(page);
});
