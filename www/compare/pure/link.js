// @ts-check
import { Failure } from "../../pure/failure.js";
import { faultOf } from "./check.js";
import { COLUMNS, OF_ALL, columnsOf } from "./columns.js";
import { framesPerSecond } from "./results.js";
import { FEWEST_FOR_P90 } from "./statistics.js";

/**
 * A result in a link's fragment, which browsers send to no server: JSON, deflated, in the letters that an address takes. To be
 * short, it has the rows as columns, without names, and what was measured to as many digits as the page shows.
 * Anybody may have made a link, so a result is limited in size, checked against the schema, and shown as text only.
 *
 * @typedef {import("./results.js").Result} Result
 * @typedef {import("./results.js").Row} Row
 * @typedef {[version: number, rows: number, ofAll: unknown[], columns: unknown[]]} Packed a column with one value throughout is that value
 */

const BEFORE = "#result=";
const VERSION = 4; // of the format; earlier versions are read as well
const LONGEST = 64_000; // letters
const LARGEST = 1_000_000; // bytes, unpacked
const MOST_ROWS = 128; // as the schema has it

/** Letters of an address after which chat programs cut it. */
export const LONGEST_IN_CHATS = 2000;

/** @type {Set<keyof Row>} */
const MEASURED = new Set(/** @type {const} */ (["load", "first", "median", "low", "high", "p90", "min", "preprocess", "framesPerSecond", "gmacPerSecond"]));
const DIGITS = 3; // as many as the page shows

/** @param {string} fragment of an address, with its “#” */
export const isResult = (fragment) => fragment.startsWith(BEFORE);

/**
 * @param {Result} result
 * @returns {Promise<string>} the fragment, with its #
 */
export async function toFragment(result) {
  const packed = await throughStream(new TextEncoder().encode(JSON.stringify(pack(result))), new CompressionStream("deflate-raw"), Infinity);
  return `${BEFORE}${toLetters(packed)}`;
}

/**
 * @param {Result} result
 * @returns {Packed} without single times
 */
function pack({ rows, ...result }) {
  const columns = COLUMNS.map((name) => {
    const values = rows.map(({ [name]: value }) => (MEASURED.has(name) && typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value));
    return values.every((value) => value === values[0]) ? values[0] : values;
  });
  return [VERSION, rows.length, OF_ALL.map((name) => result[/** @type {Exclude<keyof Result, "rows">} */ (name)]), columns];
}

/**
 * @param {any} value as JSON.parse gives it: packed, or a result with its names, as links had it before
 * @returns {any}
 */
function unpack(value) {
  if (!Array.isArray(value)) return value;
  const [version, count, ofAll, columns] = value;
  if (!Array.isArray(ofAll) || !Array.isArray(columns) || !(count <= MOST_ROWS)) throw refused("it has another form");
  const rows = Array.from({ length: count }, (_, i) => Object.fromEntries(columnsOf(version).map((name, at) => [name, Array.isArray(columns[at]) ? columns[at][i] : columns[at]])));
  return { format: "convscope-benchmark", version, ...Object.fromEntries(OF_ALL.map((name, at) => [name, ofAll[at]])), rows };
}

/**
 * @param {string} fragment of an address, with its #
 * @param {import("./check.js").Schema} schema
 * @returns {Promise<Result | null>} null where there is no result in it
 */
export async function fromFragment(fragment, schema) {
  if (!isResult(fragment)) return null;
  const letters = fragment.slice(BEFORE.length);
  if (letters.length > LONGEST) throw refused("it is too long");
  try {
    const bytes = await throughStream(fromLetters(letters), new DecompressionStream("deflate-raw"), LARGEST);
    const found = resultFrom(unpack(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))), schema);
    if ("fault" in found) throw refused(found.fault);
    return found.result;
  } catch (error) {
    throw error instanceof Failure ? error : refused("it is damaged or was cut");
  }
}

/** @param {any} value */
export const isNewer = (value) => value?.format === "convscope-benchmark" && Number.isInteger(value.version) && value.version > VERSION;

/**
 * Checks a value that was a result when it was sent or kept, by this version or by an earlier one.
 * @param {any} value as JSON.parse gives it
 * @param {import("./check.js").Schema} schema
 * @returns {{ result: Result } | { fault: string }}
 */
export function resultFrom(value, schema) {
  if (isNewer(value)) return { fault: "a newer ConvScope made it: reload this page, or ask for the table" };
  const result = ofToday(value);
  const fault = faultOf(result, schema);
  return fault ? { fault } : { result };
}

/**
 * Turns earlier versions into the version of today. Version 1 had neither rows of burn nor servers that build while they serve;
 * version 2 timed every run by itself, gave a 90th percentile of however few, did not tell why a row
 * ended, and took the preprocessing for no part of the frames a second; version 3 knew neither threads nor 8-bit arithmetic.
 * @param {any} value
 */
function ofToday(value) {
  if (!Array.isArray(value?.rows)) return value;
  const { version, rows } = value;
  if (version === 1) return ofToday({ ...value, version: 2, busy: false, rows: rows.map((/** @type {any} */ row) => ({ ...row, engine: "convscope" })) });
  if (version === 2) return ofToday({ ...value, version: 3, rows: rows.map((/** @type {any} */ row) => ({ ...row, batch: 1, ended: null, framesPerSecond: framesPerSecond(row?.median, row?.preprocess), ...(row?.runs < FEWEST_FOR_P90 && { p90: null }) })) });
  if (version === 3) return { ...value, version: VERSION, rows: rows.map((/** @type {any} */ row) => ({ ...row, arithmetic: "f32", threads: 1, dot8: null })) };
  return value;
}

/** @param {string} why */
const refused = (why) => new Failure("bad-link", `The result in this link cannot be shown: ${why}. Ask its sender for the whole link.`);

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream | DecompressionStream} through
 * @param {number} most bytes that may come out: a few letters can unpack to gigabytes
 */
async function throughStream(bytes, through, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(/** @type {ReadableWritablePair<Uint8Array, any>} */ (through)).getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw refused("it is too large");
    }
    parts.push(/** @type {Uint8Array<ArrayBuffer>} */ (value));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @param {Uint8Array} bytes */
function toLetters(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} letters */
function fromLetters(letters) {
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
