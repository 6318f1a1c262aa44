// @ts-check
import { classesText, megabytes } from "../../pure/text.js";

/**
 * What the page says of a file of weights.
 *
 * @typedef {import("../../pure/entries.js").Card} Card
 * @typedef {import("../../pure/entries.js").Row} Row
 * @typedef {import("./checkpoint.d.ts").CheckpointSummary} CheckpointSummary
 * @typedef {import("./checkpoint.d.ts").Fit} Fit
 */

const whole = new Intl.NumberFormat("en");

/** Bytes of a weight, about, in the form in which the page keeps it. */
const BYTES = 1.05;

/** @param {CheckpointSummary} summary */
export function contentText({ format, parameters, tensors }) {
  return `${format}: ${whole.format(parameters)} parameters in ${whole.format(tensors)} ${tensors === 1 ? "tensor" : "tensors"}.`;
}

/**
 * @param {Fit} fit
 * @param {string} network its name
 * @param {boolean} isHere the page has the official weights of this network
 */
export function fitText({ classes, official }, network, isHere) {
  if (official && isHere) return `This is the official file of ${network}, whose weights this page has already: they are shown.`;
  if (official) return `This is the official file of ${network}. The network runs with it as if this site had its weights.`;
  return `It fits ${network} with ${classesText(classes)}. It is not the official file: these are weights of your own, for which no published accuracy holds.`;
}

/** @param {CheckpointSummary} summary */
export const keptBytes = ({ parameters }) => parameters * BYTES;

/** @param {CheckpointSummary} summary */
export const keepText = (summary) => `Keep in this browser for the next visit (about ${megabytes(keptBytes(summary))})`;

/**
 * What is said when they run.
 * @param {Row} row
 * @param {string} title of the entry
 * @param {string} trouble why they could not be kept
 * @param {boolean} isKept they were to be kept
 */
export function doneText(row, title, trouble, isKept) {
  if (trouble) return trouble;
  if (isKept) return `${title} is kept in this browser. “Delete” beside the weights removes it.`;
  return row.own ? `${title} runs until this page is closed. Open the file again for another visit, or have it kept.` : `${title} runs with the official weights from your file until this page is closed.`;
}

/**
 * The fit that is offered first: the network that is chosen, else the official one.
 * @param {Fit[]} fits
 * @param {string[]} chosen ids of networks
 */
export const firstFit = (fits, chosen) => fits.find(({ id }) => chosen.includes(id)) ?? fits.find(({ official }) => official) ?? fits[0];
