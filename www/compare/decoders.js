// @ts-check
import { Decoder } from "../pictureFiles.js";
import { Refusal } from "../pictureRefusal.js";
import { alteredPixels } from "../pixels.js";
import { STILL_SIDE } from "../pure/canvas.js";
import { sentenceOf } from "../pure/failure.js";
import { unlessAborted } from "../within.js";

/**
 * @typedef {import("../../pkg/convscope.js").Frame} Frame
 * @typedef {import("./folderFiles.js").Found} Found
 * @typedef {{ frame: Frame | null, refusal: string }} Opened refusal: what the file is, where there is no frame
 */

/** Opens pictures in several workers, a few ahead of the one that is asked for, and reuses the buffers of their frames. */
export class Decoders {
  /** @type {ArrayBuffer[]} */
  #free = [];
  #all = Array.from({ length: Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)) }, () => new Decoder());

  /**
   * @param {Found[]} pictures
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<[number, Opened]>}
   */
  async *each(pictures, signal) {
    const ahead = this.#all.length + 2;
    /** @type {Promise<Opened>[]} */
    const opening = [];
    for (let i = 0, next = 0; i < pictures.length; i++) {
      while (next < pictures.length && next < i + ahead) opening.push(this.#open(pictures[next], next++));
      const opened = await unlessAborted(signal, /** @type {Promise<Opened>} */ (opening.shift())).catch(() => null);
      if (signal.aborted || !opened) return;
      yield [i, opened];
    }
  }

  /**
   * @param {Found} picture
   * @param {number} i
   * @returns {Promise<Opened>}
   */
  async #open({ path, open }, i) {
    try {
      const buffer = this.#free.pop() ?? new ArrayBuffer(4 * STILL_SIDE ** 2);
      const { frame } = await this.#all[i % this.#all.length].open(await open(), path, 0, buffer);
      if (!frame) throw alteredPixels();
      return { frame, refusal: "" };
    } catch (error) {
      return { frame: null, refusal: error instanceof Refusal ? error.what : sentenceOf(error) };
    }
  }

  /** @param {Frame} frame that is not needed any more */
  giveBack({ data }) {
    if (data.buffer.byteLength >= 4 * STILL_SIDE ** 2) this.#free.push(/** @type {ArrayBuffer} */ (data.buffer));
  }

  close() {
    for (const decoder of this.#all) decoder.close();
  }
}
