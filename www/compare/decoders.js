// @ts-check
import { Decoder } from "../pictureFiles.js";
import { STILL_SIDE } from "../pure/canvas.js";

/**
 * @typedef {import("../../pkg/convscope.js").Frame} Frame
 * @typedef {import("./folderFiles.js").Found} Found
 */

/** Opens pictures in several workers, a few ahead of the one that is asked for, and reuses the buffers of their frames. */
export class Decoders {
  /** @type {ArrayBuffer[]} */
  #free = [];
  #all = Array.from({ length: Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)) }, () => new Decoder());

  /**
   * @param {Found[]} pictures
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<[number, Frame | null]>} null for what is no picture
   */
  async *each(pictures, signal) {
    const ahead = this.#all.length + 2;
    /** @type {Promise<Frame | null>[]} */
    const opening = [];
    for (let i = 0, next = 0; i < pictures.length; i++) {
      while (next < pictures.length && next < i + ahead) opening.push(this.#open(pictures[next], next++));
      const frame = await opening.shift();
      if (signal.aborted) return;
      yield [i, frame ?? null];
    }
  }

  /**
   * @param {Found} picture
   * @param {number} i
   */
  async #open({ path, open }, i) {
    try {
      const buffer = this.#free.pop() ?? new ArrayBuffer(4 * STILL_SIDE ** 2);
      return (await this.#all[i % this.#all.length].open(await open(), path, 0, buffer)).frame;
    } catch {
      return null;
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
