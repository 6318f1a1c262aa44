// @ts-check

/** How many steps are asked for at a time, and when the runs are tested. */

const TURN = 60; // milliseconds: short enough that a pause acts at once
const MOST = 200; // steps of a turn
const FIRST = 16; // steps: where a rate is too large, most networks break in them
const GROWN = 4; // times the size of the first step
const BETWEEN_TESTS = 2000; // milliseconds
const LONGEST_AFTERWARDS = 800; // milliseconds
const TEST_PICTURES = 1000;
const SHARE_OF_TESTS = 8; // the training goes on for at least this many times as long as a test took

/**
 * @param {number} count steps of the last turn
 * @param {number} took milliseconds, for all runs
 */
export function nextCount(count, took) {
  const fitting = Math.floor((count * TURN) / Math.max(took, 0.1));
  return Math.max(1, Math.min(fitting, count * 2, MOST));
}

/**
 * Whether the next step is to be taken by itself. Only the last step of a turn tells of the outputs and the changes, and
 * those just before a run breaks are of interest.
 * @param {{ loss: number, gradients: number[] }} first step of the run
 * @param {{ step: number, loss: number, gradients: number[] }} last
 */
export const isAlone = (first, last) => last.step < FIRST || sizeOf(last) > GROWN * sizeOf(first);

/** @param {{ loss: number, gradients: number[] }} step */
const sizeOf = ({ loss, gradients }) => Math.max(loss, ...gradients);

/**
 * @param {{ at: number, took: number }} last when the last test ended and how long it took, in milliseconds
 * @param {number} now
 * @param {boolean} isOver the training has been paused; a long test would then keep the next step waiting
 */
export const testIsDue = ({ at, took }, now, isOver) => (isOver ? took < LONGEST_AFTERWARDS : now - at >= Math.max(BETWEEN_TESTS, SHARE_OF_TESTS * took));

/**
 * How long a test takes, about, before there has been one: it goes forwards only, which is a third of a step's work.
 * @param {number} step milliseconds of a step
 * @param {number} batch
 */
export const expectedTest = (step, batch) => (step / 3 / batch) * TEST_PICTURES;
