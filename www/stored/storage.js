// @ts-check
import { deleteStored, storedWeights } from "../download.js";
import { forgetWeights } from "../forgetWeights.js";
import { titleOf } from "../load.js";
import { bringManifest } from "../manifest.js";
import { DEFAULT_VARIANT, entryOf } from "../pure/entries.js";

/**
 * What this browser keeps of the networks' weights, and how it is deleted.
 *
 * @typedef {import("./pure/texts.js").Stored} Stored
 * @typedef {import("./pure/texts.js").Space} Space
 * @typedef {import("../pure/entries.js").Row} Row
 */

/** @returns {Promise<Stored[]>} rejects where the browser stores nothing */
export async function readStored() {
  const rows = await bringManifest();
  const own = rows.filter(({ here }) => here === "kept").map((row) => ({ row, bytes: row.bytes }));
  const all = [...(await storedWeights(rows)), ...own];
  return all.map(({ row, bytes }) => ({ title: titleOf(entryOf(row.variant === DEFAULT_VARIANT ? row.id : `${row.id}-${row.variant}`)), row, bytes }));
}

/** @param {Row} row */
export const remove = (row) => (row.here ? forgetWeights(row) : deleteStored(row));

/** @returns {Promise<Space | null>} */
export async function readSpace() {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return usage === undefined || !quota ? null : { usage, quota };
  } catch {
    return null;
  }
}

/** @returns {Promise<boolean | null>} whether the browser has agreed to keep everything; null where it cannot be asked */
export async function readPersistence() {
  try {
    return await navigator.storage.persisted();
  } catch {
    return null;
  }
}

/** Asks the browser to keep everything; it may ask the visitor in turn. @returns {Promise<boolean>} */
export async function askToKeep() {
  try {
    return await navigator.storage.persist();
  } catch {
    return false;
  }
}
