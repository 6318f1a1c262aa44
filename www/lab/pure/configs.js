// @ts-check

/**
 * @typedef {import("../state.js").LabConfig} LabConfig
 */

/**
 * The settings of each run.
 * @param {LabConfig} settings
 * @param {Partial<LabConfig> | null} change
 * @returns {LabConfig[]}
 */
export const configsOf = (settings, change) => (change ? [settings, { ...settings, ...change }] : [settings]);

/** The run's name in the worker. @param {number} index */
export const keyOf = (index) => (index ? "second" : "first");
