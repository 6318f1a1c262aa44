// @ts-check
import { Calls } from "./calls.js";
import { readSquare } from "./pixels.js";
import { drawStill } from "./pure/canvas.js";
import { Failure, codeOf } from "./pure/failure.js";
import { moduleWorker } from "./workers.js";

/**
 * Opens picture files as frames.
 *
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {{ frame: Frame | null, square: ImageBitmap | null }} Opened frame: null where the browser hands out other pixels than it has drawn; the square is what the page shows
 * @typedef {(blob: Blob, name: string, side?: number) => Promise<Opened>} OpenPicture name: for the message, where it is no picture; side: of the square in pixels, at most; 0 for none
 */

/** Bytes of pixels after which a worker is replaced by a new one, because it frees their memory too late. */
const RETIRED_AFTER = 32e6;

/** Opens pictures in a worker, where the browser can. */
export class Decoder {
  /** @type {DecoderWorker | null} */
  #worker = decoderWorker();

  /**
   * @param {Blob} blob
   * @param {string} name
   * @param {number} [side]
   * @param {ArrayBuffer | null} [buffer] for the frame, handed over
   * @returns {Promise<Opened>}
   */
  async open(blob, name, side = 0, buffer = null) {
    if (this.#worker?.isTired) {
      this.#worker.retire();
      this.#worker = new DecoderWorker();
    }
    return (await (this.#worker?.open(blob, side, buffer) ?? read(blob))) ?? refuse(blob, name);
  }

  close() {
    this.#worker?.close();
    this.#worker = null;
  }
}

/** None in an older browser, where pictures are opened on the page's own thread. */
function decoderWorker() {
  try {
    return typeof OffscreenCanvas === "undefined" ? null : new DecoderWorker();
  } catch {
    return null;
  }
}

class DecoderWorker {
  #calls = new Calls(moduleWorker(new URL("./decoder.js", import.meta.url)), () => this.#end("crashed"));
  #bytes = 0;
  #retired = false;

  get isTired() {
    return this.#bytes > RETIRED_AFTER;
  }

  /**
   * @param {Blob} blob
   * @param {number} side
   * @param {ArrayBuffer | null} buffer
   * @returns {Promise<Opened | null>} null where it is no picture
   */
  async open(blob, side, buffer) {
    try {
      /** @type {Opened | null} */
      const opened = await this.#calls.ask("open", [blob, side, buffer], { transfer: buffer ? [buffer] : [] });
      this.#bytes += opened?.frame?.data.length ?? 0;
      return opened;
    } catch (error) {
      if (codeOf(error) === "closed") throw error;
      return read(blob); // the worker could not be started, or it ended
    } finally {
      if (this.#retired && !this.#calls.open) this.close();
    }
  }

  /** Ends the worker as soon as it has answered. */
  retire() {
    this.#retired = true;
    if (!this.#calls.open) this.close();
  }

  close() {
    this.#end("closed");
  }

  /** @param {"closed" | "crashed"} code */
  #end(code) {
    this.#calls.end(new Failure(code, "The decoder was closed."));
  }
}

/**
 * Opens a picture on the page's own thread.
 * @type {OpenPicture}
 */
export async function openHere(blob, name) {
  return (await read(blob)) ?? refuse(blob, name);
}

/**
 * @param {Blob} blob
 * @returns {Promise<Opened | null>}
 */
async function read(blob) {
  const square = await createImageBitmap(blob).catch(() => null);
  if (!square) return null;
  const canvas = document.createElement("canvas");
  drawStill(canvas, square);
  return { square, frame: await readSquare(canvas) };
}

/**
 * @param {Blob} blob
 * @param {string} name
 * @returns {Promise<never>}
 */
async function refuse(blob, name) {
  const told = await import("./pictureRefusal.js").catch(() => null); // few visits need it
  throw (await told?.refusalOf(blob, name)) ?? new Failure("bad-picture", `“${name}” could not be opened as a picture. Choose a JPEG, PNG, WebP or GIF file.`);
}
