// @ts-check

/**
 * The class that a picture is labelled with, by the name of its folder or by a cell of a table.
 *
 * | written | in a table | as a folder's name |
 * |---|---|---|
 * | a class's name, or one of several with commas between | that class | that class |
 * | a WordNet id, also with a name or with boxes behind it | that class | that class |
 * | a number before a class's name, `934_hotdog` | that class | that class |
 * | a number, where all classes' names are numbers, as the digits' | the class of that name | that class, where every folder's name is such a number |
 * | another number, counted from 0, also `934.0` and `934,0` | that class | that class, where every folder's name is such a number |
 * | a number beyond the classes, a date, `3 cats` | none | none |
 */

const WORDNET = /^n\d{8}$/;
const NUMBER = /^\d{1,6}$/;
/** As programs write whole numbers that they keep as fractions. */
const FRACTION = /^(\d{1,6})[.,]0+$/;
const BEFORE = /^(n\d{8}|\d+)[\s_.-]+(.+)$/;

/** @param {string} text */
export const namesWordNet = (text) => /\bn\d{8}(?!\d)/.test(text);

/** @param {string} text */
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f'’]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Characters of a cell that are looked at: a WordNet id with the boxes of many things has some thousand. */
const LONGEST_CELL = 4000;
/** Characters of a class's name at most, with other ones of the same class behind it. */
const LONGEST_NAME = 500;

/** How many classes ImageNet's challenge has, and what the first one is called. */
const IMAGENETS = 1000;
const FIRST = "tench";

/** The classes that a network knows. */
export class Classes {
  /** With capitals as they are: “Cardigan” is a dog and “cardigan” a jacket. @type {Map<string, number>} */
  #exact = new Map();
  /** Whether all names are numbers. Those of folders are sorted as words by training programs: the class after “1” may be “10”. */
  #areNumbers;
  /** @type {Map<string, number>} */
  #byName = new Map();
  /** @type {Map<string, number>} */
  #byWordNet = new Map();

  /**
   * @param {string[]} names in the order of their numbers
   * @param {string[]} ids WordNet's of ImageNet's classes, in the order of their numbers; they count where the names are those of ImageNet
   */
  constructor(names, ids = []) {
    this.count = names.length;
    this.#areNumbers = names.every((name) => NUMBER.test(name));
    /** Whether they are those of ImageNet's challenge, and not as many others. */
    this.areImageNets = names.length === IMAGENETS && names[0] === FIRST;
    names.forEach((name, index) => {
      this.#exact.set(name, index);
      for (const one of [name, ...name.split(",")]) if (!this.#byName.has(plain(one))) this.#byName.set(plain(one), index);
    });
    if (this.areImageNets) ids.forEach((id, index) => this.#byWordNet.set(id, index));
  }

  /**
   * @param {string} cell of a table
   * @returns {number | null} the class's number; null where it is none
   */
  ofCell(cell) {
    return this.#ofNumber(cell.trim()) ?? this.#ofName(cell);
  }

  /**
   * @param {Iterable<string>} folders the names of all folders that hold pictures
   * @returns {(folder: string) => number | null} the class's number; null where the name is none
   */
  ofFolders(folders) {
    // One number alone can be a year, a day or a count: numbers are classes only where every folder has one.
    const areNumbers = [...folders].every((name) => this.#ofNumber(name.trim()) !== null);
    return (folder) => (areNumbers ? this.#ofNumber(folder.trim()) : this.#ofName(folder));
  }

  /** @param {string} text */
  #ofNumber(text) {
    const number = NUMBER.test(text) ? text : FRACTION.exec(text)?.[1];
    if (number === undefined) return null;
    if (this.#areNumbers) return this.#exact.get(number) ?? this.#exact.get(String(Number(number))) ?? null;
    return Number(number) < this.count ? Number(number) : null;
  }

  /**
   * @param {string} text
   * @returns {number | null}
   */
  #ofName(text) {
    // What is left of the cell, and the id that stood last before it: it counts where nothing behind it is a class.
    let rest = text.trim().slice(0, LONGEST_CELL);
    /** @type {number | null} */
    let before = null;
    for (;;) {
      const found = rest.length <= LONGEST_NAME ? this.#ofWords(rest) : null;
      if (found !== null) return found;
      const [, first, behind] = BEFORE.exec(rest) ?? [];
      if (behind === undefined) return before;
      if (WORDNET.test(first)) before = this.#byWordNet.get(first) ?? before;
      rest = behind.trim();
    }
  }

  /**
   * @param {string} text trimmed
   * @returns {number | null}
   */
  #ofWords(text) {
    if (NUMBER.test(text)) return null;
    const whole = this.#byWordNet.get(text) ?? this.#exact.get(text) ?? this.#byName.get(plain(text));
    if (whole !== undefined) return whole;
    for (const part of text.includes(",") ? text.split(",") : []) {
      const found = this.#ofName(part);
      if (found !== null) return found;
    }
    return null;
  }
}

/**
 * @param {string} path
 * @returns {string} the name of the folder that holds the file
 */
export const folderOf = (path) => path.split("/").at(-2) ?? "";
