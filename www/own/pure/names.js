// @ts-check
import { isOwnVariant } from "../../pure/entries.js";
import { WEIGHTS_FILE } from "../../pure/weightFiles.js";

/** How weights of one's own are called: a name, and what of it stands in the address. */

const LONGEST = 60; // characters

/**
 * @param {string} file
 * @returns {string} a name to begin with
 */
export const nameOfFile = (file) => file.replace(WEIGHTS_FILE, "").slice(0, LONGEST).trim();

/**
 * @param {string} name
 * @returns {string} the variant, as the converter makes it: small letters, digits and underscores; empty where the name has none
 */
export function variantOf(name) {
  return name.slice(0, LONGEST).split(/[^a-zA-Z0-9]+/).filter(Boolean).join("_").toLowerCase();
}

/**
 * @param {string} name
 * @param {string} network
 * @param {import("../../pure/entries.js").Row[]} rows
 * @returns {string} why it cannot be taken, as a sentence; empty where it can
 */
export function nameTrouble(name, network, rows) {
  const variant = variantOf(name);
  if (!variant) return "The name needs a letter from a to z or a digit, because it becomes part of the page's address.";
  if (!isOwnVariant(variant)) return `“${name.trim()}” is the name of official weights: choose another one.`;
  if (rows.some((row) => row.id === network && row.variant === variant)) return `There are weights “${variant}” of this network already: choose another name, or delete those first.`;
  return "";
}
