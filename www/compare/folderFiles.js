// @ts-check
import { SIGNATURE_BYTES, kindOf } from "../pure/pictureKind.js";
import { PICTURE_FILE } from "../pure/weightFiles.js";
import { unlessAborted } from "../within.js";

/**
 * The files of a folder that was dropped or chosen. Of most only their names are read here.
 *
 * @typedef {{ path: string, open: () => Promise<File> }} Found
 * @typedef {{ found: Found[], closed: string[] }} Folder closed: folders that could not be read
 * @typedef {(signal: AbortSignal, onFound: (count: number) => void) => Promise<Folder>} ReadFolder rejects when it is cancelled
 *
 * @typedef {object} Sorted
 * @property {Found[]} pictures in the order of their paths
 * @property {Found[]} tables of labels, perhaps
 * @property {Found[]} lists text files, which may be tables as well
 * @property {string[]} others files that are none of these, in the order of their paths
 */

const TABLE = /\.(csv|tsv)$/i;
const LIST = /\.txt$/i;

/**
 * @param {import("../givenFiles.js").Given} given
 * @returns {ReadFolder | null} null where it is at most one file
 */
export function dropped({ files, entries }) {
  if (!entries.some((entry) => entry?.isDirectory)) return files.length > 1 ? chosen(files) : null;
  return async (signal, onFound) => {
    /** @type {Folder} */
    const folder = { found: [], closed: [] };
    for (const [i, entry] of entries.entries()) {
      if (entry) await walk(entry, folder, signal, onFound);
      else folder.found.push(foundFile(files[i]));
    }
    return folder;
  };
}

/**
 * @param {Iterable<File>} files of an input
 * @returns {ReadFolder}
 */
export function chosen(files) {
  const found = Array.from(files, foundFile); // an input's list changes with the next choice
  return () => Promise.resolve({ found, closed: [] });
}

/**
 * @param {File} file
 * @returns {Found}
 */
const foundFile = (file) => ({ path: file.webkitRelativePath || file.name, open: () => Promise.resolve(file) });

/**
 * @param {FileSystemEntry} entry
 * @param {Folder} folder takes the files
 * @param {AbortSignal} signal
 * @param {(count: number) => void} onFound
 */
async function walk(entry, folder, signal, onFound) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    folder.found.push({ path: file.fullPath.replace(/^\//, ""), open: () => new Promise((resolve, reject) => file.file(resolve, reject)) });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[] | null} */
    const some = await unlessAborted(signal, new Promise((resolve) => reader.readEntries(resolve, () => resolve(null))));
    if (!some) folder.closed.push(entry.fullPath.replace(/^\//, ""));
    if (!some?.length) return;
    for (const inner of some) await walk(inner, folder, signal, onFound);
    onFound(folder.found.length);
  }
}

/**
 * @param {Found[]} found
 * @param {AbortSignal} signal
 * @returns {Promise<Sorted>} rejects when it is cancelled
 */
export async function sortOut(found, signal) {
  /** @type {Sorted} */
  const sorted = { pictures: [], tables: [], lists: [], others: [] };
  const visible = found.filter(({ path }) => !/(^|\/)\./.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of visible) {
    if (signal.aborted) throw signal.reason;
    if (TABLE.test(file.path)) sorted.tables.push(file);
    else if (PICTURE_FILE.test(file.path) || (await unlessAborted(signal, beginsAsPicture(file)))) sorted.pictures.push(file);
    else if (LIST.test(file.path)) sorted.lists.push(file);
    else sorted.others.push(file.path);
  }
  return sorted;
}

/** A picture whose name does not say so. @param {Found} file */
async function beginsAsPicture({ path, open }) {
  try {
    const bytes = new Uint8Array(await (await open()).slice(0, SIGNATURE_BYTES).arrayBuffer());
    return kindOf(bytes, path)?.isPicture ?? false;
  } catch {
    return false;
  }
}
