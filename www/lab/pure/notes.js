// @ts-check
import { listed, ofRun, short } from "./words.js";

/**
 * Sentences about what a scale leaves out, so that no chart does it silently.
 *
 * @typedef {import("../state.js").Run} Run
 *
 * @typedef {object} Beyond the steps of a run that lie beyond a scale
 * @property {number} index of the run
 * @property {number} steps how many
 * @property {number} above of them
 * @property {number} below
 * @property {number} from the first of them
 * @property {number} to the last one
 * @property {number} most the greatest value
 * @property {number} least
 */

/**
 * @param {Pick<Run, "record">[]} runs
 * @param {number} min of the scale
 * @param {number} max
 * @param {(record: Run["record"]) => Float32Array} valuesOf equally many values for each column, column after column
 * @returns {Beyond[]} of the runs that have such steps
 */
export function stepsBeyond(runs, min, max, valuesOf) {
  return runs.flatMap(({ record }, index) => {
    const values = valuesOf(record);
    const width = values.length / record.columns;
    const beyond = { index, steps: 0, above: 0, below: 0, from: Infinity, to: 0, most: -Infinity, least: Infinity };
    for (let column = 0; column < record.columns; column++) {
      let [least, most] = [Infinity, -Infinity];
      for (let i = column * width; i < (column + 1) * width; i++) {
        if (!Number.isFinite(values[i])) continue;
        if (values[i] < least) least = values[i];
        if (values[i] > most) most = values[i];
      }
      if (most > max || least < min) addColumn(beyond, record, column, most > max ? most : null, least < min ? least : null);
    }
    return beyond.steps ? [beyond] : [];
  });
}

/**
 * @param {Beyond} beyond
 * @param {Run["record"]} record
 * @param {number} column
 * @param {number | null} most above the scale
 * @param {number | null} least below it
 */
function addColumn(beyond, record, column, most, least) {
  const steps = record.stepsOf(column);
  beyond.steps += steps;
  if (most !== null) beyond.above += steps;
  if (least !== null) beyond.below += steps;
  beyond.from = Math.min(beyond.from, record.firstOf(column));
  beyond.to = record.lastOf(column);
  beyond.most = Math.max(beyond.most, most ?? -Infinity);
  beyond.least = Math.min(beyond.least, least ?? Infinity);
}

/** @param {number} from the step after which a scale follows the steps */
export const scaleSentence = (from) => (from ? `The scale follows the steps after ${from}.` : "The scale follows all steps.");

/**
 * @param {Beyond[]} found
 * @param {Pick<Run, "diverged">[]} runs
 * @param {(value: number) => number} [numberOf] the number that a value stands for
 */
export function beyondSentences(found, runs, numberOf = (value) => value) {
  return found.map(({ index, steps, above, below, from, to, most, least }) => {
    const which = steps === 1 ? `Step ${from}` : steps === to - from + 1 ? `Steps ${from} to ${to}` : `${steps} of the steps ${from} to ${to}`;
    const ends = [...(above ? [`up to ${short(numberOf(most))}`] : []), ...(below ? [`down to ${short(numberOf(least))}`] : [])];
    return `${which}${ofRun(runs, index)} ${steps === 1 ? "lies" : "lie"} ${sides(above, below)} it, ${listed(ends)}.`;
  }).join(" ");
}

/**
 * @param {number} above
 * @param {number} below
 */
const sides = (above, below) => (above && below ? "above or below" : above ? "above" : "below");

const NAMED = 3; // layers; more are counted

/** @param {string[]} names of layers @returns {string} at the beginning of a sentence */
export const layerWords = (names) => (names.length > NAMED ? `${names.length} layers` : `The layer${names.length > 1 ? "s" : ""} ${listed(names.map((name) => `“${name}”`))}`);

/**
 * The layers that a chart by depth cannot show where they belong.
 * @param {Pick<Run, "layers" | "diverged">[]} runs
 * @param {{ min: number, max: number }} scale
 * @param {(index: number) => ({ least: number, most: number } | null)[]} endsOf what is to be drawn of each layer of a run, in the order of the reports; null: nothing
 */
export function layersBeyond(runs, { min, max }, endsOf) {
  return runs.flatMap((run, index) => {
    const ends = endsOf(index);
    const beyond = run.layers.map((name, i) => ({ name, end: ends[i] })).filter(({ end }) => end && (end.most > max || end.least < min));
    if (!beyond.length) return [];
    const [least, most] = [Math.min(...beyond.map(({ end }) => end?.least ?? Infinity)), Math.max(...beyond.map(({ end }) => end?.most ?? -Infinity))];
    const limits = [...(most > max ? [`up to ${short(most)}`] : []), ...(least < min ? [`down to ${short(least)}`] : [])];
    const [goes, is] = beyond.length > 1 ? ["go", "are"] : ["goes", "is"];
    return [`${layerWords(beyond.map(({ name }) => name))}${ofRun(runs, index)} ${goes} beyond the scale, ${listed(limits)}, and ${is} drawn at its edge.`];
  });
}
