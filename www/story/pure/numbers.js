// @ts-check
import { inWords } from "../../pure/text.js";

/** Numbers within sentences. */

const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"];
const MILLION = 1e6;
const BILLION = 1e9;

const whole = new Intl.NumberFormat("en");
const rounded = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const coarse = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export { inWords };

/** @param {number} place from 1 on */
export const ordinalInWords = (place) => ORDINALS[place] ?? `${place}th`;

/** @param {number} count parameters, multiply–accumulates, pictures */
export function quantity(count) {
  if (count < MILLION) return whole.format(count);
  return count < BILLION ? `${rounded.format(count / MILLION)}\u00a0million` : `${rounded.format(count / BILLION)}\u00a0billion`;
}

/** @param {number} ratio how many times as much */
export function times(ratio) {
  const number = ratio < 10 ? Math.round(ratio * 10) / 10 : Math.round(ratio);
  return `${number < 10 && Number.isInteger(number) ? inWords(number) : whole.format(number)}\u00a0times`;
}

/** @param {number} part of one: without a digit that says nothing */
export const share = (part) => `${(part < 0.01 ? fine : coarse).format(part * 100)}\u00a0%`;

/** @param {number} pixels side of a window */
export const square = (pixels) => `${pixels}×${pixels}`;

/** @param {string} text */
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
