// @ts-check
// A worker that makes engine after engine, has each load a network and answer once, and frees it.
import "./watch.js";
import { binary } from "../../pkg/binary.js";
import init, { Engine } from "../../pkg/convscope.js";

/** @typedef {{ id: string, shards: Uint8Array[] | null, frame: import("../../pkg/convscope.js").Frame, options: import("../../pkg/convscope.js").EngineOptions }} Change */

addEventListener("message", async (/** @type {MessageEvent<Change>} */ { data: { id, shards, frame, options } }) => {
  try {
    await init({ module_or_path: binary });
    const engine = await Engine.create("cpu", options);
    if (shards) await engine.load(id, shards);
    else await engine.loadRandom(id, 1);
    const { predictions } = await engine.classify(id, frame, 5);
    const { threads = 1, arithmetic = "f32" } = engine.device;
    engine.free();
    postMessage({ value: { predictions, threads, arithmetic } });
  } catch (error) {
    postMessage({ error: String(/** @type {any} */ (error)?.message ?? error) });
  }
});
