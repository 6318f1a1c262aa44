// @ts-check
import { Failure } from "./pure/failure.js";
import { HEAD_BYTES, kindOf } from "./pure/pictureKind.js";
import { sizeOf } from "./pure/pictureSize.js";
import { WEIGHTS_FILE } from "./pure/weightFiles.js";

/** Why a file could not be opened as a picture, and what to do. */

/** What the browsers of today open at most: of a square, 16,384 pixels a side. */
const MOST = { pixels: 16_384 ** 2, side: 32_767 };

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
  if (!blob.size) return new Refusal(name, "empty: the file has no bytes", "Copy or download it again, or choose another picture.");
  const bytes = new Uint8Array(head);
  const kind = kindOf(bytes, name);
  if (!kind) return new Refusal(name, "not a picture that this page knows", OTHER);
  if (!kind.isPicture) return new Refusal(name, `not a picture, but ${kind.name}`, kind.advice || OTHER);
  if (!kind.isUsual) return new Refusal(name, `${kind.name}, a format that this browser cannot decode`, kind.advice);
  const size = sizeOf(bytes);
  if (size && (size.width * size.height > MOST.pixels || Math.max(size.width, size.height) > MOST.side)) {
    const [width, height, most, side] = [size.width, size.height, Math.sqrt(MOST.pixels), MOST.side].map((pixels) => pixels.toLocaleString("en"));
    const limit = size.width * size.height > MOST.pixels ? `about ${most} × ${most} pixels` : `${side} pixels a side`;
    return new Refusal(name, `${kind.name} of ${width} × ${height} pixels, which is too large`, `Browsers open ${limit} at most. Make it smaller and open it again: the networks need no more than 1,024 a side.`);
  }
  return new Refusal(name, `${kind.name} that is damaged or cut short`, "Copy or download it again, or choose another picture.");
}
