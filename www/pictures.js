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

/** A worker is left for a new one after so many bytes of pixels: it frees them too late. */
const TIRED = 32e6;

/** Beside the page's own thread, where the browser can. */
export class Decoder {
  /** @type {Thread | null} */
  #thread = typeof OffscreenCanvas === "undefined" ? null : new Thread(); // an older browser: on the page's thread

  /**
   * @param {Blob} blob
   * @param {string} name for the message, where it is no picture
   * @param {number} [side] pixels a side of the square that is wanted for the eye, at most; 0 for none
   * @param {ArrayBuffer | null} [buffer] for the frame, handed over
   * @returns {Promise<Opened>}
   */
  async open(blob, name, side = 0, buffer = null) {
    if (this.#thread?.isTired) {
      this.#thread.retire();
      this.#thread = new Thread();
    }
    return (await (this.#thread?.open(blob, side, buffer) ?? read(blob))) ?? refuse(name);
  }

  close() {
    this.#thread?.close();
    this.#thread = null;
  }
}

class Thread {
  #worker = new Worker(new URL("./decoder.js", import.meta.url), { type: "module" });
  /** @type {Map<number, { blob: Blob, resolve: (opened: Opened | null | Promise<Opened | null>) => void }>} */
  #calls = new Map();
  #lastCall = 0;
  #bytes = 0;
  #retired = false;
  #broken = false;

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("error", () => {
      this.#broken = true;
      for (const [id, { blob }] of this.#calls) this.#settle(id, read(blob));
    });
  }

  get isTired() {
    return this.#bytes > TIRED;
  }

  /**
   * @param {Blob} blob
   * @param {number} side
   * @param {ArrayBuffer | null} buffer
   * @returns {Promise<Opened | null>}
   */
  open(blob, side, buffer) {
    if (this.#broken) return read(blob);
    return new Promise((resolve) => {
      const id = ++this.#lastCall;
      this.#calls.set(id, { blob, resolve });
      this.#worker.postMessage({ id, blob, side, buffer }, buffer ? [buffer] : []);
    });
  }

  /** Ends when it has answered. */
  retire() {
    this.#retired = true;
    if (!this.#calls.size) this.close();
  }

  close() {
    this.#worker.terminate();
  }

  /** @param {Reply} reply */
  #receive({ id, opened }) {
    this.#bytes += opened?.frame.data.length ?? 0;
    this.#settle(id, opened);
  }

  /**
   * @param {number} id
   * @param {Opened | null | Promise<Opened | null>} opened
   */
  #settle(id, opened) {
    this.#calls.get(id)?.resolve(opened);
    this.#calls.delete(id);
    if (this.#retired && !this.#calls.size) this.close();
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
