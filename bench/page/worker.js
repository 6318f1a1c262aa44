// One runtime on one network, timed where it runs. Answers `{ id, call, args }` one after the other.
// @ts-check
/// <reference path="./watch.js" />
"use strict";

/** @type {any} */ (self).importScripts("watch.js");

/**
 * A runtime: what bench/page/peers holds one file each of.
 * @typedef {object} Peer
 * @property {(description: Description) => string[]} files what it downloads of a network
 * @property {(description: Description, files: ArrayBuffer[]) => any} prepare untimed: the form in which it takes weights
 * @property {(description: Description, prepared: any) => Promise<void>} load ready for inputs afterwards
 * @property {(values: Float32Array, description: Description) => Float32Array} input untimed: its own order of a `C × H × W` input
 * @property {(description: Description, input: Float32Array) => Promise<Float32Array>} logits
 * @property {(description: Description, frame: ImageData) => Promise<number[]>} [classes] the five most probable, of a frame
 */

/** `<id>.json` of the export. @typedef {import("./description.js").Description} Description */

/** @type {Peer} */
let peer;
/** @type {Description} */
let description;
/** @type {Float32Array} */
let input;
/** Bytes of weights. */
let weights = 0;
/** The console's first complaints, which may tell what a runtime did in another way. @type {string[]} */
const said = [];

for (const level of /** @type {const} */ (["warn", "error"])) {
  console[level] = (...words) => {
    // Without colours, and without the time and place that onnxruntime puts in front.
    const text = words.join(" ").replace(/\x1b\[[0-9;]*m/g, "").replace(/^[-\d]+ [:.\d]+ (?=\[)/, "");
    // LiteRT.js tells by way of errors that it starts, and that there is no neural processor, which no browser gives it.
    if (text.startsWith("INFO:") || text.includes("[npu_registry")) return;
    if (said.length < 5) said.push(text.slice(0, 400));
  };
}

const calls = {
  /**
   * Code and device; milliseconds.
   * @param {string} file of the peer
   * @param {unknown[]} args of its `start`
   * @param {number} threads
   */
  async start(file, args, threads) {
    if (threads > 1 && !crossOriginIsolated) throw new Error("The race's server sends no isolation headers, so that the browser shares no memory among threads.");
    const start = performance.now();
    peer = await (await import(`./peers/${file}`)).start(...args);
    return performance.now() - start;
  },

  /**
   * A session with its weights; milliseconds, without their download.
   * @param {Description} network
   */
  async load(network) {
    description = network;
    const files = await Promise.all(peer.files(network).map(fetched));
    weights = files.reduce((sum, file) => sum + file.byteLength, 0);
    input = peer.input(noise(network), network);
    const prepared = peer.prepare(network, files);
    const start = performance.now();
    await peer.load(network, prepared);
    return performance.now() - start;
  },

  /**
   * Input in → logits read back: milliseconds of each run, and the last run's logits.
   * @param {number} runs
   */
  async infer(runs) {
    const times = [];
    /** @type {Float32Array} */
    let logits = new Float32Array();
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      logits = await peer.logits(description, input);
      times.push(performance.now() - start);
    }
    if (trouble) throw new Error(trouble);
    return { times, logits: [...logits] };
  },

  /** The five most probable classes of each sample photo. */
  async photos() {
    const classes = [];
    for (const { id, file } of await (await fetch("/www/samples.json")).json()) {
      const picture = await createImageBitmap(await (await fetch(`/www/samples/${file}`)).blob());
      const { width, height } = picture;
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext("2d"));
      context.drawImage(picture, 0, 0);
      classes.push({ id, top5: await peer.classes?.(description, context.getImageData(0, 0, width, height)) });
    }
    return classes;
  },

  /** One frame of a camera's size through the whole way. */
  frame: () => peer.classes?.(description, new ImageData(640, 480)),

  /** Calls of the peer's own, for what only ConvScope is asked. @param {string} name @param {unknown[]} args */
  own: (name, args) => /** @type {any} */ (peer)[name](...args),

  /** Drops what nobody holds: a buffer on the device is freed when it is collected, if nobody destroyed it before. */
  async collect() {
    for (let turn = 0; turn < 3; turn += 1) {
      /** @type {any} */ (globalThis).gc();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },

  /** What was taken, downloaded and said. */
  async report() {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
    const code = entries.map(({ name }) => new URL(name).pathname).filter((path) => /^\/(pkg|node_modules)\//.test(path));
    return { ...(await taken()), code: [...new Set(code)], weights, said };
  },
};

/** @param {string} url */
async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be had (${response.status}).`);
  return response.arrayBuffer();
}

/**
 * Pixels 0 to 255 without pattern, the same on every machine, normalised as the network wants them.
 * @param {Description} network
 */
function noise({ input: { channels, height, width }, mean, std }) {
  const values = new Float32Array(channels * height * width);
  let state = 1;
  for (let index = 0; index < values.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Knuth's and Lewis' generator
    const channel = Math.floor(index / (height * width));
    values[index] = ((state >>> 24) - mean[channel]) / std[channel];
  }
  return values;
}

let queue = Promise.resolve();
addEventListener("message", ({ data: { id, call, args } }) => {
  queue = queue.then(async () => {
    try {
      postMessage({ id, value: await /** @type {any} */ (calls)[call](...args) });
    } catch (error) {
      postMessage({ id, error: words(error) });
    }
  });
});
// A panic inside a future rejects nobody's promise.
addEventListener("unhandledrejection", ({ reason }) => reportError(reason));

/** @param {any} error an Error, or a number where a runtime in C++ threw */
function words(error) {
  const text = String(error?.message ?? error);
  return said.length && !error?.message ? `${text} (${said.join("; ")})` : text;
}
