// Files that are no pictures, or none that can be opened: they are told in whatever way they come. oddPictures.mjs lists what is said of each.
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, visit } from "./browser.mjs";
import { begins, pngOfSize } from "./pictureBytes.mjs";

let browser;
before(async () => { browser = await launch({ webgpu: false }); });
after(() => browser?.close());

test("the same is said of what is dropped or pasted, with and without a worker, and in a folder", { timeout: PATIENCE }, async () => {
  const come = (page, how, name, content) => page.evaluate(([base64, how, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    dispatchEvent(how === "paste" ? new ClipboardEvent("paste", { clipboardData: data }) : new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  }, [content.toString("base64"), how, name]);
  for (const query of ["?network=squeezenet1_1&device=cpu", "?networks=squeezenet1_1&device=cpu"]) { // the second opens pictures in a worker
    const page = await visit(browser, query);
    await page.locator("#predictions li, #answers-cards .predictions li").first().waitFor();
    await come(page, "drop", "a.heic", begins("\0\0\0\x18ftypheic"));
    await errorSays(page, /“a\.heic” is a HEIC picture/);
    await come(page, "paste", "huge.png", pngOfSize(40_000, 40_000));
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
  const files = [["a.heic", begins("\0\0\0\x18ftypheic")], ["huge.png", pngOfSize(40_000, 40_000)], ["empty.jpg", Buffer.alloc(0)]];
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
  await page.locator("#samples button").first().waitFor(); // the button that opens a file is wired before these
  await page.locator("#file").setInputFiles({ name: "gone.png", mimeType: "image/png", buffer: Buffer.from("x") });
  await errorSays(page, /“gone\.png” is not there any more, or is a folder\. Choose the file again\./);
  await closeVisit(page);
});
