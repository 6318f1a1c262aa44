// @ts-check
import { csvOf } from "../../../pure/csv.js";
import { mainOf, totalsOf } from "./rows.js";

/**
 * The table of layers as other programs read it.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("../../state.js").Profile} Profile
 */

/** @type {[string, (row: Row) => unknown][]} */
const COLUMNS = [
  ["name", ({ layer }) => layer.name],
  ["kind", ({ layer }) => layer.kind],
  ["activationFunction", ({ layer }) => layer.activationFunction],
  ["block", ({ layer }) => layer.block],
  ["inputs", ({ layer }) => layer.inputs.join(" ")],
  ["kernel", ({ layer }) => layer.kernel],
  ["stride", ({ layer }) => layer.stride],
  ["groups", ({ layer }) => layer.groups],
  ["channels", ({ layer }) => layer.outputShape[0]],
  ["height", ({ layer }) => layer.outputShape[1]],
  ["width", ({ layer }) => layer.outputShape[2]],
  ["parameters", ({ layer }) => layer.parameters],
  ["macs", ({ layer }) => layer.macs],
  ["activationBytes", ({ layer }) => layer.activationBytes],
  ["receptiveField", ({ layer }) => layer.receptiveField],
  ["auxiliary", ({ layer }) => layer.auxiliary],
  ["milliseconds", ({ milliseconds }) => milliseconds],
  ["computedBy", ({ computedBy }) => computedBy],
  ["gmacPerSecond", ({ gmacPerSecond }) => gmacPerSecond],
];

/** @param {Row[]} rows one line each */
export const toCsv = (rows) => csvOf([COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, value]) => value(row)))]);

/**
 * @param {string} key of the network and the variant of its weights
 * @param {Row[]} rows
 * @param {Profile | null} profile
 */
export function toJson(key, rows, profile) {
  const measured = profile && { date: profile.date, runs: profile.runs, place: profile.place, kind: profile.kind, software: profile.software };
  const layers = rows.map(({ layer, milliseconds, computedBy, gmacPerSecond }) => ({ ...layer, milliseconds, computedBy, gmacPerSecond }));
  return JSON.stringify({ network: key, totals: totalsOf(mainOf(rows)), measured, layers }, null, 2);
}
