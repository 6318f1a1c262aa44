// @ts-check
import { watch } from "./camera.js";

/**
 * A camera that is on, and whether its pictures come.
 *
 * @typedef {object} CameraCalls
 * @property {() => void} onPicture called for every new picture
 * @property {(isInterrupted: boolean) => void} onInterrupted its pictures do not come any more, or come again
 * @property {() => void} onGone it was disconnected or taken away for good
 *
 * @typedef {"muted" | "paused" | "silent"} Reason muted: the system gives no pictures, as during a call; paused: the browser has stopped the video; silent: none has come for a while
 */

const SILENCE = 5000; // milliseconds without a picture: no camera is so slow

export class LiveCamera {
  #video;
  #stream;
  #calls;
  #unwatch;
  #ending = new AbortController();
  /** @type {Set<Reason>} */
  #reasons = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** Those who wait for a picture. @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {HTMLVideoElement} video
   * @param {MediaStream} stream
   * @param {CameraCalls} calls
   */
  constructor(video, stream, calls) {
    this.#video = video;
    this.#stream = stream;
    this.#calls = calls;
    this.#unwatch = watch(video, () => this.#seen());
    const { signal } = this.#ending;
    const [track] = stream.getVideoTracks();
    track?.addEventListener("mute", () => this.#mark("muted", true), { signal });
    track?.addEventListener("unmute", () => this.#goOn(), { signal });
    track?.addEventListener("ended", calls.onGone, { signal });
    video.addEventListener("pause", () => this.#mark("paused", true), { signal });
    video.addEventListener("playing", () => this.#mark("paused", false), { signal });
    this.#listen();
    if (track?.muted) queueMicrotask(() => this.#mark("muted", track.muted)); // as when it is opened during a call
  }

  /** Waits for the next picture. @returns {Promise<boolean>} false: the camera has ended */
  async next() {
    const { signal } = this.#ending;
    if (!signal.aborted) await new Promise((/** @type {(value: void) => void} */ resolve) => this.#waiting.push(resolve));
    return !signal.aborted;
  }

  end() {
    this.#ending.abort();
    clearTimeout(this.#silence);
    this.#unwatch();
    stopStream(this.#stream);
    this.#video.srcObject = null;
    this.#wakeAll();
  }

  #seen() {
    this.#listen();
    this.#mark("silent", false);
    if (this.#reasons.has("muted")) return; // what comes is black
    this.#calls.onPicture();
    this.#wakeAll();
  }

  #goOn() {
    this.#mark("muted", false);
    this.#video.play().catch(() => {}); // after a call, the browser may have left it paused; a video that stays so is marked as such
  }

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (this.#video.checkVisibility?.() !== false) this.#mark("silent", true);
      else this.#listen(); // a browser need not draw what nobody sees
    }, SILENCE);
  }

  /**
   * @param {Reason} reason
   * @param {boolean} holds
   */
  #mark(reason, holds) {
    const before = this.#reasons.size > 0;
    if (holds) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    const now = this.#reasons.size > 0;
    if (now !== before) this.#calls.onInterrupted(now);
  }

  #wakeAll() {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** @param {MediaStream} stream */
export function stopStream(stream) {
  for (const track of stream.getTracks()) track.stop();
}
