// Files that are no pictures, or none that can be opened: each is told by a sentence of its own, in whatever way it comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deflateSync } from "node:zlib";
import { PATIENCE, closeVisit, coffee, errorSays, launch, predictions, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

/** @param {string} letters Latin ones @param {number} [length] filled with zeros and ones, which are no text */
const bytes = (letters, length = 600) => Buffer.concat([Buffer.from(letters, "latin1"), Buffer.alloc(length, "\0\x01")]);

/** A PNG file of which the size alone matters. */
function png(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const part = (name, data) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(named));
    return Buffer.concat([length, named, sum]);
  };
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), part("IHDR", header), part("IDAT", deflateSync(Buffer.alloc(1000))), part("IEND", Buffer.alloc(0))]);
}

/** The checksum of PNG files. */
function crc(data) {
  let sum = -1;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ -1) >>> 0;
}

/** The start of a JPEG file: a large preview, then the size. */
const jpeg = (width, height) => Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xea, 0x60]), Buffer.alloc(0xea60 - 2),
  Buffer.from([0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]),
]);

/** @type {[string, Buffer | (() => Promise<Buffer>), RegExp][]} */
const FILES = [
  ["long.png", png(200_000, 2), /“long\.png” is a PNG picture of 200,000 × 2 pixels, which is too large\. Browsers open 32,767 pixels a side at most\. Make it smaller/],
  ["huge.png", png(40_000, 40_000), /“huge\.png” is a PNG picture of 40,000 × 40,000 pixels, which is too large\. Browsers open about 16,384 × 16,384 pixels at most\. Make it smaller/],
  ["huge.jpg", jpeg(60_000, 50_000), /“huge\.jpg” is a JPEG picture of 60,000 × 50,000 pixels, which is too large/],
  ["half.png", async () => (await coffee()).subarray(0, 5000), /“half\.png” is a PNG picture that is damaged or cut short\. Copy or download it again/],
  ["noise.jpg", bytes("\xff\xd8\xff\xe0"), /“noise\.jpg” is a JPEG picture that is damaged or cut short/],
  ["empty.png", Buffer.alloc(0), /“empty\.png” is empty: the file has no bytes\./],
  ["IMG_1.HEIC", bytes("\0\0\0\x18ftypheic"), /“IMG_1\.HEIC” is a HEIC picture, as iPhones take, a format that this browser cannot decode\. Export it as JPEG.*Most Compatible/],
  ["scan.jpg", bytes("II*\0"), /“scan\.jpg” is a TIFF picture, a format that this browser cannot decode\. Save it as JPEG or PNG/],
  ["a.jxl", bytes("\xff\x0a"), /“a\.jxl” is a JPEG XL picture, a format/],
  ["a.avif", bytes("\0\0\0\x1cftypavif"), /“a\.avif” is an AVIF picture, a format/],
  ["_DSC1.NEF", bytes("MM\0*"), /“_DSC1\.NEF” is a camera's raw picture, a format.*Develop it/],
  ["a.cr3", bytes("\0\0\0\x18ftypcrx "), /“a\.cr3” is a camera's raw picture/],
  ["a.psd", bytes("8BPS\0\x01"), /“a\.psd” is a Photoshop file, a format/],
  ["a.svg", Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'), /“a\.svg” is not a picture, but an SVG drawing, which has no pixels\. Save it as JPEG or PNG/],
  ["a.pdf", bytes("%PDF-1.7"), /“a\.pdf” is not a picture, but a PDF document\. Choose a JPEG, PNG, WebP or GIF file\./],
  ["a.mov", bytes("\0\0\0\x14ftypqt  "), /“a\.mov” is not a picture, but a film\./],
  ["notes.png", Buffer.from("no picture"), /“notes\.png” is not a picture, but a text\./],
  ["data.bin", bytes("\x02\x7f"), /“data\.bin” is not a picture that this page knows\./],
];

test("each file that cannot be opened is told what it is and what to do", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu");
  await predictions(page);
  for (const [name, content, sentence] of FILES) {
    await page.locator("#file").setInputFiles({ name, mimeType: "", buffer: typeof content === "function" ? await content() : content });
    await errorSays(page, sentence);
  }
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("the same is said of what is dropped or pasted, with and without a worker, and in a folder", { timeout: PATIENCE }, async () => {
  const come = (page, how, name, content) => page.evaluate(([base64, how, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    dispatchEvent(how === "paste" ? new ClipboardEvent("paste", { clipboardData: data }) : new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  }, [content.toString("base64"), how, name]);
  for (const query of ["?network=squeezenet1_1&device=cpu", "?networks=squeezenet1_1&device=cpu"]) { // the second opens pictures in a worker
    const page = await visit(browser, query);
    await page.locator("#predictions li, #answers-cards .predictions li").first().waitFor();
    await come(page, "drop", "a.heic", bytes("\0\0\0\x18ftypheic"));
    await errorSays(page, /“a\.heic” is a HEIC picture/);
    await come(page, "paste", "huge.png", png(40_000, 40_000));
    await errorSays(page, /“huge\.png” is a PNG picture of 40,000 × 40,000 pixels/);
    await closeVisit(page);
  }
  const mixed = await visit(browser, "?network=squeezenet1_1&device=cpu");
  await mixed.locator("#predictions li").first().waitFor();
  await mixed.evaluate(() => {
    const data = new DataTransfer();
    for (const name of ["net.pth", "photo.png"]) data.items.add(new File(["x"], name));
    dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  });
  await errorSays(mixed, /“net\.pth” is not a picture, but holds the weights of a network\. Drop it without pictures/);
  await closeVisit(mixed);
  const page = await visit(browser, "?networks=squeezenet1_1&device=cpu&tab=folder");
  await page.locator("#folder:not([hidden])").waitFor();
  const files = [["a.heic", bytes("\0\0\0\x18ftypheic")], ["huge.png", png(40_000, 40_000)], ["empty.jpg", Buffer.alloc(0)]];
  await page.evaluate((files) => {
    const data = new DataTransfer();
    for (const [name, base64] of files) data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, files.map(([name, content]) => [name, content.toString("base64")]));
  await errorSays(page, /a\.heic \(a HEIC picture, as iPhones take, a format that this browser cannot decode\), empty\.jpg \(empty: the file has no bytes\), huge\.png \(a PNG picture of 40,000 × 40,000 pixels, which is too large\)/);
  await closeVisit(page);
});

test("a file that is not there any more is told", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu", {
    before: (page) => page.addInitScript(() => {
      Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException("", "NotReadableError"));
      globalThis.createImageBitmap = () => Promise.reject(new DOMException("", "InvalidStateError"));
    }),
  });
  await page.locator("#file").setInputFiles({ name: "gone.png", mimeType: "image/png", buffer: Buffer.from("x") });
  await errorSays(page, /“gone\.png” is not there any more, or is a folder\. Choose the file again\./);
  await closeVisit(page);
});
