// @ts-check
import { namesWordNet } from "./labels.js";

/**
 * A table of pictures and their classes, as spreadsheets and other programs write it: with commas, semicolons or tabulators, in
 * UTF-8 or UTF-16, with a head or without.
 *
 * @typedef {object} Table
 * @property {string} name of its file
 * @property {(path: string) => string | undefined} of what the table says of a file
 * @property {string[]} columns the names of the two columns that count; empty where the table has no head
 * @property {string[]} first the two cells of the first row; empty where there is none
 * @property {boolean} namesWordNet whether it names classes by their ids in WordNet
 */

const FILE_HEADS = new Set(["file", "filename", "filepath", "path", "image", "imagefile", "imageid", "imagename", "imagepath", "img", "picture", "name"]);
const CLASS_HEADS = new Set(["label", "labels", "class", "classid", "classname", "index", "category", "target", "predictionstring"]);
const DELIMITERS = [",", ";", "\t"];
const PROBED = 64; // bytes that tell an encoding
const ENDING = /\.[a-z0-9]{1,5}$/i;

/**
 * @param {ArrayBuffer} bytes of a text file
 * @returns {string} in the encoding that its first bytes tell, UTF-8 or UTF-16
 */
export function textOf(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const [low, high] = zerosOf(bytes);
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const encoding = isMarked ? (first === 0xff ? "utf-16le" : "utf-16be") : high > PROBED / 8 ? "utf-16le" : low > PROBED / 8 ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * How many bytes among the first are 0, at even and at odd places: of Latin letters in UTF-16 every other one is.
 * @param {ArrayBuffer} bytes
 */
function zerosOf(bytes) {
  const zeros = [0, 0];
  new Uint8Array(bytes, 0, Math.min(PROBED, bytes.byteLength)).forEach((byte, i) => (zeros[i % 2] += Number(byte === 0)));
  return zeros;
}

/**
 * @param {string} text of a table
 * @returns {string} what stands between the cells of its first line: the sign that stands there most often, outside of quotes
 */
export function delimiterOf(text) {
  const line = text.replace(/"(?:[^"]|"")*"/g, "").trimStart().split(/\r?\n/, 1)[0];
  const count = (/** @type {string} */ sign) => line.split(sign).length;
  return DELIMITERS.reduce((most, sign) => (count(sign) > count(most) ? sign : most));
}

/**
 * @param {string[][]} all rows
 * @param {string} name of the table's file
 * @returns {Table} by the columns that the head names, else by the first two
 */
export function tableOf(all, name) {
  const rows = all.slice(Math.max(0, all.findIndex((row) => row.some((cell) => cell.trim()))));
  const head = (rows[0] ?? []).map((cell) => cell.trim().toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));
  const columns = [FILE_HEADS, CLASS_HEADS].map((names) => head.findIndex((cell) => names.has(cell)));
  const isHeaded = columns.every((column) => column >= 0);
  const [file, label] = isHeaded ? columns : [0, 1];
  const body = (isHeaded ? rows.slice(1) : rows).filter((row) => row[file]?.trim() && row[label] !== undefined);
  /** @type {Map<string, string>} */
  const given = new Map(body.map((row) => [keyOf(row[file].trim().replaceAll("\\", "/").replace(/^\.?\//, "")), row[label]]));
  return {
    name,
    of: (path) => {
      const parts = keyOf(path).split("/");
      const tails = parts.map((_, i) => parts.slice(i).join("/"));
      const found = [...tails, ...tails.map((tail) => tail.replace(ENDING, ""))].find((tail) => given.has(tail));
      return found === undefined ? undefined : given.get(found);
    },
    columns: isHeaded ? [rows[0][file], rows[0][label]] : [],
    first: body.length ? [body[0][file], body[0][label]] : [],
    namesWordNet: body.some((row) => namesWordNet(row[label])),
  };
}

/** Macs write accents as letters of their own. @param {string} name */
const keyOf = (name) => name.normalize("NFC");
