// @ts-check

/**
 * The part of the state that a file of weights has that a visitor opened.
 *
 * @typedef {import("./pure/checkpoint.d.ts").CheckpointSummary} CheckpointSummary
 *
 * @typedef {object} Opened
 * @property {"none" | "reading" | "asking" | "converting"} phase asking: what the file is to become
 * @property {File | null} file
 * @property {CheckpointSummary | null} summary what is in it, once it was read
 * @property {string} trouble why it cannot be used, or was not, as a sentence; empty where nothing went wrong
 * @property {import("./pure/labels.js").LabelFile | null} labels the names of the classes
 * @property {{ done: number, total: number } | null} progress of the conversion
 */

/** @type {Opened} */
export const NOTHING_OPENED = { phase: "none", file: null, summary: null, trouble: "", labels: null, progress: null };
