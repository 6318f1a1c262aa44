// @ts-check

/** What a saved result says about its origin: a date, and the names of the browser and of the system; nothing that identifies a visitor. */

/** @type {[string, RegExp][]} the more particular first: most browsers also call themselves something else */
const BROWSERS = [
  ["Edge", /Edg(?:e|A|iOS)?\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)/],
  ["Safari", /Version\/(\d+).* Safari/],
];

/** @type {[string, RegExp][]} */
const SYSTEMS = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["ChromeOS", /CrOS/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
];

/** @param {string} agent the browser's user-agent string */
export function browserOf(agent) {
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(agent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return "unknown";
}

/** @param {string} agent */
export function systemOf(agent) {
  return SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0] ?? "unknown";
}

/** @param {Date} date */
export const minuteOf = (date) => `${date.toISOString().slice(0, 16)}Z`;
