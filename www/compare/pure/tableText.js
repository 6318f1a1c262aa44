// @ts-check

/**
 * The text of a table as spreadsheets and other programs write it: with commas, semicolons, tabulators, vertical bars or spaces,
 * in UTF-8, UTF-16 or Windows-1252.
 */

const SIGNS = [",", ";", "\t", "|"];
/** A first line by which a program tells Excel what stands between the cells; what names and quotes are made of stands between none. */
const NAMED_SIGN = /^\s*sep=(?![\w"'-])(.)[ \t]*(?:\r?\n|$)/i;
const PROBED = 64; // bytes that tell an encoding
/** A picture's file and its class with spaces between; the file's name may have spaces as well. */
const SPACED = [/^(.+?\.[a-z0-9]{1,5})\s+(.+)$/i, /^(\S+)\s+(.+)$/];

/**
 * @param {ArrayBuffer} bytes of a text file
 * @returns {string} in the encoding that its first bytes tell, UTF-8 or UTF-16; what is no UTF-8 is of a Windows program of Western Europe
 */
export function textOf(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const [low, high] = zerosOf(bytes);
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked) return new TextDecoder(first === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  if (high > PROBED / 8) return new TextDecoder("utf-16le").decode(bytes);
  if (low > PROBED / 8) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/**
 * How many bytes among the first are 0, at even and at odd places: of Latin letters in UTF-16 every other one is.
 * @param {ArrayBuffer} bytes
 */
function zerosOf(bytes) {
  const zeros = [0, 0];
  new Uint8Array(bytes, 0, Math.min(PROBED, bytes.byteLength)).forEach((byte, i) => (zeros[i % 2] += Number(byte === 0)));
  return zeros;
}

/**
 * @param {string} text of a table
 * @param {(sign: string, text: string) => string[][]} parse reads cells with this sign between them, and quotes around them
 * @returns {string[][]} its rows
 */
export function rowsOf(text, parse) {
  const named = NAMED_SIGN.exec(text);
  const body = named ? text.slice(named[0].length) : text;
  const sign = named?.[1] ?? signOf(body);
  return (sign ? parse(sign, body) : body.split(/\r?\n/).map(spaced)).map((row) => row.map(bare));
}

/**
 * @param {string} text of a table
 * @returns {string | null} what stands between the cells of its first line: the sign that stands there most often, outside of quotes; null where there are at most spaces
 */
export function signOf(text) {
  const line = text.replace(/"(?:[^"]|"")*"/g, "").trimStart().split(/\r?\n/, 1)[0];
  const count = (/** @type {string} */ sign) => line.split(sign).length;
  const most = SIGNS.reduce((most, sign) => (count(sign) > count(most) ? sign : most));
  return count(most) > 1 ? most : null;
}

/** @param {string} line */
function spaced(line) {
  const trimmed = line.trim();
  for (const form of SPACED) {
    const [, file, label] = form.exec(trimmed) ?? [];
    if (file !== undefined) return [file, label];
  }
  return [trimmed];
}

/** Without the quotes that few programs know. @param {string} cell */
const bare = (cell) => /^\s*(["'])(.*)\1\s*$/s.exec(cell)?.[2] ?? cell;
