// @ts-check
import { Failure, sentenceOf } from "./pure/failure.js";

/**
 * burn's build of the engine: ten times as large as ConvScope's own, and downloaded only when it is asked for.
 *
 * @typedef {import("./compile.js").OnFetched} OnFetched
 */

const FOLDER = new URL("../pkg/burn/", import.meta.url);

const WITHOUT = "All but the gradient lab works without it, with “Computed by: ConvScope”.";

const download = {
  /** @type {Promise<WebAssembly.Module> | undefined} */
  code: undefined,
  /** Called with the progress of the download. @type {Set<OnFetched>} */
  told: new Set(),
};

/**
 * burn's code, compiled. All callers share one download; after a failure, the next call downloads it again.
 * @param {OnFetched} [onFetched]
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileBurn(onFetched) {
  if (onFetched) download.told.add(onFetched);
  try {
    return await (download.code ??= bring());
  } catch (error) {
    download.code = undefined;
    throw error;
  } finally {
    if (onFetched) download.told.delete(onFetched);
  }
}

async function bring() {
  const script = new URL("binary.js", FOLDER);
  await get(script, "no-cache"); // an import does not say why it failed
  const { binary, bytes } = await import(script.href).catch(() => {
    throw new Failure("download", "burn could not be downloaded. Check the connection and try again.");
  });
  const { body } = await get(binary, "default");
  let received = 0;
  const counted = /** @type {ReadableStream<Uint8Array>} */ (body).pipeThrough(new TransformStream({
    transform(chunk, controller) {
      received += chunk.length;
      for (const tell of download.told) tell(Math.min(received, bytes), bytes);
      controller.enqueue(chunk);
    },
  }));
  try {
    return await WebAssembly.compileStreaming(new Response(counted, { headers: { "Content-Type": "application/wasm" } }));
  } catch (error) {
    if (received < bytes) throw new Failure("download", "The download of burn broke off. Check the connection and try again.");
    throw new Failure("unsupported", `This browser cannot compile burn's build (${sentenceOf(error)}). ${WITHOUT}`);
  }
}

/**
 * @param {URL} url
 * @param {RequestCache} cache
 */
async function get(url, cache) {
  const response = await fetch(url, { cache }).catch(() => {
    throw new Failure("download", "burn could not be downloaded. Check the connection and try again.");
  });
  if (response.status === 404) {
    throw new Failure("download", `burn's build is not on this server. Run \`cargo xtask build\` where this page is served from, then try again. ${WITHOUT}`);
  }
  if (!response.ok) throw new Failure("download", `burn could not be downloaded: the server answered ${response.status}. Try again later.`);
  return response;
}
