// @ts-check
import { namesWordNet } from "./labels.js";

/**
 * A table of pictures and their classes, with a head or without.
 *
 * @typedef {object} Table
 * @property {string} name of its file
 * @property {(path: string) => string | undefined} of what the table says of a file
 * @property {string[]} columns the names of the two columns that count; empty where the table has no head
 * @property {string[]} first the two cells of the first row; empty where there is none
 * @property {string[]} unknown the head of a table of several columns, of which none that counts is known by its name: then nothing is read
 * @property {boolean} namesWordNet whether it names classes by their ids in WordNet
 */

const FILE_HEADS = new Set(["file", "filename", "filepath", "path", "image", "imagefile", "imageid", "imagename", "imagepath", "img", "picture", "name"]);
const ENDING = /\.[a-z0-9]{1,5}$/i;
const CLASS_HEADS = new Set(["label", "labels", "class", "classid", "classname", "index", "category", "target", "predictionstring"]);

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
  const filled = (rows[0] ?? []).filter((cell) => cell.trim());
  const unknown = !isHeaded && filled.length > 2 && !ENDING.test(filled[0].trim()) ? filled : [];
  const body = unknown.length ? [] : (isHeaded ? rows.slice(1) : rows).filter((row) => row[file]?.trim() && row[label] !== undefined);
  const given = new Given(body.map((row) => [row[file], row[label]]));
  return {
    name,
    of: (path) => given.of(path),
    columns: isHeaded ? [rows[0][file], rows[0][label]] : [],
    first: body.length ? [body[0][file], body[0][label]] : [],
    unknown,
    namesWordNet: body.some((row) => namesWordNet(row[label])),
  };
}

/** @typedef {{ parts: string[], isAbsolute: boolean, label: string }} Row parts: of the path */

const ABSOLUTE = /^(?:[a-z]:|file:\/\/)?\//i;

/**
 * The labels of files. A row is of a file where one's path is the end of the other's, whatever their capitals: people drop a folder
 * of a larger one, or one that holds it. The folder that was dropped may have another name than it had for a table with paths from
 * the root.
 */
class Given {
  /** By the file's name in small letters, the last of equal paths only. @type {Map<string, Map<string, Row>>} */
  #rows = new Map();

  /** @param {[file: string, label: string][]} rows */
  constructor(rows) {
    for (const [file, label] of rows) {
      const path = plain(file.trim());
      const parts = path.replace(ABSOLUTE, "").replace(/^(?:\.{0,2}\/)+/, "").split("/");
      const name = /** @type {string} */ (parts.at(-1)).toLowerCase();
      const alike = this.#rows.get(name) ?? new Map();
      this.#rows.set(name, alike.set(parts.join("/"), { parts, isAbsolute: ABSOLUTE.test(path), label }));
    }
  }

  /**
   * @param {string} path
   * @returns {string | undefined} nothing as well where several rows are as near and differ
   */
  of(path) {
    const parts = plain(path).split("/");
    const name = /** @type {string} */ (parts.pop());
    const bare = name.replace(ENDING, "");
    return this.#nearest([...parts, name]) ?? (bare === name ? undefined : this.#nearest([...parts, bare]));
  }

  /** @param {string[]} parts of a path */
  #nearest(parts) {
    const alike = this.#rows.get(/** @type {string} */ (parts.at(-1)).toLowerCase());
    if (!alike) return undefined;
    const ranked = [...alike.values()].map((row) => ({ label: row.label, rank: rankOf(row, parts) })).filter(({ rank }) => rank > 0);
    const best = Math.max(...ranked.map(({ rank }) => rank));
    const labels = new Set(ranked.filter(({ rank }) => rank === best).map(({ label }) => label));
    return labels.size === 1 ? [...labels][0] : undefined;
  }
}

/**
 * How much of the two paths' ends is the same; 0 where the row is not of the file.
 * @param {Row} row
 * @param {string[]} parts of the file's path
 */
function rankOf(row, parts) {
  const [ofRow, ofFile] = [[...row.parts].reverse(), [...parts].reverse()];
  const count = (/** @type {(a: string, b: string) => boolean} */ isSame) => ofRow.findIndex((part, i) => ofFile[i] === undefined || !isSame(part, ofFile[i]));
  const common = (/** @type {number} */ found) => (found < 0 ? ofRow.length : found);
  const shared = common(count((a, b) => a.toLowerCase() === b.toLowerCase()));
  const isWhole = shared === ofRow.length || shared === ofFile.length || (row.isAbsolute && shared === ofFile.length - 1);
  return isWhole ? shared + (common(count((a, b) => a === b)) === shared ? 0.5 : 0) : 0; // equal capitals come before others
}

/** Macs write accents as letters of their own, Windows has other strokes. @param {string} path */
const plain = (path) => path.normalize("NFC").replaceAll("\\", "/");
