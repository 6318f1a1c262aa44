// @ts-check

/**
 * A file with the names of classes: one a line, or JSON, as training programs write it.
 *
 * | JSON | example |
 * |---|---|
 * | a list of names | `["daisy", "rose"]` |
 * | names by number | `{"0": "daisy", "1": "rose"}`, also `{"0": ["n1", "daisy"]}`, of which the last counts |
 * | numbers by name | `{"daisy": 0, "rose": 1}` |
 *
 * @typedef {{ file: string, names: string[], trouble: string }} LabelFile trouble: why there are no names, as a sentence
 */

/**
 * @param {string} file its name
 * @param {string} text
 * @returns {LabelFile}
 */
export function readLabels(file, text) {
  const found = /^\s*[[{]/.test(text) ? fromJson(text) : fromLines(text);
  return typeof found === "string" ? { file, names: [], trouble: `“${file}” cannot be used: ${found}` } : { file, names: found, trouble: "" };
}

/**
 * @param {string} text
 * @returns {string[] | string} the names, or what is wrong
 */
function fromLines(text) {
  const lines = text.replace(/^\ufeff/, "").trimEnd().split(/\r\n|\r|\n/).map((line) => line.trim());
  const empty = lines.indexOf("");
  if (!lines[0] && lines.length === 1) return "it is empty.";
  if (empty >= 0) return `its line ${empty + 1} is empty, and each line is to hold the name of one class.`;
  return lines;
}

/**
 * @param {string} text
 * @returns {string[] | string}
 */
function fromJson(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is no valid JSON. A list of names, names by number, or a text with one name a line can be read.";
  }
  const entries = Object.entries(/** @type {object} */ (value)).map(([key, one]) => {
    if (typeof one === "number" && !Array.isArray(value)) return { index: one, name: key };
    return { index: Number(key), name: Array.isArray(one) ? one.at(-1) : one };
  });
  /** @type {string[]} */
  const names = [];
  for (const { index, name } of entries) if (typeof name === "string" && name.trim()) names[index] = name.trim();
  if (!entries.length) return "it is empty.";
  const missing = Array.from(entries, (_, i) => names[i]).findIndex((name) => name === undefined);
  if (missing >= 0 || names.length !== entries.length) return `no name was found in it for class ${Math.max(missing, 0)}. The classes are numbered from 0 on, without a gap.`;
  return names;
}

/**
 * What is said of the names of the classes.
 * @param {LabelFile | null} labels
 * @param {number} classes of the weights
 * @param {import("../../pure/entries.js").Card | undefined} card of the network
 * @returns {{ text: string, isWrong: boolean }}
 */
export function labelsText(labels, classes, card) {
  if (labels?.trouble) return { text: labels.trouble, isWrong: true };
  if (labels && labels.names.length !== classes) {
    const { names, file } = labels;
    return { text: `“${file}” has ${names.length === 1 ? "one name" : `${names.length} names`}, and the weights have ${classes === 1 ? "one class" : `${classes} classes`}. Choose the file that was written in the same training, or none.`, isWrong: true };
  }
  if (labels) return { text: `“${labels.file}”: ${shortList(labels.names)}.`, isWrong: false };
  const usual = card?.frame.kind === "digit" ? "the ten digits" : "ImageNet's thousand";
  if (classes === card?.classes) return { text: `Without such a file, the classes are ${usual}.`, isWrong: false };
  return { text: `Without such a file, they are called ${shortList(Array.from({ length: classes }, (_, i) => `class ${i}`))}.`, isWrong: false };
}

/** @param {string[]} names */
function shortList(names) {
  const shown = names.length > 4 ? [...names.slice(0, 3), "…", names[names.length - 1]] : names;
  return shown.join(", ");
}
