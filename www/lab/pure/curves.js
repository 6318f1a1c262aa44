// @ts-check
import { place } from "./scales.js";

/**
 * Lines over the steps of a run.
 *
 * @typedef {import("../record.js").RunRecord} RunRecord
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {{ x: number, y: number }} Point
 */

const MOST_POINTS = 400; // of a line

/**
 * A line's points: the means of what shares one of 400 equal parts of the axis, whether that is linear or logarithmic.
 * @param {RunRecord} record
 * @param {ArrayLike<number>} values one for each column
 * @param {Scale} axis of the steps
 * @returns {{ points: Point[], most: number }} most: the greatest number of steps that a point is the mean of
 */
export function pointsAlong(record, values, axis) {
  /** @type {{ x: number, y: number, steps: number, part: number }[]} */
  const points = [];
  for (let column = 0; column < record.columns; column++) {
    const [first, steps] = [record.firstOf(column), record.stepsOf(column)];
    const x = first + (steps - 1) / 2;
    const part = Math.floor(place(axis, x) * MOST_POINTS);
    const last = points.at(-1);
    if (last?.part === part) {
      last.steps += steps;
      last.x += ((x - last.x) * steps) / last.steps;
      last.y += ((values[column] - last.y) * steps) / last.steps;
    } else {
      points.push({ x, y: values[column], steps, part });
    }
  }
  return { points: points.map(({ x, y }) => ({ x, y })), most: points.reduce((most, { steps }) => Math.max(most, steps), 0) };
}

const SMOOTH = 15; // steps, after which a step's weight has fallen to 1/e

/** After how many steps a step has a third of its weight in a running mean. */
export const THIRD = Math.round(SMOOTH * Math.log(3));

/**
 * A running mean, in which a step counts less the longer ago it was.
 * @param {RunRecord} record
 * @param {ArrayLike<number>} values one for each column
 */
export function smoothed(record, values) {
  const smooth = new Float32Array(record.columns);
  let mean = 0;
  let share = 0;
  for (let column = 0, steps = 0; column < record.columns; column++) {
    if (steps !== record.stepsOf(column)) {
      steps = record.stepsOf(column);
      share = 1 - Math.exp(-steps / SMOOTH);
    }
    const weight = Math.max(share, steps / record.lastOf(column)); // a plain mean at the beginning
    mean += (values[column] - mean) * weight;
    smooth[column] = mean;
  }
  return smooth;
}
