// @ts-check
// Writes picture files byte by byte, in forms that no canvas writes: each shows what `shade` says of the places of the picture.
import { deflateSync } from "node:zlib";

/** @typedef {(x: number, y: number) => number} Shade from 0 to 255 at a place of the picture, whose sides are 1 */

/** @param {string} letters Latin ones, one for each byte */
export const latin = (letters) => Buffer.from(letters, "latin1");

/** A file of a format that begins with these letters: what follows is no text. @param {string} letters Latin ones */
export const begins = (letters) => Buffer.concat([latin(letters), Buffer.alloc(600, "\0\x01")]);

/** @param {...number} numbers each in two bytes, the higher first */
const big16 = (...numbers) => Buffer.from(numbers.flatMap((number) => [number >> 8, number & 255]));
/** @param {...number} numbers each in four bytes, the higher first */
const big32 = (...numbers) => Buffer.concat(numbers.map((number) => big16(number >>> 16, number & 65_535)));
/** @param {...number} numbers each in two bytes, the lower first */
const little16 = (...numbers) => big16(...numbers).swap16();
/** @param {...number} numbers each in four bytes, the lower first */
const little32 = (...numbers) => big32(...numbers).swap32();

/** The checksum of PNG files. @param {Uint8Array} data */
function crc(data) {
  let sum = -1;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ -1) >>> 0;
}

/** A part of a PNG file. @param {string} name @param {Uint8Array} data */
export function pngPart(name, data) {
  const named = Buffer.concat([latin(name), data]);
  return Buffer.concat([big32(data.length), named, big32(crc(named))]);
}

/** @param {...Buffer} parts */
export const pngFile = (...parts) => Buffer.concat([latin("\x89PNG\r\n\x1a\n"), ...parts, pngPart("IEND", Buffer.alloc(0))]);

/** The first part of a PNG file. @param {number} width @param {number} height @param {number} depth @param {number} type @param {number} [interlaced] */
export const pngHeader = (width, height, depth, type, interlaced = 0) => pngPart("IHDR", Buffer.concat([big32(width, height), Buffer.from([depth, type, 0, 0, interlaced])]));

/** A PNG file of which the size alone matters. @param {number} width @param {number} height */
export const pngOfSize = (width, height) => pngFile(pngHeader(width, height, 1, 0), pngPart("IDAT", deflateSync(Buffer.alloc(1000))));

/** The seven pictures that an interlaced PNG is made of: the first column and row, and the steps. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/**
 * The pixels of a PNG file, packed.
 * @param {number} width
 * @param {number} height
 * @param {number} depth bits of each value
 * @param {(x: number, y: number) => number[]} pixel the values at a place of the picture, whose sides are 1
 * @param {boolean} interlaced
 */
export function pngPixels(width, height, depth, pixel, interlaced = false) {
  const rows = [];
  for (const [left, top, right, down] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    for (let y = top; y < height; y += down) {
      /** @type {number[]} */
      const values = [];
      for (let x = left; x < width; x += right) values.push(...pixel((x + 0.5) / width, (y + 0.5) / height));
      const row = Buffer.alloc(1 + Math.ceil((values.length * depth) / 8));
      values.forEach((value, i) => {
        if (depth === 16) row.writeUInt16BE(value, 1 + 2 * i);
        else row[1 + ((i * depth) >> 3)] |= value << (8 - depth - ((i * depth) & 7));
      });
      rows.push(row);
    }
  }
  return deflateSync(Buffer.concat(rows));
}

/**
 * A black and white PNG file, however large, of a few bytes.
 * @param {number} width
 * @param {number} height
 * @param {Shade} shade
 * @param {number} bands of equal rows
 */
