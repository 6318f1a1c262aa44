// @ts-check
// Odd picture files, and what the page does with each: it answers, or says a sentence. Most show the same seven, black on white.
import { deflateSync, gzipSync } from "node:zlib";
import {
  adobe, animatedWebp, avif, begins, bmp, exif, gif, ico, iconBitmap, jpegOfBlocks, jpegOfSize, jpegPart, largePng, latin, pngFile, pngHeader, pngOfSize, pngPart,
  pngPixels,
} from "./pictureBytes.mjs";
import { NO_INK } from "../../www/pure/answers.js";

/**
 * @typedef {import("./pictureBytes.mjs").Shade} Shade
 * @typedef {RegExp | string} Outcome a sentence that the page says; or what it sees, "" where it may see anything
 * @typedef {{ name: string, bytes: Buffer, outcome: Outcome }} Odd
 * @typedef {{ jpeg: Buffer, png: Buffer, webp: Buffer, clearWebp: Buffer, otherWebp: Buffer, av1: Buffer | null }} Drawn pictures of the browser's own making; av1: a key frame, null where it writes none
 */

export const [COLUMNS, ROWS] = [30, 20];
const [WIDTH, HEIGHT] = [8 * COLUMNS, 8 * ROWS];

/** The seven on the paper of COLUMNS × ROWS squares. @param {number} column @param {number} row */
export function seven(column, row) {
  const isBar = row >= 4 && row <= 5 && column >= 10 && column <= 19;
  const slope = 18.5 - 0.6 * (row - 6);
  const isStem = row >= 6 && row <= 16 && Math.abs(column - slope) <= 1;
  return isBar || isStem ? 0 : 255;
}

/** @type {Shade} */
export const shade = (x, y) => seven(Math.floor(x * COLUMNS), Math.floor(y * ROWS));
/** @type {Shade} */
const blank = () => 255;

/** The square in the middle alone. @type {Shade} */
const square = (x, y) => shade(1 / 6 + (x * 2) / 3, y);

/** How the seven lies in a file that says how the camera was held. @type {Record<number, (column: number, row: number) => number>} */
const TURNED = {
  1: seven,
  2: (x, y) => seven(COLUMNS - 1 - x, y),
  3: (x, y) => seven(COLUMNS - 1 - x, ROWS - 1 - y),
  4: (x, y) => seven(x, ROWS - 1 - y),
  5: (x, y) => seven(y, x),
  6: (x, y) => seven(COLUMNS - 1 - y, x),
  7: (x, y) => seven(COLUMNS - 1 - y, ROWS - 1 - x),
  8: (x, y) => seven(y, ROWS - 1 - x),
};

/** @param {number} orientation */
const turned = (orientation) => jpegOfBlocks({
  ...(orientation < 5 ? { columns: COLUMNS, rows: ROWS } : { columns: ROWS, rows: COLUMNS }),
  channels: [TURNED[orientation], () => 128, () => 128],
  before: exif(orientation),
});

const upright = { columns: COLUMNS, rows: ROWS };
const grey = () => 128;
const none = () => 255; // of an ink, which Adobe's programs write the other way round
const bare = jpegOfBlocks({ ...upright, channels: [seven, grey, grey] });

/** @param {number} type @param {number} depth @param {(x: number, y: number) => number[]} pixel @param {{ interlaced?: boolean, parts?: Buffer[] }} [options] */
function png(type, depth, pixel, { interlaced = false, parts = [] } = {}) {
  return pngFile(pngHeader(WIDTH, HEIGHT, depth, type, Number(interlaced)), ...parts, pngPart("IDAT", pngPixels(WIDTH, HEIGHT, depth, pixel, interlaced)));
}

/** @param {number} most */
const level = (most) => (/** @type {number} */ x, /** @type {number} */ y) => [shade(x, y) > 0 ? most : 0];
const colour = (/** @type {number} */ x, /** @type {number} */ y) => Array(3).fill(shade(x, y));
const index = (/** @type {number} */ x, /** @type {number} */ y) => [shade(x, y) > 0 ? 1 : 0];
const BLACK_AND_WHITE = pngPart("PLTE", Buffer.from([0, 0, 0, 255, 255, 255]));
const plainPng = png(2, 8, colour);

