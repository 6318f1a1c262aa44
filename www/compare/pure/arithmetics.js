// @ts-check
import { percent } from "../../pure/text.js";
import { shareInterval } from "./statistics.js";

/**
 * A folder that networks see in both arithmetics. What is counted of the second one stands under a key of its own.
 *
 * @typedef {import("../../state.js").Arithmetic} Arithmetic
 * @typedef {import("../evaluation.js").Agreement} Agreement
 */

const MARK = " int8";

/**
 * The key under which the answers in 8-bit arithmetic are counted beside the others.
 * @param {string} key of an entry
 */
export const inEightBits = (key) => key + MARK;

/**
 * @param {string} key of an entry, or of its answers in 8-bit arithmetic
 * @returns {{ key: string, isEightBit: boolean }} the entry's
 */
export function partsOf(key) {
  const isEightBit = key.endsWith(MARK);
  return { key: isEightBit ? key.slice(0, -MARK.length) : key, isEightBit };
}

/**
 * What 8-bit arithmetic changed, in one sentence.
 * @param {Agreement[]} agreements
 * @param {number} pictures
 * @param {(key: string) => string} nameOf an entry
 * @returns {string} empty where the folder was not seen in both arithmetics
 */
export function agreementText(agreements, pictures, nameOf) {
  const parts = agreements.flatMap(({ keys, table }) => keys.flatMap((key, i) => {
    const other = keys.indexOf(inEightBits(key));
    if (other < 0) return [];
    const { same } = table[i][other];
    const { low, high } = shareInterval(Math.round(same * pictures), pictures);
    return [`${nameOf(key)} for ${percent(same)} (95 % interval ${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}\u00a0%)`];
  }));
  return parts.length ? `In 8-bit arithmetic, the same first class as in 32-bit arithmetic is named by ${parts.join(", ")} of ${pictures === 1 ? "the one picture" : `the ${pictures} pictures`}.` : "";
}
