// Weights made up for tests: a network that the server has no official file of, answered as if it had.
import { createHash } from "node:crypto";
import { closeVisit, manifest, visit } from "./browser.mjs";

/**
 * @typedef {{ id: string, variant: string, bytes: number, shards: { file: string, bytes: number, sha256: string }[] }} Row
 * @typedef {{ hash: string, tensors: { name: string, shape: number[] }[] }} Wants
 */

/**
 * The tensors that a network takes, from what the engine says of files that lack them.
 * @param {import("playwright-core").Browser} browser
 * @param {string} id
 * @returns {Promise<Wants>}
 */
async function wants(browser, id) {
  const page = await visit(browser, "pkg/package.json");
  const wants = await page.evaluate(async (id) => {
    const { default: init, Engine } = await import(new URL("convscope.js", location.href).href);
    await init();
    const engine = await Engine.create("cpu");
    const refusal = async (metadata, names) => {
      const tensors = Object.fromEntries(names.map((name) => [name, { dtype: "F32", shape: [0], data_offsets: [0, 0] }]));
      const header = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...tensors }));
      const file = new Uint8Array(8 + header.length);
      new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
      file.set(header, 8);
      return engine.load(id, [file]).then(() => "", (error) => error.message);
    };
    const hash = /this is (\w+)/.exec(await refusal({ made: "up" }, []))?.[1];
    const names = Array.from((await refusal({ graph: hash }, [])).matchAll(/([^\s,]+) is missing/g), ([, name]) => name);
    const faults = (await refusal({ graph: hash }, names)).matchAll(/([^\s,]+) is \[0\] instead of \[([\d, ]+)\]/g);
    return { hash, tensors: Array.from(faults, ([, name, shape]) => ({ name, shape: shape.split(",").map(Number) })) };
  }, id);
  await closeVisit(page);
  return wants;
}

/**
 * A quantised file: 8 bits and one scale for a weight, zeros for a bias.
 * @param {Wants} wants
 */
function quantised({ hash, tensors }) {
  const header = { __metadata__: { graph: hash } };
  const parts = [];
  let end = 0;
  const add = (name, dtype, shape, bytes) => {
    header[name] = { dtype, shape, data_offsets: [end, (end += bytes.length)] };
    parts.push(bytes);
  };
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >> 24; // Knuth's generator, its upper bits
  for (const { name, shape } of tensors) {
    const [channels, ...inputs] = shape;
    const length = inputs.reduce((product, side) => product * side, 1);
    if (!inputs.length) {
      add(name, "F32", shape, Buffer.alloc(4 * channels));
      continue;
    }
    add(name, "I8", shape, Buffer.from(Int8Array.from({ length: channels * length }, () => Math.max(next(), -127)).buffer));
    const scale = Math.sqrt(6 / length) / 127; // keeps the values' size from layer to layer
    add(name.replace(/weight$/, "scale"), "F32", [channels], Buffer.from(new Float32Array(channels).fill(scale).buffer));
  }
  let json = JSON.stringify(header);
  json += " ".repeat(-json.length & 7);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, Buffer.from(json), ...parts]);
}

/**
 * A route that adds a network with made-up weights to the server's.
 * @param {import("playwright-core").Browser} browser
 * @param {string} id
 * @returns {Promise<(page: import("playwright-core").Page) => Promise<void>>}
 */
export async function madeUp(browser, id) {
  const body = quantised(await wants(browser, id));
  const file = `${id}/made-up.safetensors`;
  const shard = { file, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
  const rows = [...(await manifest()).filter((row) => row.id !== id), { id, variant: "q8", bytes: body.length, shards: [shard] }];
  return async (page) => {
    await serveRows(page, rows);
    await page.route(`**/weights/${file}`, (route) => route.fulfill({ body, contentType: "application/octet-stream" }));
  };
}

/**
 * @param {import("playwright-core").Page} page
 * @param {Partial<Row>[]} rows in place of the server's manifest
 */
export async function serveRows(page, rows) {
  await page.route("**/weights/manifest.json", (route) => route.fulfill({ json: { version: 1, networks: rows } }));
}
