// @ts-check

/** The size of a picture, as the first bytes of its file tell it. */

/** @typedef {{ width: number, height: number }} Size in pixels */

/**
 * @param {Uint8Array} bytes
 * @returns {Size | null} null where they do not tell it
 */
export function sizeOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  try {
    if (text.startsWith("\x89PNG")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (text.startsWith("GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (text.startsWith("BM")) return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
    if (text.startsWith("\xff\xd8")) return sizeOfJpeg(view);
    if (text.startsWith("WEBPVP8X", 8)) return { width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
    return null;
  } catch {
    return null; // it is cut short
  }
}

/** @param {DataView} view */
function sizeOfJpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker < 0xffc0) return null; // this is no marker
    const isFrame = marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
}
