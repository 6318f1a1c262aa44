// @ts-check
import { megabytes, plural } from "../../pure/text.js";

/**
 * What is told of the weights that a browser keeps.
 *
 * @typedef {object} Stored weights of one network
 * @property {string} title
 * @property {import("../../pure/entries.js").Row} row
 * @property {number} bytes that are there, of `row.bytes`
 *
 * @typedef {{ usage: number, quota: number }} Space what this origin takes and may take, in bytes
 */

const gigabytes = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e9 ? megabytes(bytes) : `${gigabytes.format(bytes / 1e9)}\u00a0GB`);

/** @param {Stored[]} stored */
export const totalText = (stored) => (stored.length ? `${plural(stored.length, "set")} of weights, ${size(stored.reduce((sum, { bytes }) => sum + bytes, 0))} in all` : "");

/** @param {Stored} stored @returns {string} what is special about it; usually nothing */
export function detailText({ row, bytes }) {
  if (row.here) return "from a file that you opened";
  return bytes < row.bytes ? `a part of ${size(row.bytes)}: the download broke off` : "";
}

/** @param {Space | null} space null where the browser does not tell */
export const spaceText = (space) => (space ? `With the page itself and all else that this site keeps, ${size(space.usage)} of the ${size(space.quota)} that this browser grants the site are taken.` : "This browser does not tell how much it lets the site keep.");

/**
 * @param {boolean | null} isPersisted null where the browser cannot be asked
 * @param {boolean} isAsked the visitor has asked it just now
 */
export function persistenceText(isPersisted, isAsked) {
  if (isPersisted === null) return "This browser decides by itself how long it keeps them.";
  if (isPersisted) return "The browser keeps them until you delete them, also where it runs short of room.";
  if (isAsked) return "The browser did not agree: it may delete them where it runs short of room. Browsers agree sooner for a page that is installed, bookmarked or often visited.";
  return "The browser may delete them where it runs short of room.";
}

/** @param {Stored} stored */
export const deletedText = ({ title, row }) => `${title}: deleted from this browser. ${row.here ? "The file is where it was." : "What runs goes on; the next time, the weights are downloaded again."}`;

export const ALL_DELETED = "All weights are deleted from this browser. What runs goes on; files that you opened are where they were.";
export const NOTHING_STORED = "No weights are stored. Those of the next network that runs will be.";
export const NO_STORAGE = "This browser lets the page store nothing, so that weights are downloaded at each visit. Outside of a private window it may.";
export const NOT_DELETED = "This could not be deleted: the browser's storage does not answer. Try again.";
