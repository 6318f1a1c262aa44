// @ts-check
import { Failure } from "./pure/failure.js";
import { HEAD_BYTES, kindOf } from "./pure/pictureKind.js";
import { sizeOf } from "./pure/pictureSize.js";
import { WEIGHTS_FILE } from "./pure/weightFiles.js";

/** Why a file could not be opened as a picture, and what to do. */

/** What the browsers of today open at most: of a square, 16,384 pixels a side. */
const MOST = { pixels: 16_384 ** 2, side: 32_767 };

/** Fewer bytes do not even say which kind of picture it is. */
const FEWEST_BYTES = 8;

const AGAIN = "Copy or download it again, or choose another picture.";
const OTHER = "Choose a JPEG, PNG, WebP or GIF file.";

export class Refusal extends Failure {
  /**
   * @param {string} name of the file
   * @param {string} what it is, as in “it is …”
   * @param {string} advice a sentence
   */
  constructor(name, what, advice) {
    super("bad-picture", `“${name}” is ${what}. ${advice}`);
    this.what = what;
  }
}

/**
 * @param {Blob} blob that the browser did not open as a picture
 * @param {string} name
 * @returns {Promise<Refusal>}
 */
export async function refusalOf(blob, name) {
  if (WEIGHTS_FILE.test(name)) {
    return new Refusal(name, "not a picture, but holds the weights of a network", "Drop it without pictures, and the page asks what it is to become.");
  }
  const head = await blob.slice(0, HEAD_BYTES).arrayBuffer().catch(() => null);
  if (!head) return new Refusal(name, "not there any more, or is a folder", "Choose the file again. Folders are taken in “Compare”, under “Many pictures”.");
  if (!blob.size) return new Refusal(name, "empty: the file has no bytes", AGAIN);
  const size = blob.size === 1 ? "one byte" : `${blob.size} bytes`;
  if (blob.size < FEWEST_BYTES) return new Refusal(name, `too short for a picture: the file has ${size}`, AGAIN);
  return refusalOfBytes(new Uint8Array(head), name);
}

/**
 * @param {Uint8Array} bytes the file's first
 * @param {string} name
 */
async function refusalOfBytes(bytes, name) {
  const kind = kindOf(bytes, name);
  if (!kind) return new Refusal(name, "not a picture that this page knows", OTHER);
  if (!kind.isPicture) return new Refusal(name, `not a picture, but ${kind.name}`, kind.advice || OTHER);
  if (!kind.isUsual && !(await decodes(kind.type))) return new Refusal(name, `${kind.name}, a format that this browser cannot decode`, kind.advice);
  const size = sizeOf(bytes);
  if (size && (size.width * size.height > MOST.pixels || Math.max(size.width, size.height) > MOST.side)) {
    const [width, height, most, side] = [size.width, size.height, Math.sqrt(MOST.pixels), MOST.side].map((pixels) => pixels.toLocaleString("en"));
    const limit = size.width * size.height > MOST.pixels ? `about ${most} × ${most} pixels` : `${side} pixels a side`;
    return new Refusal(name, `${kind.name} of ${width} × ${height} pixels, which is too large`, `Browsers open ${limit} at most. Make it smaller and open it again: the networks need no more than 1,024 a side.`);
  }
  if (size?.rarity) return new Refusal(name, `${kind.name} of a rare kind (${size.rarity}), which most browsers do not decode`, "Save it as a usual JPEG or PNG with an image viewer, and open that file.");
  return new Refusal(name, `${kind.name} that is damaged or cut short`, AGAIN);
}

/**
 * Whether this browser decodes a format that others do not. Those without an ImageDecoder do not tell.
 * @param {string} type
 * @returns {Promise<boolean>}
 */
async function decodes(type) {
  if (!type || !("ImageDecoder" in globalThis)) return false;
  return ImageDecoder.isTypeSupported(type).catch(() => false);
}
