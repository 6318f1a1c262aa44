// @ts-check
import { fetchPart } from "../bring.js";

const SCHEMA = new URL("../results.schema.json", import.meta.url);

/** @returns {Promise<import("./pure/check.js").Schema>} against which results that come from elsewhere are checked */
export async function bringSchema() {
  return (await fetchPart(SCHEMA)).json();
}
