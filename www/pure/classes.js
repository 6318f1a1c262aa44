// @ts-check

/**
 * Whether two networks tell the same classes apart.
 * @param {string[] | undefined} one the names of the classes, in the order of their numbers
 * @param {string[] | undefined} other
 * @returns {boolean | null} null as long as it is not known
 */
export function haveSameClasses(one, other) {
  if (!one || !other) return null;
  return one.length === other.length && one.every((label, i) => label === other[i]);
}
