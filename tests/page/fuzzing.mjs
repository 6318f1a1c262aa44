// A loop that feeds a reader what it does not expect: the same in every run, from a seed. As tests/common/fuzz.rs does it.
import { performance } from "node:perf_hooks";

/** How long a reader may take. On a busy machine a moment can be long: what takes longer is tried again. */
const LONGEST = 1000;
/** Seconds for each reader in a long run. */
const SECONDS = process.env.CONVSCOPE_FUZZ_SECONDS;
const FIRST = Number(process.env.CONVSCOPE_FUZZ_SEED ?? 1);

/** Numbers that programs forget. */
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** The same as text. */
const WRITTEN = ["0", "-1", "00", "1e999", "-0.5", "null", "4294967294", "4294967295", "9007199254740993", "18446744073709551616", "[]", "{}", '"__proto__"'];

/** Whole numbers below a limit. (Steele and Vigna's SplitMix, with 32 bits) @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ end) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % end;
  };
}

/**
 * One of some files with a few changes.
 * @param {(end: number) => number} below
 * @param {Buffer[]} corpus
 * @returns {Buffer}
 */
export function mutated(below, corpus) {
  let bytes = corpus[below(corpus.length)];
  for (let change = below(4); change >= 0; change -= 1) bytes = changed(below, bytes, corpus);
  return bytes;
}

/**
 * @param {(end: number) => number} below
 * @param {Buffer} bytes
 * @param {Buffer[]} corpus
 * @returns {Buffer} another one
 */
function changed(below, bytes, corpus) {
  if (bytes.length === 0) return Buffer.from([below(256)]);
  const at = below(bytes.length);
  const spliced = (/** @type {number} */ start, /** @type {number} */ end, /** @type {Uint8Array} */ part) => Buffer.concat([bytes.subarray(0, start), part, bytes.subarray(end)]);
  switch (below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return spliced(at, at + 1, Buffer.from([bytes[at] ^ (1 << below(8))]));
    case 2:
      return spliced(at, at + 1, Buffer.from([below(256)]));
    case 3: {
      const number = Buffer.alloc(4);
      const value = EXTREMES[below(EXTREMES.length)];
      if (below(2)) number.writeUInt32LE(value);
      else number.writeUInt32BE(value);
      return spliced(at, at + 4, number);
    }
    case 4: {
      const rest = /\d+/.exec(bytes.toString("latin1", at));
      if (!rest) return bytes;
      const start = at + rest.index;
      return spliced(start, start + rest[0].length, Buffer.from(WRITTEN[below(WRITTEN.length)]));
    }
    case 5: {
      const other = corpus[below(corpus.length)];
      const from = below(other.length || 1);
      const part = other.subarray(from, from + below(64));
      return spliced(at, below(2) ? at : at + part.length, part);
    }
    case 6:
      return spliced(at, at + below(64), Buffer.alloc(0));
    default: {
      // Again and again: nesting, and long lists.
      const part = bytes.subarray(at, at + 1 + below(16));
      return spliced(at, at, Buffer.concat(Array(([1, 2, 8, 300][below(4)])).fill(part)));
    }
  }
}

/**
 * Executes a reader so many times, or as long as CONVSCOPE_FUZZ_SECONDS says. It may neither throw nor take long.
 * @template T
 * @param {string} name
 * @param {number} times
 * @param {(below: (end: number) => number) => T} make
 * @param {(value: T) => unknown} run
 * @param {{ first?: number, seconds?: string }} [options]
 * @returns {Promise<string[]>} what went wrong, five at most
 */
export async function faultsOf(name, times, make, run, { first = FIRST, seconds = SECONDS } = {}) {
  const faults = [];
  const start = performance.now();
  let executions = 0;
  while (faults.length < 5 && (seconds ? performance.now() - start < Number(seconds) * 1000 : executions < times)) {
    const seed = first + executions;
    executions += 1;
    const value = make(random(seed));
    const fault = await faultOf(value, run);
    if (fault) faults.push(`${name}, CONVSCOPE_FUZZ_SEED=${seed}: ${fault}: ${String(JSON.stringify(value)).slice(0, 300)}`);
  }
  if (seconds) console.log(`${name}: ${executions} executions in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return faults;
}

/**
 * @template T
 * @param {T} value
 * @param {(value: T) => unknown} run
 */
async function faultOf(value, run) {
  let least = Infinity;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const start = performance.now();
    try {
      const running = run(value);
      if (running instanceof Promise) await running;
    } catch (error) {
      return `it throws ${error}`;
    }
    least = Math.min(least, performance.now() - start);
    if (least <= LONGEST) return null;
  }
  return `it takes ${(least / 1000).toFixed(1)} s`;
}
