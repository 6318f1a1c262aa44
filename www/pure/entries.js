// @ts-check

/**
 * An entry of the line-up: a network with one variant of its weights. Its key names it in the address and in the engine:
 * `vgg16`, `vgg16-q4`.
 *
 * @typedef {import("../../pkg/convscope.js").Card} Card
 * @typedef {import("./manifest.d.ts").ManifestRow & { here?: "kept" | "open" }} Row a network's weights in one variant; here: the
 *   server does not have them, but this browser does: kept for the next visit, or until the page is closed
 * @typedef {{ key: string, network: string, variant: string | null }} Entry variant null: the usual one
 */

/** The variant of a network's weights that is used where none is asked for. */
export const DEFAULT_VARIANT = "q8";

/** In place of a variant: random weights. The network's speed and size are the real ones, and its answers mean nothing. */
export const RANDOM = "random";

/** @type {Record<string, string>} */
const SHORT = { q4: "4 bits" };

/**
 * Whether a variant is weights of one's own: another training of the network, perhaps for other classes. It is never used where
 * it is not asked for, and published accuracies do not hold for it.
 * @param {string | null} variant
 */
export const isOwnVariant = (variant) => variant !== null && variant !== DEFAULT_VARIANT && variant !== RANDOM && !Object.hasOwn(SHORT, variant);

/**
 * @param {string} key
 * @returns {Entry}
 */
export function entryOf(key) {
  const [network, variant] = key.split("-", 2);
  return { key, network, variant: variant ?? null };
}

/**
 * Under which name the layers of an entry are known: the network's, unless its weights are somebody's own and may have other classes.
 * @param {Entry} entry
 */
export const layersKey = ({ key, network, variant }) => (isOwnVariant(variant) ? key : network);

/**
 * A network's row of the manifest: the preferred variant where there is one, else the default, else the first that is not
 * somebody's own.
 * @param {Row[]} rows
 * @param {string} network
 * @param {string} variant
 */
export function rowOf(rows, network, variant) {
  const all = rows.filter(({ id }) => id === network);
  const find = (/** @type {string} */ wanted) => all.find((row) => row.variant === wanted);
  return find(variant) ?? find(DEFAULT_VARIANT) ?? all.find((row) => !isOwnVariant(row.variant));
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

/**
 * @param {Entry} entry
 * @param {Card[]} cards
 * @param {Row[] | null} [rows] which tell how weights of one's own are called; without them, their variant does
 */
export function nameOf({ network, variant }, cards, rows) {
  const name = cards.find(({ id }) => id === network)?.name ?? network;
  if (!variant) return name;
  if (!isOwnVariant(variant)) return `${name}, ${SHORT[variant]}`;
  const own = rows?.find((row) => row.id === network && row.variant === variant)?.own;
  return `${name}, own weights “${own?.name ?? variant}”`;
}
