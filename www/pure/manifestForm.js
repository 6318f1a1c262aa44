// @ts-check

/**
 * The list of weights as a server sends it. It is another program's, or an older deployment's: what is not of its form is refused
 * as a whole, so that no view meets a row without shards.
 *
 * @typedef {import("./manifest.d.ts").Manifest} Manifest
 */

/** What the page uses of a row. @type {Record<string, string>} */
const OF_ROW = { id: "string", variant: "string", bytes: "number" };
/** @type {Record<string, string>} */
const OF_SHARD = { file: "string", bytes: "number", sha256: "string" };
/** @type {Record<string, string>} */
const OF_OWN = { name: "string", classes: "number" };
/** @type {Record<string, string>} */
const OF_STEP = { name: "string", text: "string" };

/**
 * @param {any} value
 * @param {Record<string, string>} fields and their types
 */
const has = (value, fields) => typeof value === "object" && value !== null && Object.entries(fields).every(([name, type]) => typeof value[name] === type && value[name] !== null);

/** @param {any} row */
const isRow = (row) => has(row, OF_ROW) && (row.own === undefined || has(row.own, OF_OWN)) && Array.isArray(row.shards) && row.shards.every((/** @type {any} */ shard) => has(shard, OF_SHARD));

/**
 * @param {any} value as JSON.parse gives it
 * @returns {{ rows: Manifest["networks"], building: NonNullable<Manifest["building"]> } | null} null where it has another form
 */
export function manifestOf(value) {
  const { networks, building = [] } = value ?? {};
  const isWhole = Array.isArray(networks) && networks.every(isRow) && Array.isArray(building) && building.every((step) => has(step, OF_STEP));
  return isWhole ? { rows: networks, building } : null;
}
