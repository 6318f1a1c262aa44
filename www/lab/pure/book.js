// @ts-check
import { configsOf } from "./configs.js";
import { FIELDS, applies, areSettings, fieldOf, readAll, saidOf, writeAll } from "./settings.js";
import { listed, quoted } from "./words.js";

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
 * Whether a file holds scenarios that can be shown and trained: it may have come damaged.
 * @param {any} found
 * @returns {found is Book}
 */
export function isBook(found) {
  return areSettings(found?.base) && FIELDS.every(({ name }) => name in found.base) && Array.isArray(found.scenarios) && found.scenarios.length > 0 && found.scenarios.every(isScenario);
}

/** @param {any} found */
function isScenario(found) {
  const texts = [found?.id, found?.title, found?.text, found?.look, found?.cure, found?.paper?.text, found?.paper?.title, found?.paper?.authors, found?.paper?.url];
  return texts.every((text) => typeof text === "string") && Number.isFinite(found.steps) && Array.isArray(found.networks)
    && areSettings(found.settings) && (found.change === null || areSettings(found.change));
}

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
  const known = scenarioOf(book, id);
  const scenario = known ?? book.scenarios[0];
  const { data: dataName, change: wholeChange, device, ...rest } = asked;
  const own = experimentOf(book, scenario);
  const words = Object.entries(rest);
  const ofFirst = words.filter(([name]) => !name.startsWith(CHANGE));
  const ofSecond = wholeChange === "none" ? [] : words.flatMap(([name, word]) => (name.startsWith(CHANGE) ? [/** @type {[string, string]} */ ([name.slice(CHANGE.length), word])] : []));
  const family = familyOf(ofFirst) ?? own.settings.family;
  const secondFamily = familyOf(ofSecond) ?? family;
  const first = readAll(ofFirst, (field) => applies(field, family) || applies(field, secondFamily));
  const second = readAll(ofSecond, (field) => applies(field, secondFamily));
  const hasSeed = second.read.seed !== undefined;
  delete second.read.seed;
  const settings = { ...own.settings, ...first.read };
  const change = wholeChange === "none" ? null : Object.keys(second.read).length ? second.read : own.change;
  const absent = [...new Set([...first.absent, ...second.absent])].map(({ thing }) => thing);
  const config = configsOf(settings, change)[1];
  const faults = [
    ...(known ? [] : [`The lab has no scenario “${quoted(id)}”. This is “${scenario.title}”.`]),
    ...[...first.unknown, ...second.unknown.map((name) => CHANGE + name)].map((name) => `The lab has no setting “${quoted(name)}”, so it is left out.`),
    ...(absent.length ? [`LeNet-5 is always the same network: ${listed(absent)} cannot be chosen, and ${absent.length > 1 ? "are" : "is"} left out.`] : []),
    ...first.unread.map(({ field, word }) => `“${quoted(word)}” cannot be ${field.thing}, so it is ${saidOf(field, settings)}.`),
    ...second.unread.map(({ field, word }) => `“${quoted(word)}” cannot be ${field.thing} of ${config ? `the second run, so it is ${saidOf(field, config)} there` : "a second run, so there is only one run"}.`),
    ...(dataName === undefined || isData(dataName) ? [] : [`The lab has no pictures called “${quoted(dataName)}”, so it takes handwritten digits.`]),
    ...(wholeChange === undefined || wholeChange === "none" ? [] : [`“change=${quoted(wholeChange)}” says nothing about the second run, and is left out. What it has instead of the first one's is written as in “change.depth=30”; “change=none” is for one run.`]),
    ...(wholeChange === "none" && words.some(([name]) => name.startsWith(CHANGE)) ? ["The address says “change=none”, so that there is only one run, and the changes that it names are left out."] : []),
    ...(hasSeed ? ["Both runs have one seed, so that the change of the seed is left out."] : []),
    ...(device === undefined ? [] : [`The lab has no device “${quoted(device)}”, so it is Auto. It can be “webgpu” or “cpu”.`]),
  ];
  return { id: scenario.id, settings, change, data: dataName === "fashion" ? "fashion" : "mnist", faults };
}

/** @param {string | undefined} name @returns {name is DataName} */
const isData = (name) => name === "fashion" || name === "mnist";

/** @param {[string, string][]} entries @returns {LabConfig["family"] | undefined} the kind of network that they name */
const familyOf = (entries) => readAll(entries, () => true).read.family;

/**
 * @param {LabConfig} settings
 * @param {Partial<LabConfig> | null} change
 * @returns {Partial<LabConfig> | null} the change without what the second run's network does not have
 */
function appliedChange(settings, change) {
  const { family } = { ...settings, ...change };
  const entries = Object.entries(change ?? {}).filter(([name]) => FIELDS.some((field) => field.name === name && applies(field, family)));
  return entries.length ? Object.fromEntries(entries) : null;
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
  const kinds = [settings.family, change?.family ?? settings.family];
  const had = FIELDS.filter((field) => kinds.some((family) => applies(field, family))).map(({ name }) => [name, settings[name]]);
  const words = writeAll(Object.fromEntries(had), own.settings);
  if (data !== own.data) words.data = data;
  const [applied, ownApplied] = [change, own.change].map((change) => appliedChange(settings, change));
  if (isSame(applied, ownApplied) && (change || !own.change)) return words;
  if (!applied) return { ...words, change: "none" };
  for (const [name, value] of Object.entries(writeAll(applied, {}))) words[CHANGE + name] = value;
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
  return things.length ? `You have changed ${listed(things)}: what is said above need not hold for your experiment.` : "";
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
