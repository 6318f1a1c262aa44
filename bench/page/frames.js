// @ts-check
// What a frame costs besides inference, with the page's own camera.js, engine.js and worker.js.
import { frameOfVideo, openCamera } from "../../www/camera.js";
import { Engine } from "../../www/engine.js";

/** Of the camera's picture. */
const [WIDTH, HEIGHT] = [640, 480];

/** Milliseconds. @typedef {{ draw: number, preprocess: number, inference: number, rest: number }} FrameTiming */

/**
 * @param {"cpu" | "webgpu"} device
 * @param {string} id
 * @param {string[]} shards
 * @param {number} frames
 * @returns {Promise<FrameTiming[]>}
 */
async function frames(device, id, shards, frames) {
  const closing = new AbortController();
  /** @type {import("../../pkg/convscope.js").Card[]} */
  let cards = [];
  const engine = await Engine.open(device, closing.signal, (found) => (cards = found));
  const files = shards.map(async (shard) => new Uint8Array(await (await fetch(`/www/weights/${shard}`)).arrayBuffer()));
  await engine.load(id, "q8", await Promise.all(files));
  const side = cards.find((card) => card.id === id)?.frame.side ?? 0;
  const video = Object.assign(document.createElement("video"), { muted: true, srcObject: await openCamera({ facingMode: "user" }) });
  await video.play();
  if (video.videoWidth !== WIDTH || video.videoHeight !== HEIGHT) throw new Error(`the camera shows ${video.videoWidth} × ${video.videoHeight} pixels`);
  const timings = [];
  for (let index = 0; index < frames; index += 1) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const start = performance.now();
    const frame = await frameOfVideo(video, side);
    if (!frame) throw new Error("the camera shows no picture");
    const drawn = performance.now();
    const answer = await engine.classify(id, frame, 5, false);
    const end = performance.now();
    const { preprocess, inference } = answer.timing;
    timings.push({ draw: drawn - start, preprocess, inference, rest: end - drawn - preprocess - inference });
  }
  closing.abort();
  return timings;
}

Object.assign(globalThis, { frames });
