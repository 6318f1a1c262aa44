// @ts-check
import { Calls } from "./calls.js";
import { Failure, codeOf } from "./pure/failure.js";
import { stillFrame } from "./pure/canvas.js";
import { moduleWorker } from "./workers.js";

/**
 * Opens picture files as frames.
 *
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {{ frame: Frame, square: ImageBitmap | null }} Opened the square is what the page shows
 * @typedef {(blob: Blob, name: string, side?: number) => Promise<Opened>} OpenPicture name: for the message, where it is no picture; side: of the square in pixels, at most; 0 for none
 */

/** Files of weights, as the networks' authors publish them. */
const WEIGHTS = /\.(pth?|caffemodel|pkl|safetensors)$/i;

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
    return (await (this.#worker?.open(blob, side, buffer) ?? read(blob))) ?? refuse(name);
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
      this.#bytes += opened?.frame.data.length ?? 0;
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
  return (await read(blob)) ?? refuse(name);
}

/**
 * @param {Blob} blob
 * @returns {Promise<Opened | null>}
 */
async function read(blob) {
  const square = await createImageBitmap(blob).catch(() => null);
  return square && { square, frame: stillFrame(document.createElement("canvas"), square) };
}

/**
 * @param {string} name
 * @returns {never}
 */
function refuse(name) {
  if (WEIGHTS.test(name)) {
    throw new Failure("bad-picture", `“${name}” holds the weights of a network, and a browser cannot convert them. Where this site is served from, \`cargo xtask weights <network> --from ${name}\` takes the official file.`);
  }
  throw new Failure("bad-picture", `“${name}” is not a picture this browser can open. Choose a JPEG, PNG, WebP or GIF file.`);
}
