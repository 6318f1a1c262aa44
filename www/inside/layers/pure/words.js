// @ts-check
import { capitalised, megabytes, milliseconds, plural } from "../../../pure/text.js";
import { kindName, kindOf, kindsIn } from "./kinds.js";
import { totalsOf } from "./rows.js";
import { STRIPS, firstHalf } from "./strips.js";

/**
 * What the strips show, in sentences that are computed from the layers.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./rows.js").Totals} Totals
 * @typedef {import("./strips.js").StripName} StripName
 */

/** A share above which one layer has the sentence to itself. */
const ALONE = 0.25;

/** By how much of the total a kind of layers must have more of the time than of the work to be named. */
const DEAR = 0.05;

/** A share of the work from which on a second kind of layers is named. */
const NOTABLE = 0.05;

const compact = new Intl.NumberFormat("en", { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

/** @param {number} share 0 to 1 */
export function share(share) {
  if (share > 0 && share < 0.001) return "less than 0.1\u00a0%";
  return `${share >= 0.1 ? Math.round(share * 100) : (share * 100).toFixed(1)}\u00a0%`;
}

/**
 * @param {StripName} strip
 * @param {number} value
 */
export function amount(strip, value) {
  if (strip === "activation") return value < 1e5 ? `${(value / 1e3).toFixed(1)}\u00a0kB` : megabytes(value);
  return strip === "time" ? milliseconds(value) : compact.format(value);
}

/**
 * @param {StripName} name
 * @param {Row[]} rows
 * @returns {string} the sentence of a strip; "" where it has nothing to show
 */
export function caption(name, rows) {
  const { value } = /** @type {import("./strips.js").Strip} */ (STRIPS.find((strip) => strip.name === name));
  const total = rows.reduce((sum, row) => sum + value(row), 0);
  if (!total) return "";
  if (name === "parameters") return whereParameters(rows, total);
  if (name === "activation") return whereActivations(rows, total);
  return name === "macs" ? whereMacs(rows, total) : whereTime(rows, total);
}

/**
 * @param {Row[]} rows
 * @param {number} total
 */
function whereParameters(rows, total) {
  const value = (/** @type {Row} */ { layer }) => layer.parameters;
  const [first, ...others] = [...rows].sort((a, b) => value(b) - value(a));
  if (value(first) >= ALONE * total) return `${first.layer.name} alone has ${share(value(first) / total)} of the ${compact.format(total)} parameters.`;
  let sum = value(first);
  const more = others.findIndex((row) => (sum += value(row)) >= total / 2) + 1;
  return `The ${1 + more} largest of ${rows.length} layers have half of the ${compact.format(total)} parameters; ${first.layer.name} has the most, ${share(value(first) / total)}.`;
}

/**
 * @param {Row[]} rows
 * @param {number} total
 */
function whereActivations(rows, total) {
  const half = firstHalf(rows, ({ layer }) => layer.activationBytes);
  const where = half === 1 ? `the first of ${rows.length} layers` : `the first ${half} of ${rows.length} layers, up to ${rows[half - 1].layer.name}`;
  return `Half of the ${amount("activation", total)} of activations comes from ${half === 1 ? `${where}, ${rows[0].layer.name}` : where}.`;
}

/**
 * @param {Row[]} rows
 * @param {number} total
 */
function whereMacs(rows, total) {
  const macs = (/** @type {Row[]} */ some) => some.reduce((sum, { layer }) => sum + layer.macs, 0);
  const kinds = kindsIn(rows);
  const shares = kinds.map((kind) => ({ name: kindName(kind, kinds), part: macs(rows.filter((row) => kindOf(row) === kind)) / total }));
  const [first, second] = shares.sort((a, b) => b.part - a.part);
  const also = second?.part >= NOTABLE ? `, ${second.name} ${share(second.part)}` : "";
  const top = rows.reduce((most, row) => (row.layer.macs > most.layer.macs ? row : most));
  return `${capitalised(first.name)} do ${share(first.part)} of the ${compact.format(total)} multiply–accumulates${also}; no layer does more than ${top.layer.name}, ${share(top.layer.macs / total)}.`;
}

/**
 * @param {Row[]} rows
 * @param {number} total
 */
function whereTime(rows, total) {
  const macs = totalsOf(rows).macs;
  const top = rows.reduce((most, row) => ((row.milliseconds ?? 0) > (most.milliseconds ?? 0) ? row : most));
  const kinds = kindsIn(rows).map((kind) => {
    const own = totalsOf(rows.filter((row) => kindOf(row) === kind));
    return { kind, count: own.count, time: (own.milliseconds ?? 0) / total, macs: own.macs / macs };
  });
  const dear = kinds.reduce((most, other) => (other.time - other.macs > most.time - most.macs ? other : most));
  const slowest = `${top.layer.name} takes longest, ${share((top.milliseconds ?? 0) / total)} of the ${milliseconds(total)}`;
  if (dear.time - dear.macs < DEAR) return `${slowest}. The kinds of layers share the time about as they share the multiply–accumulates.`;
  const work = `for ${dear.macs ? share(dear.macs) : "none"} of the multiply–accumulates.`;
  if (dear.count === 1 && kindOf(top) === dear.kind) return `${slowest} ${work}`;
  return `${slowest}. ${capitalised(kindName(dear.kind, kinds.map(({ kind }) => kind)))} take ${share(dear.time)} of the time ${work}`;
}

/**
 * How much more the first network has of everything than the second.
 * @param {{ name: string, totals: Totals }} one
 * @param {{ name: string, totals: Totals }} other
 * @param {boolean} isSamePlace whether their times were measured at one place
 */
export function comparison(one, other, isSamePlace) {
  const parts = [
    `${times(one.totals.parameters, other.totals.parameters)} the parameters`,
    `${times(one.totals.activationBytes, other.totals.activationBytes)} the memory of activations`,
    `${times(one.totals.macs, other.totals.macs)} the multiply–accumulates`,
  ];
  const { milliseconds: own } = one.totals;
  const { milliseconds: theirs } = other.totals;
  const time = own !== null && theirs !== null && isSamePlace ? ` It takes ${times(own, theirs)} the time.` : "";
  return `${one.name} has ${parts[0]} of ${other.name}, ${parts[1]} and ${parts[2]}.${time}`;
}

/**
 * @param {number} one
 * @param {number} other
 */
function times(one, other) {
  const ratio = one / other;
  return ratio < 1 ? `${share(ratio)} of` : `${ratio < 100 ? digits.format(ratio) : Math.round(ratio)} times`;
}

/**
 * A layer in one line.
 * @param {Row} row
 */
export function layerText({ layer: { kind, activationFunction, outputShape, receptiveField, block } }) {
  const what = activationFunction ? `${kind}, ${activationFunction}` : kind;
  const where = block ? ` in ${block}` : "";
  return `${what}${where}; output ${outputShape.join(" × ")}; each element sees ${receptiveField} × ${receptiveField} pixels of the input.`;
}

/**
 * A layer's part of everything, for those who do not see the strips.
 * @param {Row} row
 * @param {Row[]} rows
 */
export function spokenLayer(row, rows) {
  const parts = STRIPS.flatMap(({ name, label, value }) => {
    const total = rows.reduce((sum, other) => sum + value(other), 0);
    return total ? [`${label}: ${amount(name, value(row))}, ${share(value(row) / total)}`] : [];
  });
  return `${row.layer.name}, ${row.layer.kind}. ${parts.join(". ")}.`;
}

/** @param {Totals} totals */
export const layerCount = ({ count }) => plural(count, "layer");

/**
 * @param {import("../../../pure/entries.js").Entry} entry
 * @param {{ id: string }[]} cards empty until they are known
 * @returns {string} "" where there is such a network, or it is not known yet
 */
export function noNetworkText({ network }, cards) {
  return !cards.length || cards.some(({ id }) => id === network) ? "" : `There is no network “${network}”. Choose one above.`;
}
