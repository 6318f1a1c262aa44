// @ts-check
// How the tests and the race start Chromium.
import { chromium } from "playwright-core";

/** Flags for a browser that asks nothing and loads nothing by itself. */
const QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
/** Flags for a camera of the browser's own making, which it gives unasked. */
export const FAKE_CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
/** Flags for WebGPU without a graphics card. */
export const SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

const STARTS = 3;
/** What playwright says of a browser that ended before it answered. */
const ENDED = /browser has been closed/;

/**
 * Now and then Chromium ends while it starts, before any page of ours: it is started again, and a line says so.
 * @param {string} executablePath
 * @param {string[]} flags besides those that every start needs
 * @param {{ headless?: boolean }} [options]
 */
export async function start(executablePath, flags, { headless = true } = {}) {
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  for (let starts = 1; ; starts += 1) {
    try {
      return await chromium.launch({ executablePath, headless, args: [...QUIET, ...root, ...flags] });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (starts === STARTS || !ENDED.test(words)) throw error;
      console.error(`# ${executablePath} ended while it started (${starts} of ${STARTS}): ${/exitCode=\w+, signal=\w+/.exec(words)}`);
    }
  }
}
