// @ts-check
import { chromium } from "playwright-core";
import { FAKE_CAMERA, QUIET, SOFTWARE_WEBGPU } from "../../tests/page/flags.mjs";

/** A graphics card's adapter without a screen; elsewhere than on Linux browsers give it unasked. */
const HARDWARE = process.platform === "linux" ? ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--use-angle=vulkan", "--disable-vulkan-surface", "--ignore-gpu-blocklist"] : [];

/** For memory over time: what is only waiting to be collected is not held. */
const COLLECT = "--js-flags=--expose-gc";

/**
 * @param {string} executable
 * @param {{ gpu: boolean, headed: boolean }} options
 */
export function openBrowser(executable, { gpu, headed }) {
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: executable,
    headless: !headed,
    args: [...QUIET, ...FAKE_CAMERA, COLLECT, ...root, ...(gpu ? HARDWARE : SOFTWARE_WEBGPU)],
  });
}