export function largePng(width, height, shade, bands) {
  const rows = Array.from({ length: bands }, (_, band) => {
    const row = Buffer.alloc(1 + Math.ceil(width / 8));
    for (let x = 0; x < width; x++) if (shade((x + 0.5) / width, (band + 0.5) / bands) > 127) row[1 + (x >> 3)] |= 128 >> (x & 7);
    return row;
  });
  const all = Buffer.concat(Array.from({ length: height }, (_, y) => rows[Math.floor((y * bands) / height)]));
  return pngFile(pngHeader(width, height, 1, 0), pngPart("IDAT", deflateSync(all, { level: 1 })));
}

/** Collects bits as JPEG files have them. */
class Bits {
  /** @type {number[]} */
  #bytes = [];
  #byte = 0;
  #filled = 0;

  /** @param {number} value @param {number} length */
  add(value, length) {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#byte = (this.#byte << 1) | ((value >> bit) & 1);
      if (++this.#filled < 8) continue;
      this.#bytes.push(this.#byte, ...(this.#byte === 255 ? [0] : []));
      this.#byte = this.#filled = 0;
    }
  }

  end() {
    while (this.#filled) this.add(1, 1);
    return Buffer.from(this.#bytes);
  }
}

/** A part of a JPEG file. @param {number} marker @param {Uint8Array} data */
export const jpegPart = (marker, data) => Buffer.concat([Buffer.from([255, marker]), big16(data.length + 2), data]);

/** The part of a JPEG file that says how the camera was held. @param {number} orientation from 1 to 8 */
export const exif = (orientation) => jpegPart(0xe1, Buffer.concat([latin("Exif\0\0MM\0*"), big32(8), big16(1, 0x112, 3), big32(1), big16(orientation, 0), big32(0)]));

/** The part that says that the colours are those of printing. @param {number} transform 0: as they are, 2: as brightness and colour */
export const adobe = (transform) => jpegPart(0xee, Buffer.concat([latin("Adobe"), big16(100, 0, 0), Buffer.from([transform])]));

/** Codes of four bits for the differences from block to block, and one of one bit for a block without details. */
const TABLES = Buffer.concat([
  jpegPart(0xdb, Buffer.from([0, ...Array(64).fill(8)])),
  jpegPart(0xc4, Buffer.from([0x00, 0, 0, 0, 12, ...Array(12).fill(0), ...Array(12).keys()])),
  jpegPart(0xc4, Buffer.from([0x10, 1, ...Array(15).fill(0), 0])),
]);

/**
 * A JPEG file of blocks of 8 × 8 pixels, each of one colour, so that it can be turned without loss.
 * @param {object} picture
 * @param {number} picture.columns of blocks
 * @param {number} picture.rows
 * @param {((column: number, row: number) => number)[]} picture.channels
 * @param {boolean} [picture.progressive]
 * @param {Buffer} [picture.before] parts in front
 * @param {number} [picture.frame] the marker of another kind of JPEG
 * @param {number} [picture.bits] of a value
 */
export function jpegOfBlocks({ columns, rows, channels, progressive = false, before = Buffer.alloc(0), frame = progressive ? 0xc2 : 0xc0, bits = 8 }) {
  const ids = channels.map((_, i) => i + 1);
  const header = jpegPart(frame, Buffer.concat([Buffer.from([bits]), big16(8 * rows, 8 * columns), Buffer.from([ids.length, ...ids.flatMap((id) => [id, 0x11, 0])])]));
  /** @param {number[]} of the channels in it @param {number} first the first coefficient of each block @param {number} last */
  const scan = (of, first, last) => {
    const written = new Bits();
    const before = of.map(() => 0);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        of.forEach((channel, i) => {
          if (first === 0) {
            const value = Math.round(channels[channel](column, row)) - 128;
            const difference = value - before[i];
            before[i] = value;
            const length = Math.abs(difference).toString(2).length - (difference ? 0 : 1);
            written.add(length, 4);
            written.add(difference < 0 ? difference + 2 ** length - 1 : difference, length);
          }
          if (last > 0) written.add(0, 1);
        });
      }
    }
    return Buffer.concat([jpegPart(0xda, Buffer.from([of.length, ...of.flatMap((channel) => [ids[channel], 0]), first, last, 0])), written.end()]);
  };
  const all = ids.map((id) => id - 1);
  const scans = progressive ? [scan(all, 0, 0), ...all.map((channel) => scan([channel], 1, 63))] : [scan(all, 0, 63)];
  return Buffer.concat([Buffer.from([255, 0xd8]), before, TABLES, header, ...scans, Buffer.from([255, 0xd9])]);
}

