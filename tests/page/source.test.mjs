// What becomes of the camera's picture: the source of pictures, with a camera that does as it is told.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { settled } from "./fakeWorker.mjs";

const page = Object.assign(new EventTarget(), { hidden: false, createElement: () => ({}) });
const moments = /** @type {{ closed: boolean }[]} */ ([]);
let cameras = 0;

/** @type {typeof import("../../www/state.js")} */
let store;
/** @type {import("../../www/source.js").PictureSource} */
let source;

before(async () => {
  const mediaDevices = {
    enumerateDevices: async () => [],
    getUserMedia: async () => (cameras++, { getTracks: () => [], getVideoTracks: () => [] }),
  };
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });
  Object.assign(globalThis, {
    document: page,
    createImageBitmap: async () => {
      await settled(2);
      const moment = { closed: false, close: () => void (moment.closed = true) };
      moments.push(moment);
      return moment;
    },
  });
  store = await import("../../www/state.js");
  const { PictureSource } = await import("../../www/source.js");
  const video = Object.assign(new EventTarget(), { videoWidth: 2, videoHeight: 2, srcObject: null, play: async () => {}, requestVideoFrameCallback() {} });
  source = new PictureSource(/** @type {any} */ (video), () => {}, () => null);
  source.followVisibility();
});

beforeEach(async () => {
  moments.length = 0;
  source.rest(false);
  await source.show({ kind: "camera" });
});

/** @param {boolean} hidden */
async function hide(hidden) {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
  await settled(5);
}

test("a picture that is held stays while the page is hidden and while nothing looks at it", async () => {
  await source.hold();
  const { still } = store.state;
  assert.ok(store.state.held && still);
  const before = cameras;
  await hide(true);
  await hide(false);
  source.rest(true);
  source.rest(false);
  await settled(5);
  assert.deepEqual([store.state.held, store.state.still === still, moments[0].closed], [true, true, false]);
  assert.equal(cameras, before, "the camera need not run meanwhile");
  source.release();
  await settled(5);
  assert.deepEqual([store.state.held, store.state.still, moments[0].closed, cameras], [false, null, true, before + 1]);
});

test("a camera that was not held goes on", async () => {
  const before = cameras;
  await hide(true);
  await hide(false);
  assert.deepEqual([store.state.held, cameras], [false, before + 1]);
});

test("a picture of a camera is not held once another source has been chosen", async () => {
  const holding = source.hold();
  await source.show({ kind: "drawing" });
  await holding;
  assert.deepEqual([store.state.source?.kind, store.state.held, store.state.still, moments[0].closed], ["drawing", false, null, true]);
});
