// @ts-check
import { Failure, sentenceOf } from "../pure/failure.js";
import { notice, state, updateLab } from "../state.js";
import { addressOf, experimentOf, isBook, resolve, scenarioOf } from "./pure/book.js";

/**
 * What is trained: a scenario, and what differs from it. The address keeps both.
 *
 * @typedef {import("./pure/book.js").Experiment} Experiment
 */

const FILE = new URL("./scenarios.json", import.meta.url);

/**
 * Brings the list of scenarios.
 * @param {RequestCache} [cache] "reload": what is kept may be damaged
 */
export async function bringScenarios(cache = "default") {
  if (state.lab.book) return;
  updateLab({ trouble: null });
  try {
    const response = await fetch(FILE, { cache }).catch(() => null);
    if (!response?.ok) throw new Failure("download", "The list of scenarios could not be downloaded. Check the connection and try again.");
    const book = await response.json().catch(() => null);
    if (!isBook(book)) throw new Failure("download", "The list of scenarios came damaged. Try again, or reload the page.");
    updateLab({ book });
  } catch (error) {
    updateLab({ trouble: { text: sentenceOf(error), retry: () => void bringScenarios("reload") } });
  }
}

/**
 * Makes settings of what the address asks for, where that has not been done.
 * @returns {boolean} it has been done now
 */
export function resolveAsked() {
  const { book, settings, scenario, asked } = state.lab;
  if (!book || settings) return false;
  const { id, faults, ...experiment } = resolve(book, scenario, asked);
  for (const fault of faults) notice(fault);
  take(id, experiment);
  return true;
}

/** @param {string} id of a scenario */
export function chooseScenario(id) {
  const { book } = state.lab;
  const scenario = book && scenarioOf(book, id);
  if (book && scenario) take(id, experimentOf(book, scenario));
}

/** @param {Partial<Experiment>} patch */
export function chooseSettings(patch) {
  const { scenario, settings, change, data } = state.lab;
  if (settings) take(scenario, { settings, change, data, ...patch });
}

/**
 * @param {string} id
 * @param {Experiment} experiment
 */
function take(id, experiment) {
  const { book } = state.lab;
  const scenario = book && scenarioOf(book, id);
  if (book && scenario) updateLab({ scenario: id, asked: addressOf(book, scenario, experiment), ...experiment });
}