/** The start of a JPEG file: a large preview, then the size. @param {number} width @param {number} height */
export const jpegOfSize = (width, height) => Buffer.concat([
  Buffer.from([255, 0xd8]), jpegPart(0xe1, Buffer.alloc(0xea60 - 2)),
  jpegPart(0xc0, Buffer.concat([Buffer.from([8]), big16(height, width), Buffer.from([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])])),
]);

/**
 * A GIF file of four greys.
 * @param {number} width
 * @param {number} height
 * @param {Shade[]} frames
 */
export function gif(width, height, frames) {
  const greys = Buffer.from([0, 85, 170, 255].flatMap((grey) => [grey, grey, grey]));
  const images = frames.map((shade) => {
    const codes = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (codes.length % 101 === 0) codes.push(128); // forgets the table before its codes would need nine bits
        codes.push(shade((x + 0.5) / width, (y + 0.5) / height) >> 6);
      }
    }
    codes.push(129);
    const blocks = [];
    for (let at = 0; at < codes.length; at += 255) blocks.push(Buffer.from([Math.min(255, codes.length - at), ...codes.slice(at, at + 255)]));
    return Buffer.concat([latin("\x21\xf9\x04\0\x0a\0\0\0,"), little16(0, 0, width, height), Buffer.from([0, 7]), ...blocks, Buffer.from([0])]);
  });
  const repeat = frames.length > 1 ? latin("\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0") : Buffer.alloc(0);
  return Buffer.concat([latin("GIF89a"), little16(width, height), Buffer.from([0xf1, 0, 0]), greys, repeat, ...images, latin(";")]);
}

/**
 * A BMP file.
 * @param {object} picture
 * @param {number} picture.width
 * @param {number} picture.height
 * @param {1 | 8 | 16 | 24 | 32} picture.depth
 * @param {Shade} picture.shade
 * @param {boolean} [picture.fromTop]
 * @param {"runs" | "fields"} [picture.coding] eight bits in runs; sixteen with five, six and five
 * @param {boolean} [picture.old] with the header of OS/2
 */
export function bmp({ width, height, depth, shade, fromTop = false, coding, old = false }) {
  const rows = [];
  for (let i = 0; i < height; i++) {
    const y = (fromTop ? i + 0.5 : height - i - 0.5) / height;
    const shades = Array.from({ length: width }, (_, x) => shade((x + 0.5) / width, y));
    /** @type {number[]} */
    let row = [];
    if (coding === "runs") row = shades.flatMap((grey) => [1, grey]).concat(i === height - 1 ? [0, 1] : [0, 0]);
    else if (depth === 1) for (let at = 0; at < width; at += 8) row.push(shades.slice(at, at + 8).reduce((byte, grey, bit) => byte | (Number(grey > 127) << (7 - bit)), 0));
    else if (depth === 16) row = shades.flatMap((grey) => [...little16(((grey >> 3) << 11) | ((grey >> 2) << 5) | (grey >> 3))]);
    else row = shades.flatMap((grey) => Array(depth / 8).fill(grey));
    if (!coding || depth === 16) while (row.length % 4) row.push(0);
    rows.push(Buffer.from(row));
  }
  const pixels = Buffer.concat(rows);
  const greys = depth > 8 ? [] : depth === 1 ? [0, 255] : [...Array(256).keys()];
  const palette = Buffer.from(greys.flatMap((grey) => (old ? [grey, grey, grey] : [grey, grey, grey, 0])));
  const fields = coding === "fields" ? little32(0xf800, 0x7e0, 0x1f) : Buffer.alloc(0);
  const header = old
    ? Buffer.concat([little32(12), little16(width, height, 1, depth)])
    : Buffer.concat([little32(40, width, fromTop ? -height : height), little16(1, depth), little32(coding === "runs" ? 1 : coding === "fields" ? 3 : 0, pixels.length, 2835, 2835, 0, 0)]);
  const start = 14 + header.length + fields.length + palette.length;
  return Buffer.concat([latin("BM"), little32(start + pixels.length, 0, start), header, fields, palette, pixels]);
}

