// @ts-check
import { fieldOf, readAll, writeAll } from "./settings.js";

/**
 * The scenarios of the lab, and what an address makes of them.
 *
 * @typedef {import("../state.js").LabConfig} LabConfig
 * @typedef {import("../state.js").DataName} DataName
 *
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string} look what to look for
 * @property {{ text: string, title: string, authors: string, url: string }} paper text: what it says
 * @property {string} cure what helps, in a few words
 * @property {string[]} networks ids of the gallery's networks that took this cure
 * @property {Partial<LabConfig>} settings that differ from the base
 * @property {Partial<LabConfig> | null} change what a second run has instead
 * @property {number} steps after which the effect shows
 *
 * @typedef {{ base: LabConfig, scenarios: Scenario[] }} Book
 * @typedef {{ settings: LabConfig, change: Partial<LabConfig> | null, data: DataName }} Experiment
 */

/**
 * @param {Book} book
 * @param {string} id
 */
export const scenarioOf = (book, id) => book.scenarios.find((scenario) => scenario.id === id);

/**
 * @param {Book} book
 * @param {Scenario} scenario
 * @returns {Experiment}
 */
export const experimentOf = (book, { settings, change }) => ({ settings: { ...book.base, ...settings }, change, data: "mnist" });

const CHANGE = "change.";

/**
 * What an address asks for. What cannot be read is replaced by the scenario's own, and a sentence says so.
 * @param {Book} book
 * @param {string} id of a scenario
 * @param {Record<string, string>} asked
 * @returns {Experiment & { id: string, faults: string[] }}
 */
export function resolve(book, id, asked) {
  const faults = [];
  const known = scenarioOf(book, id);
  const scenario = known ?? book.scenarios[0];
  if (!known) faults.push(`The lab has no scenario “${id}”. This is “${scenario.title}”.`);
  const { data: dataName, change: wholeChange, ...rest } = asked;
  const own = experimentOf(book, scenario);
  const entries = Object.entries(rest);
  const first = readAll(entries.filter(([name]) => !name.startsWith(CHANGE)), own.settings);
  const second = readAll(entries.filter(([name]) => name.startsWith(CHANGE)).map(([name, value]) => [name.slice(CHANGE.length), value]), { ...own.settings, ...own.change });
  faults.push(...first.faults, ...second.faults);
  if (dataName !== undefined && dataName !== "fashion" && dataName !== "mnist") faults.push(`The lab has no pictures called “${dataName}”, so it takes handwritten digits.`);
  if (second.read.seed !== undefined) faults.push("Both runs have one seed, so that the change of the seed is left out.");
  delete second.read.seed;
  const hasChange = Object.keys(second.read).length > 0;
  const change = wholeChange === "none" ? null : hasChange ? second.read : own.change;
  return { id: scenario.id, settings: { ...own.settings, ...first.read }, change, data: dataName === "fashion" ? "fashion" : "mnist", faults };
}

/**
 * What an address has to say besides the scenario's name.
 * @param {Book} book
 * @param {Scenario} scenario
 * @param {Experiment} experiment
 * @returns {Record<string, string>}
 */
export function addressOf(book, scenario, { settings, change, data }) {
  const own = experimentOf(book, scenario);
  const words = writeAll(settings, own.settings);
  if (data !== own.data) words.data = data;
  if (isSame(change, own.change)) return words;
  if (!change) return { ...words, change: "none" };
  for (const [name, value] of Object.entries(writeAll(change, {}))) words[CHANGE + name] = value;
  return words;
}

/**
 * What was changed in a scenario, so that its text need not hold.
 * @param {Book} book
 * @param {Scenario} scenario
 * @param {Experiment} experiment
 * @returns {string} a sentence; empty where nothing was
 */
export function changedSentence(book, scenario, experiment) {
  const { data, ...words } = addressOf(book, scenario, experiment);
  delete words.seed; // the claims hold for every seed
  const names = Object.keys(words).map((name) => (name.startsWith("change") ? "the second run" : fieldOf(name)?.thing ?? name));
  const things = [...new Set(names), ...(data ? ["the pictures"] : [])];
  return things.length ? `You have changed ${new Intl.ListFormat("en-GB").format(things)}: what is said above need not hold for your experiment.` : "";
}

/**
 * @param {Partial<LabConfig> | null} one
 * @param {Partial<LabConfig> | null} other
 */
function isSame(one, other) {
  if (!one || !other) return one === other;
  const [a, b] = [writeAll(one, {}), writeAll(other, {})];
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);
}
