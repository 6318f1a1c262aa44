// @ts-check
import { accuracy } from "./accuracyChart.js";
import { inference } from "./inferenceChart.js";
import { memory } from "./memoryChart.js";
import { years } from "./yearsChart.js";

/** The charts of a result, in the order of the page. @type {import("./chartParts.js").Kind[]} */
export const KINDS = [accuracy, inference, memory, years];
