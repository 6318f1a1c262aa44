// A visitor's files of weights, for tests: safetensors with tensors made up or taken from what is installed, and a reader that says what it is told.
import { manifest, site } from "./browser.mjs";

/**
 * @typedef {{ id: string, classes: number, official: boolean }} Fit
 * @typedef {object} Script what the reader is to do with a file, which stands in the file itself
 * @property {Partial<{ format: string, notes: string[], tensors: number, parameters: number, networks: Fit[], misfit: string }>} [summary]
 * @property {string} [damaged] the sentence with which it refuses the file
 * @property {string} [unconvertible] the sentence with which the conversion ends
 * @property {boolean} [forever] the conversion does not end
 * @property {string | null} [framing] with which it is to be converted
 * @property {string} [weights] the network whose installed weights it gives; else LeNet-5
 */

/** @param {Script} script */
export const scripted = (script, name = "mine.safetensors") => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(JSON.stringify(script)) });

/** The module in the place of pkg/reader: files are scripts, and what is converted are the installed weights. */
const reader = (rows) => `
  const rows = ${JSON.stringify(rows)};
  const refuse = (message) => { throw Object.assign(new Error(message), { code: "bad-checkpoint" }); };
  const bytesOf = (file) => {
    const request = new XMLHttpRequest();
    request.open("GET", ${JSON.stringify(`${site()}www/weights/`)} + file, false);
    request.responseType = "arraybuffer";
    request.send();
    return new Uint8Array(request.response);
  };
  export default async () => {};
  export class Checkpoint {
    #script;
    constructor(file, name) {
      this.#script = JSON.parse(new FileReaderSync().readAsText(file));
      if (this.#script.damaged) refuse(this.#script.damaged);
    }
    summary() {
      return { format: "safetensors", notes: [], tensors: 10, parameters: 61706, networks: [{ id: "lenet5", classes: 10, official: false }], misfit: "", ...this.#script.summary };
    }
    convert(network, { name, variant, labels, framing }, progress) {
      if (this.#script.framing !== undefined && this.#script.framing !== framing) refuse("The framing is " + framing + ".");
      progress?.(1, 10);
      if (this.#script.forever) for (;;);
      if (this.#script.unconvertible) refuse(this.#script.unconvertible);
      const row = rows.find(({ id }) => id === (this.#script.weights ?? "lenet5"));
      const shards = row.shards.map(({ file }) => bytesOf(file));
      const folder = variant === "q8" ? network : network + "-" + variant;
      const own = variant === "q8" ? {} : { own: { name, classes: labels?.length ?? 10 } };
      return { row: { ...row, id: network, variant, ...own, shards: row.shards.map((shard, i) => ({ ...shard, file: folder + "/" + i + ".safetensors" })) }, shards };
    }
    free() {}
  }`;

/** @returns {Promise<(page: import("playwright-core").Page) => Promise<void>>} puts the scripted reader into the place of the page's */
export async function scriptedReader() {
  const body = reader((await manifest()).filter(({ variant }) => variant === "q8"));
  return (page) => page.context().route("**/pkg/reader/convscope.js", (route) => route.fulfill({ body, contentType: "text/javascript" }));
}

/**
 * Drops files onto the page.
 * @param {import("playwright-core").Page} page
 * @param {{ name: string, buffer: Buffer }[]} files
 */
export async function drop(page, ...files) {
  const given = files.map(({ name, buffer }) => ({ name, base64: buffer.toString("base64") }));
  const data = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, base64 } of given) data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    return data;
  }, given);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}
