// @ts-check

/**
 * The class that a picture is labelled with, by the name of its folder or by a table. A class may be given by its name, by
 * one of several names with commas between, by its number counted from 0, or by a number or a WordNet id before its name.
 */

const WORDNET = /^n\d{8}$/;
const NUMBER = /^\d{1,6}$/;
const BEFORE = /^(n\d{8}|\d+)[\s_.-]+(.+)$/;
const FILE_HEADS = new Set(["file", "filename", "path", "image", "picture", "name"]);
const CLASS_HEADS = new Set(["label", "class", "index", "category", "target"]);

/** @param {string} text */
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f'’]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** The classes that a network knows. */
export class Classes {
  /** With capitals as they are: “Cardigan” is a dog and “cardigan” a jacket. @type {Map<string, number>} */
  #exact = new Map();
  /** @type {Map<string, number>} */
  #byName = new Map();
  /** @type {Map<string, number>} */
  #byWordNet = new Map();

  /** @param {string[]} names in the order of their numbers */
  constructor(names) {
    this.count = names.length;
    names.forEach((name, index) => {
      this.#exact.set(name, index);
      for (const one of [name, ...name.split(",")]) if (!this.#byName.has(plain(one))) this.#byName.set(plain(one), index);
    });
  }

  /**
   * WordNet ids without a name identify classes only if the ids of all classes are present, because the classes are numbered
   * in the order of the ids.
   * @param {Iterable<string>} folders
   */
  learn(folders) {
    const ids = [...new Set(folders)].filter((name) => WORDNET.test(name)).sort();
    if (ids.length === this.count) ids.forEach((id, index) => this.#byWordNet.set(id, index));
  }

  /**
   * @param {string} text
   * @returns {number | null} the class's number; null where it is none
   */
  indexOf(text) {
    const whole = this.#one(text);
    if (whole !== null) return whole;
    for (const part of text.includes(",") ? text.split(",") : []) {
      const found = this.#one(part);
      if (found !== null) return found;
    }
    const [, before, name] = BEFORE.exec(text.trim()) ?? [];
    return name === undefined ? null : (this.indexOf(name) ?? this.#one(before));
  }

  /** @param {string} text */
  #one(text) {
    const trimmed = text.trim();
    if (NUMBER.test(trimmed)) return Number(trimmed) < this.count ? Number(trimmed) : null;
    return this.#byWordNet.get(trimmed) ?? this.#exact.get(trimmed) ?? this.#byName.get(plain(trimmed)) ?? null;
  }
}

/**
 * @param {string} path
 * @returns {string} the name of the folder that holds the file
 */
export const folderOf = (path) => path.split("/").at(-2) ?? "";

/**
 * @param {string[][]} rows of a table: a file and its class, in the columns that its head names, else in the first two
 * @returns {(path: string) => string | undefined} the class that the table gives for a file
 */
export function tableLabels(rows) {
  const head = (rows[0] ?? []).map((cell) => cell.trim().toLowerCase());
  const fileColumn = head.findIndex((cell) => FILE_HEADS.has(cell));
  const classColumn = head.findIndex((cell) => CLASS_HEADS.has(cell));
  const headed = fileColumn >= 0 && classColumn >= 0;
  const [file, label] = headed ? [fileColumn, classColumn] : [0, 1];
  /** @type {Map<string, string>} */
  const given = new Map();
  for (const row of headed ? rows.slice(1) : rows) {
    if (row[file] && row[label] !== undefined) given.set(row[file].trim().replaceAll("\\", "/").replace(/^\.?\//, ""), row[label]);
  }
  return (path) => {
    const parts = path.split("/");
    for (let i = 0; i < parts.length; i++) {
      const found = given.get(parts.slice(i).join("/"));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
