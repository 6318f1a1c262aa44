// @ts-check
import { Tally, placeOf } from "./pure/agreement.js";
import { folderOf } from "./pure/labels.js";

/**
 * @typedef {import("../../pkg/convscope.js").Classification} Classification
 * @typedef {import("./evaluation.js").Asked} Asked
 * @typedef {import("./evaluation.js").Odd} Odd
 * @typedef {import("./evaluation.js").Report} Report
 * @typedef {import("./evaluation.js").Score} Score
 * @typedef {import("./folderFiles.js").Found} Found
 * @typedef {import("./pure/labels.js").Classes} Classes
 * @typedef {import("./pure/tables.js").Table} Table
 * @typedef {import("./validation.js").Validation} Validation
 */

const SHOWN = 24; // odd pictures and unreadable files that are named

/** Counts the answers to the pictures of a folder. Nothing else of the answers is kept. */
export class Count {
  #asked;
  #random;
  #folder;
  #labelOf;
  #validation;
  #groups;
  /** @type {Score[]} */
  #scores;
  #pictures = 0;
  #labelled = 0;
  /** Folders whose names are no class. @type {Set<string>} */
  #unnamed = new Set();
  #unread = 0;
  /** @type {string[]} */
  #unreadable = [];
  /** @type {Odd[]} */
  #odd = [];
  #started = 0;

  /**
   * @param {Asked[]} asked
   * @param {string[]} random
   * @param {Classes[]} classes in the order of what is asked: one object for all that know the same
   * @param {Validation} validation
   * @param {import("./evaluation.js").Pictures} folder
   */
  constructor(asked, random, classes, validation, folder) {
    this.#folder = folder;
    this.#asked = asked;
    this.#random = random;
    this.#scores = asked.map(({ key }) => ({ key, labelled: 0, validation: 0, top1: 0, top5: 0, milliseconds: 0 }));
    this.#validation = validation;
    this.#labelOf = labelsOf(classes, validation, folder.pictures, folder.table);
    this.#groups = [...new Set(classes)].map((own) => {
      const members = asked.flatMap((_, i) => (classes[i] === own ? [i] : []));
      return { classes: own, members, tally: new Tally(members.map((i) => asked[i].key)), all: 0 };
    });
  }

  start() {
    this.#started = performance.now();
  }

  /** @param {string} path */
  unreadable(path) {
    this.#unread++;
    if (this.#unreadable.length < SHOWN) this.#unreadable.push(path);
  }

  /**
   * @param {string} path
   * @param {Classification[]} answers in the order of the entries
   */
  add(path, answers) {
    this.#pictures++;
    let isLabelled = false;
    for (const group of this.#groups) {
      const { classes, members, tally } = group;
      const said = members.map((i) => answers[i].predictions);
      const agreed = tally.add(said);
      group.all += Number(agreed);
      if (!agreed && this.#odd.length < SHOWN) this.#odd.push({ path, says: members.map((i, n) => `${this.#asked[i].key}\n${said[n][0]?.label ?? "no ink"}`) });
      const index = this.#labelOf(path, classes);
      isLabelled ||= index !== null;
      for (const i of members) this.#score(this.#scores[i], answers[i], index, classes.areImageNets && index === this.#validation.classOf(path));
    }
    this.#labelled += Number(isLabelled);
    if (!isLabelled && !this.#folder.table && folderOf(path)) this.#unnamed.add(folderOf(path));
  }

  /**
   * @param {Score} score
   * @param {Classification} answer
   * @param {number | null} index of the class that it should be
   * @param {boolean} isValidation whether ImageNet's validation set says so
   */
  #score(score, { predictions, timing }, index, isValidation) {
    score.milliseconds += (timing.total - score.milliseconds) / this.#pictures;
    if (index === null) return;
    const place = placeOf(predictions, index);
    score.labelled++;
    score.validation += Number(isValidation);
    score.top1 += Number(place === 1);
    score.top5 += Number(place > 0);
  }

  /** @returns {Report} */
  report() {
    const devices = [...new Set(this.#asked.map(({ engine }) => engine))].map(({ device }) => device);
    return {
      pictures: this.#pictures,
      labelled: this.#labelled,
      unnamed: [...this.#unnamed],
      unreadable: [...this.#unreadable],
      unread: this.#unread,
      scores: this.#scores.map((score) => ({ ...score })),
      agreements: this.#groups.filter(({ members }) => members.length > 1).map(({ members, tally, all }) => ({ keys: members.map((i) => this.#asked[i].key), table: tally.table(), all })),
      odd: [...this.#odd],
      others: this.#folder.others,
      closed: this.#folder.closed,
      table: this.#folder.table,
      trouble: [this.#folder.trouble, this.#validation.trouble].filter(Boolean).join(" "),
      random: this.#random,
      seconds: (performance.now() - this.#started) / 1000,
      device: devices[0]?.kind ?? "cpu",
      engine: devices[0]?.engine ?? "convscope",
      arithmetics: devices.map((device) => device?.arithmetic ?? "f32"),
    };
  }
}

/**
 * A table that names one of the pictures has precedence over the names of ImageNet's validation pictures, and these over folders'
 * names.
 * @param {Classes[]} classes
 * @param {Validation} validation
 * @param {Found[]} pictures
 * @param {Table | null} table
 * @returns {(path: string, classes: Classes) => number | null} the class that a picture should have, among those
 */
function labelsOf(classes, validation, pictures, table) {
  const byName = (/** @type {string} */ path, /** @type {Classes} */ some) => (some.areImageNets ? validation.classOf(path) : null);
  if (table && pictures.some(({ path }) => table.of(path) !== undefined)) {
    return (path, some) => {
      const cell = table.of(path);
      return cell === undefined ? byName(path, some) : some.ofCell(cell);
    };
  }
  const folders = new Set(pictures.map(({ path }) => folderOf(path)));
  const known = new Map(classes.map((some) => [some, some.ofFolders(folders)]));
  return (path, some) => byName(path, some) ?? known.get(some)?.(folderOf(path)) ?? null;
}
