// @ts-check
import { originHere } from "../origin.js";
import { csvOf } from "../pure/csv.js";
import { fileName, jsonOf, linesOf } from "./pure/files.js";
import { svgOf } from "./pure/svg.js";

/**
 * @typedef {import("./state.js").Lab} Lab
 * @typedef {import("../origin.js").Origin} Origin
 * @typedef {"json" | "csv" | "svg"} Kind
 */

/** @type {Record<Kind, { type: string, textOf: (lab: Lab, origin: Origin) => string }>} */
const KINDS = {
  json: { type: "application/json", textOf: (lab, origin) => `${JSON.stringify(jsonOf(lab, origin))}\n` },
  csv: { type: "text/csv", textOf: (lab, origin) => csvOf(linesOf(lab, origin)) },
  svg: { type: "image/svg+xml", textOf: svgOf },
};

/**
 * The experiment as a file.
 * @param {Kind} kind
 * @param {Lab} lab with one run at least
 * @returns {Promise<[Blob, string]>} with its name
 */
export async function fileOf(kind, lab) {
  const origin = await originHere();
  const { type, textOf } = KINDS[kind];
  return [new Blob([textOf(lab, origin)], { type }), fileName(lab, origin, kind)];
}
