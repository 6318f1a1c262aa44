// @ts-check
import { existsSync, readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** @type {Map<string, number>} */
const sizes = new Map();

/**
 * Bytes of files of code as a server sends them, gzipped.
 * @param {string} root of the repository
 * @param {string[]} paths as in their addresses
 */
export function gzipped(root, paths) {
  return paths.reduce((sum, path) => {
    const size = sizes.get(path) ?? sizeOf(`${root}${path}`);
    sizes.set(path, size);
    return sum + size;
  }, 0);
}

/** As it lies beside the file, where the build made it. @param {string} file */
function sizeOf(file) {
  return existsSync(`${file}.gz`) ? statSync(`${file}.gz`).size : gzipSync(readFileSync(file), { level: 9 }).length;
}
