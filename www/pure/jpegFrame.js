// @ts-check

/** What the part of a JPEG file says that describes its picture. */

/** @typedef {{ width: number, height: number, rarity: string }} JpegFrame in pixels; rarity: what most browsers do not decode, or empty */

/** Kinds of coding, by the last bits of the marker. */
const LOSSLESS = [3, 7, 11, 15];
const ARITHMETIC = [9, 10, 13, 14];

/**
 * @param {DataView} view of the file's first bytes
 * @returns {JpegFrame | null} null where there is none before something that is no part of a JPEG file
 * @throws {RangeError} where the bytes end before it
 */
export function jpegFrame(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker < 0xffc0) return null; // this is no marker
    const isFrame = marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), rarity: rarityOf(marker & 15, view.getUint8(at + 4)) };
  }
}

/** @param {number} coding @param {number} bits of each colour */
function rarityOf(coding, bits) {
  if (LOSSLESS.includes(coding)) return "lossless";
  if (ARITHMETIC.includes(coding)) return "with arithmetic coding";
  return bits === 8 ? "" : `with ${bits} bits for each colour`;
}
