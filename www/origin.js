// @ts-check
import { browserOf, minuteOf, systemOf } from "./pure/machine.js";

/**
 * What a saved result says about where it comes from.
 *
 * @typedef {object} Origin
 * @property {string} date now: UTC, to the minute
 * @property {string} convscope the version, "unknown" where the server does not tell
 * @property {string} browser its name and main version
 * @property {string} os
 */

/** @returns {Promise<Origin>} */
export async function originHere() {
  const date = minuteOf(new Date());
  return { date, convscope: await versionHere(), browser: browserOf(navigator.userAgent), os: systemOf(navigator.userAgent) };
}

async function versionHere() {
  try {
    const { version } = await (await fetch(new URL("../pkg/package.json", import.meta.url))).json();
    return String(version);
  } catch {
    return "unknown";
  }
}