/** A copy with other bytes at a place. @param {Buffer} bytes @param {number} at @param {...number} others */
function changed(bytes, at, ...others) {
  const copy = Buffer.from(bytes);
  copy.set(others, at);
  return copy;
}

const TINY = { width: 1, height: 1 };
const bitmap = { width: WIDTH, height: HEIGHT, shade };
const bmp24 = bmp({ ...bitmap, depth: 24 });
const plainGif = gif(WIDTH, HEIGHT, [shade]);
const iconPng = pngFile(pngHeader(64, 64, 8, 0), pngPart("IDAT", pngPixels(64, 64, 8, (x, y) => [square(x, y)])));

const SEVEN = "7";
const CUT = /is an? [\w ]+ picture that is damaged or cut short\. Copy or download it again/;
const FOREIGN = /a format that this browser cannot decode\. /;
const SVG = /is not a picture, but an SVG drawing, which has no pixels\. Save it as JPEG or PNG/;
const UNKNOWN = /is not a picture that this page knows\. Choose a JPEG, PNG, WebP or GIF file\./;
const FILM = /is not a picture, but a film\./;
const SOUND = /is not a picture, but a sound\./;

/** @param {string} inside @param {string} [size] */
const svg = (inside, size = ' width="240" height="160"') => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"${size}>${inside}</svg>`);
const PATH = '<rect width="240" height="160" fill="white"/><path d="M80 40h80v8l-32 88h-16l32-80H80z"/>';

/** An APNG: the still picture, then another frame. */
function animatedPng() {
  const control = (/** @type {number} */ number) => pngPart("fcTL", Buffer.concat([Buffer.from([0, 0, 0, number]), plainPng.subarray(16, 24), Buffer.alloc(8), Buffer.from([0, 1, 0, 1, 0, 0])]));
  const other = Buffer.concat([Buffer.from([0, 0, 0, 2]), pngPixels(WIDTH, HEIGHT, 8, () => [255, 255, 255])]);
  const count = pngPart("acTL", Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));
  return pngFile(pngHeader(WIDTH, HEIGHT, 8, 2), count, control(0), pngPart("IDAT", pngPixels(WIDTH, HEIGHT, 8, colour)), control(1), pngPart("fdAT", other));
}

/** A colour profile that would be a hundred megabytes. */
const profileBomb = () => pngPart("iCCP", Buffer.concat([latin("bomb\0\0"), deflateSync(Buffer.alloc(1e8), { level: 9 })]));

/**
 * @param {Drawn} drawn
 * @returns {[string, Buffer, Outcome][]}
 */
