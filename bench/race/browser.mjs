// @ts-check
import { FAKE_CAMERA, SOFTWARE_WEBGPU, start } from "../../tests/page/chromium.mjs";

/** A graphics card's adapter without a screen; elsewhere than on Linux browsers give it unasked. */
const HARDWARE = process.platform === "linux" ? ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--use-angle=vulkan", "--disable-vulkan-surface", "--ignore-gpu-blocklist"] : [];

/** For memory over time: what is only waiting to be collected is not held. */
const COLLECT = "--js-flags=--expose-gc";

/**
 * @param {string} executable
 * @param {{ gpu: boolean, headed: boolean }} options
 */
export function openBrowser(executable, { gpu, headed }) {
  return start(executable, [...FAKE_CAMERA, COLLECT, ...(gpu ? HARDWARE : SOFTWARE_WEBGPU)], { headless: !headed });
}
