// @ts-check

/**
 * What a file is, by its first bytes.
 *
 * @typedef {object} Kind
 * @property {string} name as in “it is …”
 * @property {boolean} isPicture
 * @property {boolean} isUsual every browser decodes it
 * @property {string} type of a format that some browsers decode, as they name it; empty where it is a usual one, or none does
 * @property {string} advice what to do where a browser does not decode it; empty where there is nothing of its own to say
 */

/** Bytes that are read of a file: enough for the size of a JPEG behind its preview and colour profile. */
export const HEAD_BYTES = 256 * 1024;
/** Of them, those that tell what it is. */
export const SIGNATURE_BYTES = 512;

const SAVE = "Save it as JPEG or PNG with the program that made it, and open that file.";
const APPLE = "Export it as JPEG, or take a screenshot of it. On an iPhone, Settings → Camera → Formats → Most Compatible makes the camera take JPEGs.";
const CONVERT = "Save it as JPEG or PNG with an image viewer, and open that file.";

/** Endings of cameras' raw files, most of which begin as TIFF files do. */
const RAW = /\.(dng|nef|nrw|arw|sr2|srw|pef|cr2|cr3|3fr|raf|orf|rw2)$/i;

/** @param {string} name @returns {Kind} */
const usual = (name) => ({ name, isPicture: true, isUsual: true, type: "", advice: "" });
/** @param {string} name @param {string} advice @param {string} [type] @returns {Kind} */
const foreign = (name, advice, type = "") => ({ name, isPicture: true, isUsual: false, type, advice });
/** @param {string} name @returns {Kind} */
const other = (name) => ({ name, isPicture: false, isUsual: false, type: "", advice: "" });

const RAW_KIND = foreign("a camera's raw picture", "Develop it with the camera's or another program, save it as JPEG, and open that file.");

/** First bytes, as Latin letters; the first that fits counts. A comment of XML ends at its first end: were there other ways to read it, many comments would take years. @type {[RegExp, Kind][]} */
const KINDS = [
  [/^\xff\xd8\xff/, usual("a JPEG picture")],
  [/^\x89PNG\r?\n\x1a\r?\n/, usual("a PNG picture")],
  [/^GIF8[79]a/, usual("a GIF picture")],
  [/^RIFF....WEBP/s, usual("a WebP picture")],
  [/^BM....\0\0\0\0/s, usual("a BMP picture")],
  [/^\0\0\x01\0[^\0]\0/, usual("an icon (ICO)")],
  [/^....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)/s, foreign("a HEIC picture, as iPhones take", APPLE, "image/heic")],
  [/^....ftypavi[fs]/s, foreign("an AVIF picture", CONVERT, "image/avif")],
  [/^....ftypcrx /s, RAW_KIND],
  [/^(?:\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n)/, foreign("a JPEG XL picture", CONVERT, "image/jxl")],
  [/^(?:\0\0\0\x0cjP {2}\r\n\x87\n|\xff\x4f\xff\x51)/, foreign("a JPEG 2000 picture", CONVERT, "image/jp2")],
  [/^(?:FUJIFILMCCD-RAW|II(?:RO|RS|U\0)|II\*\0....CR)/s, RAW_KIND],
  [/^(?:II[*+]\0|MM\0[*+])/, foreign("a TIFF picture", CONVERT, "image/tiff")],
  [/^8BPS/, foreign("a Photoshop file", SAVE)],
  [/^gimp xcf/, foreign("a GIMP file", SAVE)],
  [/^v\/1\x01/, foreign("an OpenEXR picture", SAVE)],
  [/^#\?R(?:ADIANCE|GBE)/, foreign("a Radiance HDR picture", SAVE)],
  [/^P[1-7][\s#]/, foreign("a Netpbm picture", CONVERT)],
  [/^.{128}DICM/s, foreign("a medical picture (DICOM)", SAVE)],
  [/^[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/is, { ...other("an SVG drawing, which has no pixels"), advice: SAVE }],
  [/^....ftyp/s, other("a film")],
  [/^(?:\x1aE\xdf\xa3|RIFF....AVI |OggS|\0\0\x01[\xb3\xba])/s, other("a film")],
  [/^(?:ID3|fLaC|RIFF....WAVE|\xff[\xf2-\xfb])/s, other("a sound")],
  [/^%PDF-/, other("a PDF document")],
  [/^(?:PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/, other("an archive, or a document in one")],
  [/^\x93NUMPY/, other("an array of NumPy")],
  [/^\x89HDF\r\n/, other("an HDF5 file")],
  [/^[\s\xef\xbb\xbf]*<(?:!doctype html|html|head|body)/i, other("a web page")],
];

/**
 * @param {Uint8Array} bytes the file's first
 * @param {string} name of the file
 * @returns {Kind | null} null where they are those of nothing known here
 */
export function kindOf(bytes, name) {
  const text = String.fromCharCode(...bytes.subarray(0, SIGNATURE_BYTES));
  const kind = KINDS.find(([begins]) => begins.test(text))?.[1] ?? null;
  if (kind?.name === "a TIFF picture" && RAW.test(name)) return RAW_KIND;
  return kind ?? (isText(text) ? other("a text") : null);
}

/** @param {string} text */
const isText = (text) => text !== "" && !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text);
