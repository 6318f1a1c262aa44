// @ts-check

/**
 * An entry of the line-up: a network with one variant of its weights. Its key names it in the address and in the engine:
 * `vgg16`, `vgg16-q4`.
 *
 * @typedef {import("../../pkg/convscope.js").Card} Card
 * @typedef {import("./manifest.d.ts").ManifestRow} Row a network's weights in one variant
 * @typedef {{ key: string, network: string, variant: string | null }} Entry variant null: the usual one
 */

/** The variant of a network's weights that is used where none is asked for. */
export const DEFAULT_VARIANT = "q8";

/** In place of a variant: random weights. The network's speed and size are the real ones, and its answers mean nothing. */
export const RANDOM = "random";

/**
 * @param {string} key
 * @returns {Entry}
 */
export function entryOf(key) {
  const [network, variant] = key.split("-", 2);
  return { key, network, variant: variant ?? null };
}

/**
 * A network's row of the manifest: the preferred variant where there is one, else the default, else the first.
 * @param {Row[]} rows
 * @param {string} network
 * @param {string} variant
 */
export function rowOf(rows, network, variant) {
  const own = rows.filter(({ id }) => id === network);
  return own.find((row) => row.variant === variant) ?? own.find((row) => row.variant === DEFAULT_VARIANT) ?? own[0];
}

/**
 * The weights of an entry; undefined where the server has none.
 * @param {Entry} entry
 * @param {Row[]} rows
 */
export function rowOfEntry({ network, variant }, rows) {
  const row = rowOf(rows, network, variant ?? DEFAULT_VARIANT);
  return variant && row?.variant !== variant ? undefined : row;
}

/**
 * The variant of the weights that an entry runs with.
 * @param {Entry} entry
 * @param {Row[]} rows
 * @returns {string} RANDOM where the server has no weights
 */
export function weightsOf(entry, rows) {
  return rowOfEntry(entry, rows)?.variant ?? RANDOM;
}

/**
 * The entry for a network, in the preferred variant where the server has it.
 * @param {string} network
 * @param {string} variant
 * @param {Row[]} rows
 * @returns {Entry}
 */
export function preferredEntry(network, variant, rows) {
  const row = rowOf(rows, network, variant);
  const usual = rowOf(rows, network, DEFAULT_VARIANT);
  return entryOf(row && row !== usual ? `${network}-${row.variant}` : network);
}

/**
 * Every entry that can be chosen: a network once, and once more for each further variant of its weights.
 * @param {Card[]} cards
 * @param {Row[]} rows
 * @returns {Entry[]}
 */
export function allEntries(cards, rows) {
  return cards.flatMap(({ id }) => {
    const usual = rowOf(rows, id, DEFAULT_VARIANT);
    const others = rows.filter((row) => row.id === id && row !== usual);
    return [id, ...others.map(({ variant }) => `${id}-${variant}`)].map(entryOf);
  });
}

/** @type {Record<string, string>} */
const SHORT = { q4: "4 bits", f16: "16 bits" };

/**
 * @param {Entry} entry
 * @param {Card[]} cards
 */
export function nameOf({ network, variant }, cards) {
  const name = cards.find(({ id }) => id === network)?.name ?? network;
  return variant ? `${name}, ${SHORT[variant] ?? variant}` : name;
}
