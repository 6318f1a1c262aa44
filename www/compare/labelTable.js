// @ts-check
import { bringD3 } from "../bring.js";
import { rowsOf, textOf } from "./pure/tableText.js";
import { tableOf } from "./pure/tables.js";

/**
 * Which of a folder's files says what its pictures show.
 *
 * @typedef {import("./pure/tables.js").Table} Table
 * @typedef {import("./folderFiles.js").Found} Found
 * @typedef {{ table: Table | null, others: string[], trouble: string }} Labelling others: the files that are neither picture nor the table; trouble: why none is read
 */

/** Files of a folder that are looked at. */
const MOST_FILES = 20;
/** Bytes of one of them: a table of 50,000 pictures has 2 MB. */
const LONGEST = 32e6;

/**
 * @param {import("./folderFiles.js").Sorted} sorted
 * @param {File | null} chosen a table that the visitor has chosen
 * @returns {Promise<Labelling>}
 */
export async function labelled({ pictures, tables, lists, others }, chosen) {
  const candidates = [...tables, ...lists];
  const without = (/** @type {string[]} */ used) => [...others, ...candidates.map(({ path }) => path).filter((path) => !used.includes(path))].sort();
  if (chosen) return { table: await read(chosen), others: without([]), trouble: "" };
  /** @type {{ path: string, table: Table }[]} */
  const found = [];
  for (const { path, open } of candidates.slice(0, MOST_FILES)) {
    const file = await open();
    if (file.size <= LONGEST) found.push({ path, table: await read(file) });
  }
  const fitting = found.filter(({ table }) => pictures.some((picture) => table.of(picture.path) !== undefined));
  if (!fitting.length) {
    const only = tables.length === 1 ? found.find(({ path }) => path === tables[0].path) : undefined; // it is told why it does not fit
    return { table: only?.table ?? null, others: without(only ? [only.path] : []), trouble: "" };
  }
  const names = fitting.map(({ table }) => `“${table.name}”`);
  const differ = pictures.some(({ path }) => new Set(fitting.flatMap(({ table }) => table.of(path) ?? [])).size > 1);
  if (differ) return { table: null, others: without([]), trouble: `The tables ${names.slice(0, -1).join(", ")} and ${names.at(-1)} say different things of the same picture, so that none was read. Choose one with “Labels from a table”.` };
  return { table: together(fitting.map(({ table }) => table)), others: without(fitting.map(({ path }) => path)), trouble: "" };
}

/**
 * One table of several that contradict each other nowhere, as one of pictures to train with and one of pictures to test with.
 * @param {Table[]} tables at least one
 * @returns {Table}
 */
const together = (tables) => ({
  ...tables[0],
  name: tables.map(({ name }) => name).join(", "),
  of: (path) => tables.map((table) => table.of(path)).find((label) => label !== undefined),
  namesWordNet: tables.some(({ namesWordNet }) => namesWordNet),
});

/** @param {File} file a table of labels */
async function read(file) {
  const { dsvFormat } = await bringD3();
  return tableOf(rowsOf(textOf(await file.arrayBuffer()), (sign, text) => dsvFormat(sign).parseRows(text)), file.name);
}
