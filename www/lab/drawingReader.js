// @ts-check
import { frameOfDrawing } from "../camera.js";
import { drawStrokes } from "../pure/canvas.js";
import { sentenceOf } from "../pure/failure.js";
import { state, updateLab } from "../state.js";
import { keyOf } from "./pure/configs.js";

/**
 * @typedef {import("./oneTrainer.js").Trainer} Trainer
 * @typedef {import("./state.js").Run} Run
 */

const SIDE = 280; // pixels of a drawing

/** Asks the runs what they take the drawing for. One question is open at a time; the next one is about the newest drawing. */
export class DrawingReader {
  #pad = document.createElement("canvas");
  /** The experiment whose runs are being asked. @type {AbortSignal | null} */
  #asking = null;
  #onRead;

  /** @param {() => void} onRead */
  constructor(onRead) {
    this.#onRead = onRead;
  }

  /**
   * Asks each run once while it is trained, else until nothing changes any more.
   * @param {Trainer} trainer
   * @param {AbortSignal} round of the experiment
   */
  async read(trainer, round) {
    if (this.#asking === round) return;
    this.#asking = round;
    try {
      do {
        for (const [i, run] of state.lab.runs.entries()) {
          if (isUnread(run)) await this.#ask(trainer, round, run, keyOf(i));
          if (round.aborted) return;
        }
      } while (state.lab.phase !== "training" && state.lab.runs.some(isUnread));
    } finally {
      if (this.#asking === round) this.#asking = null;
    }
  }

  /**
   * @param {Trainer} trainer
   * @param {AbortSignal} round
   * @param {Run} run
   * @param {string} key
   */
  async #ask(trainer, round, run, key) {
    const { strokes } = state;
    const reading = { of: strokes, step: run.record.steps, classes: /** @type {import("./state.js").Prediction[]} */ ([]) };
    this.#pad.width = this.#pad.height = SIDE;
    drawStrokes(this.#pad, strokes);
    try {
      reading.classes = await trainer.classify(key, await frameOfDrawing(this.#pad));
      if (!round.aborted && state.lab.readTrouble) updateLab({ readTrouble: "" });
    } catch (error) {
      if (round.aborted || trainer.hasEnded) throw error;
      updateLab({ readTrouble: `The drawing could not be read. ${sentenceOf(error)}` });
    }
    if (round.aborted) return;
    run.reading = reading;
    this.#onRead();
  }
}

/** @param {Run} run */
function isUnread({ reading, record, diverged }) {
  const { strokes, lab: { data } } = state;
  return data === "mnist" && strokes.length > 0 && !diverged && (reading?.of !== strokes || reading.step !== record.steps);
}
