// @ts-check
import { dismiss, notice, update } from "./state.js";

/** @typedef {import("./engine.js").Engine} Engine */

/** Warns of shaders that the browser has refused, which it tells only after a network has used them. */
export class ShaderCheck {
  /** Keys of networks that were checked. @type {WeakMap<Engine, Set<string>>} */
  #checked = new WeakMap();

  /**
   * @param {Engine} engine
   * @param {string} key of a network that has answered
   */
  async check(engine, key) {
    const checked = this.#checked.get(engine) ?? new Set();
    if (engine.device?.kind !== "webgpu" || checked.has(key)) return;
    this.#checked.set(engine, checked.add(key));
    const refused = await engine.rejectedShaders().catch(() => 0); // a lost engine reports itself
    if (!refused) return;
    const text = `WebGPU refused ${refused === 1 ? "a part" : `${refused} parts`} of the computation, so the predictions may be wrong.`;
    const toCpu = () => {
      dismiss(text);
      update({ device: "cpu" });
    };
    notice(text, { label: "Use the CPU", run: toCpu });
  }
}
