// @ts-check
import { jpegFrame } from "./jpegFrame.js";

/** The size of a picture, as the first bytes of its file tell it. */

/** @typedef {{ width: number, height: number, rarity?: string }} Size in pixels; rarity: of a JPEG file, what most browsers do not decode */

/**
 * @param {Uint8Array} bytes
 * @returns {Size | null} null where they do not tell it
 */
export function sizeOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  try {
    if (text.startsWith("\x89PNG\r\n\x1a\n")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (text.startsWith("GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (text.startsWith("BM")) return sizeOfBmp(view);
    if (text.startsWith("\xff\xd8")) return jpegFrame(view);
    if (text.startsWith("WEBPVP8X", 8)) return { width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
    return null;
  } catch {
    return null; // it is cut short
  }
}

/** @param {DataView} view */
function sizeOfBmp(view) {
  const isOld = view.getUint32(14, true) === 12; // the header's length: OS/2 had a shorter one
  if (isOld) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}
