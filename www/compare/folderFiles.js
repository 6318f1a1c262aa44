// @ts-check

/**
 * The files of a folder that was dropped or chosen. Only their names are read here.
 *
 * @typedef {{ path: string, open: () => Promise<File> }} Found
 */

const PICTURE = /\.(jpe?g|png|webp|gif|bmp|avif|svg)$/i;
const TABLE = /\.csv$/i;

/**
 * @param {DataTransfer} data of a drop; read before the event has ended
 * @returns {Promise<Found[]> | null} null where it is at most one file
 */
export function dropped(data) {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...data.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files.length > 1 ? Promise.resolve(files.map(foundFile)) : null;
  return Promise.all(entries.map((entry, i) => (entry ? filesOf(entry) : [foundFile(files[i])]))).then((parts) => parts.flat());
}

/** @param {FileList} files of an input */
export const chosen = (files) => [...files].map(foundFile);

/**
 * @param {File} file
 * @returns {Found}
 */
const foundFile = (file) => ({ path: file.webkitRelativePath || file.name, open: () => Promise.resolve(file) });

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Found[]>}
 */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [{ path: file.fullPath.replace(/^\//, ""), open: () => new Promise((resolve, reject) => file.file(resolve, reject)) }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Found[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const inner of some) found.push(...(await filesOf(inner)));
  }
}

/**
 * @param {Found[]} found
 * @returns {{ pictures: Found[], table: Found | null }} in the order of their paths; the table, where there is just one
 */
export function sortOut(found) {
  const visible = found.filter(({ path }) => !/(^|\/)\./.test(path));
  const tables = visible.filter(({ path }) => TABLE.test(path));
  const pictures = visible.filter(({ path }) => PICTURE.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  return { pictures, table: tables.length === 1 ? tables[0] : null };
}
