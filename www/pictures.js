// @ts-check
import { Failure } from "./failure.js";
import { stillFrame } from "./square.js";

/**
 * Picture files → frames.
 *
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {{ frame: Frame, square: ImageBitmap | null }} Opened the square is for the eye
 * @typedef {import("./decoder.js").Reply} Reply
 */

/** Beside the page's own thread, where the browser can. */
export class Decoder {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, (opened: Promise<Opened | null>) => void>} */
  #calls = new Map();
  /** @type {Map<number, Blob>} */
  #blobs = new Map();
  #lastCall = 0;

  constructor() {
    if (typeof OffscreenCanvas === "undefined") return; // an older browser: on the page's thread
    this.#worker = new Worker(new URL("./decoder.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data: { id, opened } }) => this.#settle(id, Promise.resolve(opened)));
    this.#worker.addEventListener("error", () => {
      this.close();
      for (const [id, blob] of this.#blobs) this.#settle(id, read(blob));
    });
  }

  /**
   * @param {Blob} blob
   * @param {string} name for the message, where it is no picture
   * @param {number} [side] pixels a side of the square that is wanted for the eye, at most; 0 for none
   * @returns {Promise<Opened>}
   */
  async open(blob, name, side = 0) {
    return (await (this.#worker ? this.#ask(this.#worker, blob, side) : read(blob))) ?? refuse(name);
  }

  close() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  /**
   * @param {Worker} worker
   * @param {Blob} blob
   * @param {number} side
   * @returns {Promise<Opened | null>}
   */
  #ask(worker, blob, side) {
    return new Promise((resolve) => {
      const id = ++this.#lastCall;
      this.#calls.set(id, resolve);
      this.#blobs.set(id, blob);
      worker.postMessage({ id, blob, side });
    });
  }

  /**
   * @param {number} id
   * @param {Promise<Opened | null>} opened
   */
  #settle(id, opened) {
    this.#calls.get(id)?.(opened);
    this.#calls.delete(id);
    this.#blobs.delete(id);
  }
}

/**
 * On the page's own thread.
 * @param {Blob} blob
 * @param {string} name
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
  throw new Failure("bad-picture", `“${name}” is not a picture this browser can open. Choose a JPEG, PNG, WebP or GIF file.`);
}
