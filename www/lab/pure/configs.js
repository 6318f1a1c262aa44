// @ts-check
import { appliedOf, writeAll } from "./settings.js";

/**
 * @typedef {import("../state.js").LabConfig} LabConfig
 */

/**
 * The settings of each run. A change that makes no difference is no second run.
 * @param {LabConfig} settings
 * @param {Partial<LabConfig> | null} change
 * @returns {LabConfig[]}
 */
export function configsOf(settings, change) {
  const second = { ...settings, ...change };
  const [words, others] = [settings, second].map((config) => JSON.stringify(writeAll(appliedOf(config), {})));
  return words === others ? [settings] : [settings, second];
}

/** The run's name in the worker. @param {number} index */
export const keyOf = (index) => (index ? "second" : "first");