const files = (drawn) => [
  ["empty.png", Buffer.alloc(0), /is empty: the file has no bytes\./],
  ["one-byte.jpg", Buffer.from([255]), /is too short for a picture: the file has one byte\./],
  ["four-bytes.png", plainPng.subarray(0, 4), /is too short for a picture: the file has 4 bytes\./],

  // JPEG
  ["canvas.jpg", drawn.jpeg, SEVEN],
  ["blocks.jpg", bare, SEVEN],
  ["progressive.jpg", jpegOfBlocks({ ...upright, channels: [seven, grey, grey], progressive: true }), SEVEN],
  ["grey.jpg", jpegOfBlocks({ ...upright, channels: [seven] }), SEVEN],
  ["cmyk.jpg", jpegOfBlocks({ ...upright, channels: [none, none, none, seven], before: adobe(0) }), SEVEN],
  ["cmyk-progressive.jpg", jpegOfBlocks({ ...upright, channels: [none, none, none, seven], before: adobe(0), progressive: true }), SEVEN],
  ["ycck.jpg", jpegOfBlocks({ ...upright, channels: [() => 0, grey, grey, seven], before: adobe(2) }), SEVEN],
  ["cmyk-unnamed.jpg", jpegOfBlocks({ ...upright, channels: [none, none, none, seven] }), ""], // nothing says which way round the inks are
  ...Object.keys(TURNED).map((orientation) => /** @type {[string, Buffer, Outcome]} */ ([`turned-${orientation}.jpg`, turned(Number(orientation)), SEVEN])),
  ["turned-0.jpg", jpegOfBlocks({ ...upright, channels: [seven, grey, grey], before: exif(0) }), SEVEN],
  ["turned-9.jpg", jpegOfBlocks({ ...upright, channels: [seven, grey, grey], before: exif(9) }), SEVEN],
  ["turned-by-nobody.jpg", jpegOfBlocks({ ...upright, channels: [seven, grey, grey], before: jpegPart(0xe1, latin("Exif\0\0MM\0*\xff\xff\xff\xff")) }), SEVEN],
  ["jpeg-signature.jpg", bare.subarray(0, 11), CUT],
  ["jpeg-header.jpg", bare.subarray(0, bare.indexOf(latin("\xff\xda"))), CUT],
  ["jpeg-half.jpg", bare.subarray(0, bare.length >> 1), CUT],
  ["jpeg-no-end.jpg", bare.subarray(0, -2), CUT],
  ["jpeg-and-more.jpg", Buffer.concat([bare, Buffer.alloc(5000, 7)]), SEVEN],
  ["jpeg-no-height.jpg", changed(bare, bare.indexOf(latin("\xff\xc0")) + 5, 0, 0), CUT],
  ["jpeg-12-bits.jpg", jpegOfBlocks({ ...upright, channels: [seven], frame: 0xc1, bits: 12 }), /is a JPEG picture of a rare kind \(with 12 bits for each colour\), which most browsers do not decode\. Save it as a usual JPEG/],
  ["jpeg-lossless.jpg", jpegOfBlocks({ ...upright, channels: [seven], frame: 0xc3 }), /is a JPEG picture of a rare kind \(lossless\), which/],
  ["jpeg-arithmetic.jpg", jpegOfBlocks({ ...upright, channels: [seven], frame: 0xc9 }).subarray(0, 170), /is a JPEG picture of a rare kind \(with arithmetic coding\), which/],
  ["jpeg-huge.jpg", jpegOfSize(60_000, 50_000), /is a JPEG picture of 60,000 × 50,000 pixels, which is too large/],
  ["a-jpeg.png", bare, SEVEN],
  ["a-jpeg.txt", bare, SEVEN],
  ["a jpeg without an ending", bare, SEVEN],

  // PNG
  ["canvas.png", drawn.png, SEVEN],
  ["colours.png", plainPng, SEVEN],
  ["colours-16-bits.png", png(2, 16, (x, y) => Array(3).fill(257 * shade(x, y))), SEVEN],
  ["grey.png", png(0, 8, (x, y) => [shade(x, y)]), SEVEN],
  ["grey-1-bit.png", png(0, 1, level(1)), SEVEN],
  ["grey-2-bits.png", png(0, 2, level(3)), SEVEN],
  ["grey-4-bits.png", png(0, 4, level(15)), SEVEN],
  ["grey-16-bits.png", png(0, 16, level(65_535)), SEVEN],
  ["grey-alpha.png", png(4, 8, (x, y) => [0, 255 - shade(x, y)]), SEVEN],
  ["grey-alpha-16-bits.png", png(4, 16, (x, y) => [0, 257 * (255 - shade(x, y))]), SEVEN],
  ["clear.png", png(6, 8, (x, y) => [0, 0, 0, 255 - shade(x, y)]), SEVEN],
  ["clear-16-bits.png", png(6, 16, (x, y) => [0, 0, 0, 257 * (255 - shade(x, y))]), SEVEN],
  ["palette.png", png(3, 8, index, { parts: [BLACK_AND_WHITE] }), SEVEN],
  ["palette-1-bit.png", png(3, 1, index, { parts: [BLACK_AND_WHITE] }), SEVEN],
  ["palette-clear.png", png(3, 4, index, { parts: [BLACK_AND_WHITE, pngPart("tRNS", Buffer.from([255, 0]))] }), SEVEN],
  ["palette-none.png", png(3, 8, index), CUT],
  ["interlaced.png", png(2, 8, colour, { interlaced: true }), SEVEN],
  ["interlaced-palette.png", png(3, 2, index, { interlaced: true, parts: [BLACK_AND_WHITE] }), SEVEN],
  ["moving.png", animatedPng(), SEVEN],
  ["wrong-sum.png", changed(plainPng, plainPng.length - 16, plainPng[plainPng.length - 16] ^ 255), CUT],
  ["wrong-sum-header.png", changed(plainPng, 29, plainPng[29] ^ 255), CUT],
  ["png-signature.png", plainPng.subarray(0, 8), CUT],
  ["png-header.png", plainPng.subarray(0, 33), CUT],
  ["png-half.png", plainPng.subarray(0, plainPng.length >> 1), CUT],
  ["png-as-text.png", latin(plainPng.toString("latin1").replaceAll("\r\n", "\n")), CUT],
  ["png-no-size.png", pngOfSize(0, 0), CUT],
  ["png-long.png", pngOfSize(200_000, 2), /is a PNG picture of 200,000 × 2 pixels, which is too large\. Browsers open 32,767 pixels a side at most\. Make it smaller/],
  ["png-large.png", pngOfSize(40_000, 40_000), /is a PNG picture of 40,000 × 40,000 pixels, which is too large\. Browsers open about 16,384 × 16,384 pixels at most\. Make it smaller/],
  ["png-giant.png", pngOfSize(2 ** 31 - 1, 2 ** 31 - 1), /is a PNG picture of 2,147,483,647 × 2,147,483,647 pixels, which is too large/],
  ["profile-bomb.png", png(2, 8, colour, { parts: [profileBomb()] }), SEVEN],
  ["bomb.png", largePng(16_000, 16_000, square, ROWS), SEVEN],

  // sizes
  ["1x1.png", pngFile(pngHeader(1, 1, 8, 0), pngPart("IDAT", deflateSync(Buffer.alloc(2)))), NO_INK],
  ["1x1000.png", largePng(1, 1000, shade, ROWS), NO_INK],
  ["20000x2.png", largePng(20_000, 2, shade, 2), NO_INK],
  ["12000x9000.png", largePng(12_000, 9000, shade, ROWS), SEVEN],

  // GIF and WebP
  ["still.gif", plainGif, SEVEN],
  ["moving.gif", gif(WIDTH, HEIGHT, [shade, blank]), SEVEN],
  ["gif-cut.gif", plainGif.subarray(0, 16), CUT],
  ["gif-giant.gif", changed(plainGif, 6, 255, 255, 255, 255), /is a GIF picture of 65,535 × 65,535 pixels, which is too large/],
  ["still.webp", drawn.webp, SEVEN],
  ["clear.webp", drawn.clearWebp, SEVEN],
  ["moving.webp", animatedWebp(WIDTH, HEIGHT, [drawn.webp, drawn.otherWebp]), SEVEN],
  ["webp-cut.webp", drawn.webp.subarray(0, drawn.webp.length >> 1), CUT],

  // BMP and ICO
  ["24-bits.bmp", bmp24, SEVEN],
  ["32-bits.bmp", bmp({ ...bitmap, depth: 32 }), SEVEN],
  ["palette.bmp", bmp({ ...bitmap, depth: 8 }), SEVEN],
  ["1-bit.bmp", bmp({ ...bitmap, depth: 1 }), SEVEN],
  ["runs.bmp", bmp({ ...bitmap, depth: 8, coding: "runs" }), SEVEN],
  ["565.bmp", bmp({ ...bitmap, depth: 16, coding: "fields" }), SEVEN],
  ["from-top.bmp", bmp({ ...bitmap, depth: 24, fromTop: true }), SEVEN],
  ["os2.bmp", bmp({ ...bitmap, depth: 24, old: true }), SEVEN],
  ["1x1.bmp", bmp({ ...TINY, depth: 24, shade: () => 0 }), NO_INK],
  ["bmp-cut.bmp", bmp24.subarray(0, 40), CUT],
  ["os2-cut.bmp", bmp({ ...bitmap, depth: 24, old: true }).subarray(0, 26), CUT],
  ["bmp-giant.bmp", changed(bmp24, 18, 0, 0, 1, 0, 0, 0, 1, 0), /is a BMP picture of 65,536 × 65,536 pixels, which is too large/],
  ["png.ico", ico(iconPng, 64), SEVEN],
  ["bitmap.ico", ico(iconBitmap(bmp({ width: 64, height: 64, depth: 24, shade: square }), 64), 64), SEVEN],
  ["ico-cut.ico", ico(iconPng, 64).subarray(0, 30), /is an icon \(ICO\) that is damaged or cut short/],

  // SVG
  ["plain.svg", svg(PATH), SVG],
  ["declared.svg", Buffer.concat([latin('<?xml version="1.0"?>\n'), svg("")]), SVG],
  ["no-size.svg", svg(PATH, ""), SVG],
  ["script.svg", svg(`<script>globalThis.ran = true; parent.ran = true;</script><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="parent.ran = true"/></foreignObject>${PATH}`), SVG],
  ["outside.svg", svg(`<image href="https://example.com/outside.png" width="9" height="9"/><use href="https://example.com/outside.svg#a"/>${PATH}`), SVG],
  ["packed.svgz", gzipSync(svg(PATH)), /is not a picture, but an archive/],

  // formats that this browser does not decode, and files of no pictures
  ...(drawn.av1 ? [/** @type {[string, Buffer, Outcome]} */ (["still.avif", avif(WIDTH, HEIGHT, drawn.av1), SEVEN])] : []),
  ["cut.avif", begins("\0\0\0\x1cftypavif"), /is an AVIF picture that is damaged or cut short/],
  ["phone.heic", begins("\0\0\0\x18ftypheic"), /is a HEIC picture, as iPhones take, a format that this browser cannot decode\. Export it as JPEG.*Most Compatible/],
  ["little.tif", begins("II*\0"), FOREIGN],
  ["a-tiff.jpg", begins("II*\0"), /is a TIFF picture, a format that this browser cannot decode\. Save it as JPEG or PNG/],
  ["raw.nef", begins("MM\0*"), /is a camera's raw picture, a format.*Develop it/],
  ["raw.cr3", begins("\0\0\0\x18ftypcrx "), /is a camera's raw picture/],
  ["big.tif", begins("MM\0*"), FOREIGN],
  ["film.jp2", begins("\0\0\0\x0cjP  \r\n\x87\n"), FOREIGN],
  ["codes.j2k", begins("\xff\x4f\xff\x51\0"), FOREIGN],
  ["new.jxl", begins("\xff\x0a"), /is a JPEG XL picture(?:, a format that this browser cannot decode\.| that is damaged or cut short\.)/],
  ["layers.psd", begins("8BPS\0\x01"), /is a Photoshop file, a format/],
  ["lines.ppm", Buffer.from("P3 2 1 255\n255 0 0 0 255 0\n"), /is a Netpbm picture, a format/],
  ["document.pdf", begins("%PDF-1.7"), /is not a picture, but a PDF document\./],
  ["text.txt", Buffer.from("Seven, in words.\n"), /is not a picture, but a text\./],
  ["text.png", Buffer.from("Sieben, für alle: naïve ‘Zeichen’\n"), /is not a picture, but a text\./],
  ["site.html", Buffer.from("<!doctype html><title>7</title><script>globalThis.ran = true</script>"), /is not a picture, but a web page\./],
  ["packed.zip", begins("PK\x03\x04"), /is not a picture, but an archive/],
  ["film.mp4", begins("\0\0\0\x20ftypisom"), FILM],
  ["film.mov", begins("\0\0\0\x14ftypqt  "), FILM],
  ["film.webm", begins("\x1aE\xdf\xa3"), FILM],
  ["sound.mp3", begins("ID3\x04"), SOUND],
  ["sound.wav", begins("RIFF\x24\0\0\0WAVEfmt "), SOUND],
  ["program.wasm", begins("\0asm\x01\0\0\0"), UNKNOWN],
  ["noise.jpg", begins("\x02\x7f"), UNKNOWN],
];

/**
 * @param {Drawn} drawn
 * @returns {Odd[]}
 */
export const oddPictures = (drawn) => files(drawn).map(([name, bytes, outcome]) => ({ name, bytes, outcome }));
