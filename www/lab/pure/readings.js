// @ts-check

/**
 * What is shown of the runs' readings of the drawing.
 *
 * @typedef {import("../state.js").Lab} Lab
 * @typedef {import("../state.js").Point} Point
 * @typedef {import("../state.js").Prediction} Prediction
 * @typedef {import("../state.js").Run} Run
 */

/**
 * What a run takes the drawing for. A run that can be asked will soon have read the strokes that were just added; until then
 * what it took the drawing for before them stays. A run that cannot be asked has read the drawing as it is, or not at all.
 * @param {Pick<Lab, "phase">} lab
 * @param {Pick<Run, "reading" | "diverged">} run
 * @param {Point[][]} strokes
 * @returns {Prediction[]} the most probable class first
 */
export function classesNow({ phase }, { reading, diverged }, strokes) {
  if (!reading || !strokes.length) return [];
  const canAsk = !diverged && (phase === "training" || phase === "paused");
  return reading.of === strokes || (canAsk && isContinued(reading.of, strokes)) ? reading.classes : [];
}

/**
 * Whether strokes were added to a drawing, and none was begun anew: the points of a stroke stay the same objects.
 * @param {Point[][]} before
 * @param {Point[][]} now
 */
const isContinued = (before, now) => before[0]?.[0] === now[0]?.[0];

/**
 * What there is to say in place of the readings.
 * @param {Pick<Lab, "phase" | "readTrouble" | "runs">} lab
 * @param {Point[][]} strokes
 */
export function readHint({ phase, readTrouble, runs }, strokes) {
  if (readTrouble) return readTrouble;
  if (strokes.length && phase === "stopped") return runs.length > 1 ? "Both runs have stopped, so that neither can be asked." : "The run has stopped, so that it cannot be asked.";
  if (strokes.length && phase === "ended") return "The networks are gone. Start again, and they say what they take the drawing for.";
  if (strokes.length && phase === "idle") return "Start the training, and the network says what it takes the drawing for so far.";
  return "Draw a digit, and the network says what it takes it for so far.";
}
