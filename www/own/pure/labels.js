// @ts-check

/**
 * A file with the names of classes: one a line, or JSON, as training programs write it.
 *
 * | JSON | example |
 * |---|---|
 * | a list of names | `["daisy", "rose"]` |
 * | names by number | `{"0": "daisy", "1": "rose"}`, also `{"0": ["n1", "daisy"]}`, of which the last counts |
 * | numbers by name | `{"daisy": 0, "rose": 1}` |
 * | a configuration of Hugging Face's | `{"id2label": {"0": "daisy", "1": "rose"}}` |
 *
 * @typedef {{ file: string, names: string[], trouble: string }} LabelFile trouble: why there are no names, as a sentence
 */

/** Characters of a name. */
const LONGEST = 200;

/**
 * @param {string} file its name
 * @param {string} text
 * @returns {LabelFile}
 */
export function readLabels(file, text) {
  const found = fromJson(text) ?? fromLines(text);
  const long = typeof found === "string" ? -1 : found.findIndex((name) => name.length > LONGEST);
  if (long >= 0) return { file, names: [], trouble: `“${file}” cannot be used: the name of class ${long} has more than ${LONGEST} characters.` };
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
 * @returns {string[] | string | null} null where it is no JSON
 */
function fromJson(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  /** @type {any} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    // A list of names may begin with a bracket, as in “[unknown]”.
    return /^\s*\[[^"\]]*\]\s*\n/.test(text) ? null : "it is no valid JSON. A list of names, names by number, or a text with one name a line can be read.";
  }
  if (typeof value.id2label === "object") value = value.id2label ?? value;
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