/** An icon that holds one picture. @param {Buffer} picture a PNG file, or a BMP file without its first fourteen bytes @param {number} side */
export const ico = (picture, side) => Buffer.concat([little16(0, 1, 1), Buffer.from([side & 255, side & 255, 0, 0]), little16(1, 24), little32(picture.length, 22), picture]);

/** A bitmap as an icon holds it: with a mask behind it, and as high as both together. @param {Buffer} bitmap a BMP file of 24 bits @param {number} side */
export function iconBitmap(bitmap, side) {
  const inside = Buffer.concat([bitmap.subarray(14), Buffer.alloc(side * Math.ceil(side / 32) * 4)]);
  inside.writeInt32LE(2 * side, 8);
  return inside;
}

/** A part of a RIFF file. @param {string} name @param {Uint8Array} data */
const riffPart = (name, data) => Buffer.concat([latin(name), little32(data.length), data, Buffer.alloc(data.length % 2)]);
/** @param {...number} numbers each in three bytes, the lower first */
const little24 = (...numbers) => Buffer.concat(numbers.map((number) => little32(number).subarray(0, 3)));

/** The parts of a WebP file that hold one picture. @param {Buffer} file */
function pictureIn(file) {
  const parts = [];
  for (let at = 12; at < file.length; ) {
    const end = at + 8 + Math.ceil(file.readUInt32LE(at + 4) / 2) * 2;
    if (["VP8 ", "VP8L", "ALPH"].includes(file.toString("latin1", at, at + 4))) parts.push(file.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** An animation of pictures that a canvas has written as WebP. @param {number} width @param {number} height @param {Buffer[]} pictures */
export function animatedWebp(width, height, pictures) {
  const frames = pictures.map((picture) => riffPart("ANMF", Buffer.concat([little24(0, 0, width - 1, height - 1, 100), Buffer.from([0]), pictureIn(picture)])));
  const head = riffPart("VP8X", Buffer.concat([little32(2), little24(width - 1, height - 1)]));
  return riffPart("RIFF", Buffer.concat([latin("WEBP"), head, riffPart("ANIM", Buffer.alloc(6)), ...frames]));
}

/** A part of an ISO media file. @param {string} name @param {...(Uint8Array | string)} data */
function box(name, ...data) {
  const all = Buffer.concat(data.map((part) => (typeof part === "string" ? latin(part) : part)));
  return Buffer.concat([big32(all.length + 8), latin(name), all]);
}

/** An AVIF file. @param {number} width @param {number} height @param {Buffer} picture a key frame of AV1, its colours at half the size */
export function avif(width, height, picture) {
  const type = box("ftyp", "avif\0\0\0\0avifmif1miaf");
  /** @param {number} start of the picture in the file */
  const meta = (start) => box("meta", big32(0),
    box("hdlr", big32(0, 0), "pict", Buffer.alloc(13)),
    box("pitm", big32(0), big16(1)),
    box("iloc", big32(0), big16(0x4400, 1, 1, 0, 1), big32(start, picture.length)),
    box("iinf", big32(0), big16(1), box("infe", big32(0x02000000), big16(1, 0), "av01\0")),
    box("iprp",
      box("ipco", box("ispe", big32(0, width, height)), box("pixi", big32(0), "\x03\x08\x08\x08"), box("av1C", "\x81\x04\x0c\0")),
      box("ipma", big32(0, 1), big16(1), "\x03\x01\x02\x83")));
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box("mdat", picture)]);
}
