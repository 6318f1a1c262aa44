// @ts-check
import { binary } from "../pkg/binary.js";
import { Failure, PART_MISSING } from "./pure/failure.js";
import "./workers.js";

/**
 * @typedef {import("./state.js").EngineName} EngineName
 * @typedef {(received: number, total: number) => void} OnFetched bytes of the code, uncompressed
 */

/** @type {{ code: Promise<WebAssembly.Module | undefined> | undefined }} */
const own = { code: undefined };

/**
 * A build's code, downloaded and compiled once for all workers. burn's is downloaded when it is first asked for. If
 * ConvScope's cannot be compiled here, there is none, and the worker reports why.
 * @param {EngineName} engine
 * @param {OnFetched} [onFetched] told of burn's download
 * @returns {Promise<WebAssembly.Module | undefined>}
 */
export async function compile(engine, onFetched) {
  if (engine === "burn") return (await bringBurn()).compileBurn(onFetched);
  own.code ??= WebAssembly.compileStreaming(fetch(binary)).catch(() => (own.code = undefined));
  return own.code;
}

async function bringBurn() {
  return import("./burn.js").catch(() => {
    throw new Failure("download", PART_MISSING);
  });
}

// The page asks for this file before most others, so that the engine's code and a worker begin first.
compile("convscope");
