// @ts-check
import { csvOf } from "../../pure/csv.js";
import { RANDOM } from "../../pure/entries.js";
import { deviceName, threeDigits } from "../../pure/text.js";
import { COLUMNS, OF_ALL } from "./columns.js";
import { notesOf } from "./results.js";

/**
 * Results as other programs read them.
 *
 * @typedef {import("./results.js").Result} Result
 * @typedef {import("./results.js").Row} Row
 */

/** @param {Result} result */
export const toJson = (result) => JSON.stringify(result, null, 2);

/**
 * One line for each row. What applies to the whole result is repeated on each line.
 * @param {Result} result
 */
export function toCsv(result) {
  const lines = result.rows.map((row) => [...COLUMNS.map((name) => row[name]), ...OF_ALL.map((name) => result[name])]);
  return csvOf([[...COLUMNS, ...OF_ALL], ...lines]);
}

/**
 * @param {Result} result
 * @param {(row: Row) => string} nameOf
 */
export function toMarkdown(result, nameOf) {
  const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const lines = result.rows.map((row) => [
    nameOf(row) + (row.variant === RANDOM ? " (random weights)" : ""),
    `${deviceName(row)}${row.software ? ", software" : ""} (${row.adapter})`,
    row.device === "cpu" && row.threads !== null ? String(row.threads) : "–",
    `${threeDigits(row.median)} (${threeDigits(row.low)}–${threeDigits(row.high)})`,
    threeDigits(row.p90),
    threeDigits(row.preprocess),
    row.batch > 1 ? `${row.runs} in batches of ${row.batch}` : String(row.runs),
    row.ended ?? "–",
    threeDigits(row.first),
    threeDigits(row.load),
    threeDigits(row.framesPerSecond),
    threeDigits(row.gmacPerSecond),
    row.top1 === null ? "–" : row.top1.toFixed(1),
  ].map(cell));
  const head = ["network", "device", "threads", "inference, median ms (95 % interval)", "p90, ms", "preprocess, median ms", "runs", "ended", "first, ms", "load, ms", "frames/s", "GMAC/s", "top-1, %"];
  const table = [head, head.map((name, i) => (i < 2 || name === "ended" ? "---" : "--:")), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  const notes = notesOf(result).map(({ text }) => `- ${cell(text)}\n`);
  return `${table.join("\n")}\n\nConvScope ${cell(result.convscope)}, ${cell(result.browser)}, ${cell(result.os)}, ${result.date}\n${notes.length ? `\n${notes.join("")}` : ""}`;
}
