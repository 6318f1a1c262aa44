// @ts-check
import { Runtime, plain } from "./runtime.mjs";
import { median, quantile } from "./statistics.mjs";

/** Frames before those that count: caches, and the compiler of the browser. */
const WARM_UP = 20;

/**
 * Milliseconds, medians.
 * @typedef {object} FramePath
 * @property {string} network
 * @property {number} frames
 * @property {number} [draw] camera's picture → canvas → pixels
 * @property {number} [preprocess] pixels → input
 * @property {number} [rest] messages to the worker and back, softmax, the five most probable
 * @property {number} [besides] all that is not inference
 * @property {number} [p90] of the same
 * @property {number} [inference]
 * @property {string} [failed]
 */

/**
 * What a frame costs besides inference on the CPU, through the page's own functions.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("../page/description.js").Description} description of a network with installed weights
 * @param {{ frames: number, patience: number }} options
 * @returns {Promise<FramePath>}
 */
export async function framePath(browser, url, { id, shards }, { frames, patience }) {
  const runtime = await Runtime.open(browser, url, patience);
  try {
    /** @type {import("../page/frames.js").FrameTiming[]} */
    const timings = (await runtime.evaluate("frames", "cpu", id, shards, frames + WARM_UP)).slice(WARM_UP);
    const besides = timings.map(({ draw, preprocess, rest }) => draw + preprocess + rest);
    return {
      network: id,
      frames,
      draw: median(timings.map(({ draw }) => draw)),
      preprocess: median(timings.map(({ preprocess }) => preprocess)),
      rest: median(timings.map(({ rest }) => rest)),
      besides: median(besides),
      p90: quantile(besides, 0.9),
      inference: median(timings.map(({ inference }) => inference)),
    };
  } catch (error) {
    return { network: id, frames, failed: plain(error) };
  } finally {
    await runtime.close();
  }
}
