// Files of weights as training programs write them: safetensors in single precision, of the installed weights or made up.
import { manifest, site } from "./browser.mjs";

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/**
 * The installed weights of a network, as numbers.
 * @param {string} id
 * @returns {Promise<Map<string, Tensor>>} by the name of the layer and of its part
 */
export async function installed(id) {
  const { shards } = (await manifest()).find((row) => row.id === id && row.variant === "q8");
  const stored = new Map();
  for (const { file } of shards) {
    const bytes = Buffer.from(await (await fetch(`${site()}www/weights/${file}`)).arrayBuffer());
    const start = 8 + Number(bytes.readBigUInt64LE());
    const { __metadata__, ...header } = JSON.parse(bytes.toString("utf8", 8, start));
    for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(header)) {
      const own = new Uint8Array(bytes.subarray(start + from, start + to)); // a copy, which begins at a multiple of four
      stored.set(name, { dtype, shape, own });
    }
  }
  const scaleOf = (name) => stored.get(name.replace(/weight$/, "scale"));
  return new Map([...stored].filter(([name]) => !/\.scale$/.test(name)).map(([name, tensor]) => [name, { shape: tensor.shape, values: numbers(tensor, scaleOf(name)) }]));
}

/** @returns {Float32Array} */
function numbers({ dtype, shape, own }, scale) {
  if (dtype === "F32") return new Float32Array(own.buffer);
  if (dtype === "F16") return Float32Array.from(new Uint16Array(own.buffer), half);
  if (dtype !== "I8") throw new Error(`${dtype} is not known here`);
  const scales = numbers(scale);
  const row = own.length / shape[0];
  const steps = scales.length / shape[0]; // one for a row, or one for each 32 weights of it
  return Float32Array.from(new Int8Array(own.buffer), (value, i) => value * scales[Math.floor(i / row) * steps + (steps === 1 ? 0 : Math.floor((i % row) / 32))]);
}

/** @param {number} bits of a number in half precision */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15, (bits >> 10) & 31, bits & 1023];
  return (sign ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** @param {Map<string, Tensor>} tensors @returns {Buffer} */
export function safetensors(tensors) {
  let end = 0;
  const header = Object.fromEntries([...tensors].map(([name, { shape, values }]) => [name, { dtype: "F32", shape, data_offsets: [end, (end += 4 * values.length)] }]));
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, ...[...tensors.values()].map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))]);
}

/**
 * The same with some of the classes alone.
 * @param {Map<string, Tensor>} tensors
 * @param {string} layer the last one with weights
 * @param {number[]} classes
 */
export function only(tensors, layer, classes) {
  const cut = ({ shape: [outputs, ...inputs], values }) => {
    const row = values.length / outputs;
    return { shape: [classes.length, ...inputs], values: Float32Array.from({ length: classes.length * row }, (_, i) => values[classes[Math.floor(i / row)] * row + (i % row)]) };
  };
  return new Map([...tensors].map(([name, tensor]) => [name, name.startsWith(`${layer}.`) ? cut(tensor) : tensor]));
}
