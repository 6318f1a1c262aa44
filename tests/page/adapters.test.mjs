// The kernels differ by adapter: a software adapter whose threads hand each other values, one whose threads do not, and hardware.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, launch, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Convolutions of all kinds between them: pointwise and depthwise with residuals; 7×7, 5×5, Winograd's, concatenations and pooling. */
const NETWORKS = ["mobilenet_v2", "googlenet"];

/** Each lets the page take the software adapter of the tests for another. @type {Record<string, () => void>} */
const ADAPTERS = {
  "a software adapter whose threads hand each other values": () => {},
  "a software adapter whose threads do not": () => {
    const { prototype } = /** @type {any} */ (globalThis).GPUSupportedFeatures;
    const { has } = prototype;
    prototype.has = function (/** @type {string} */ feature) { return feature !== "subgroups" && has.call(this, feature); };
  },
  "hardware": () => {
    Object.defineProperty(/** @type {any} */ (globalThis).GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });
  },
};

for (const [name, pretend] of Object.entries(ADAPTERS)) {
  test(`the kernels for ${name} compute what the CPU computes`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, "pkg/package.json", { before: (page) => page.addInitScript(`
      globalThis.broadcasts = 0;
      const { createShaderModule } = GPUDevice.prototype;
      GPUDevice.prototype.createShaderModule = function (descriptor) {
        if (descriptor.code.includes("subgroupBroadcast")) globalThis.broadcasts += 1;
        return createShaderModule.call(this, descriptor);
      };
      (${pretend})();`) });
    const { software, rejected, broadcasts, worst } = await page.evaluate(async (networks) => {
      const { default: init, Engine } = await import(new URL("pkg/convscope.js", location.origin).href);
      const { binary } = await import(new URL("pkg/binary.js", location.origin).href);
      await init({ module_or_path: binary });
      const [gpu, cpu] = [await Engine.create("webgpu"), await Engine.create("cpu", { threads: 1 })];
      /** @type {Record<string, number>} */
      const worst = {};
      for (const id of networks) {
        const input = Float32Array.from({ length: 3 * 224 * 224 }, (_, place) => Math.sin(place * 0.37));
        const logits = [];
        for (const engine of [gpu, cpu]) {
          await engine.loadRandom(id, 1);
          logits.push([...await engine.logits(id, input)]);
          engine.unload(id);
        }
        const most = Math.max(...logits[1].map(Math.abs));
        worst[id] = Math.max(...logits[0].map((logit, index) => Math.abs(logit - logits[1][index]))) / most;
      }
      return { software: gpu.device.software, rejected: await gpu.rejectedShaders(), broadcasts: /** @type {any} */ (globalThis).broadcasts, worst };
    }, NETWORKS);
    assert.equal(software, name !== "hardware");
    assert.equal(rejected, 0);
    assert.equal(broadcasts > 0, name.endsWith("other values"), `${broadcasts} shaders of threads that hand each other values`);
    for (const [id, off] of Object.entries(worst)) assert.ok(off < 1e-4, `${id} is off by ${off}`);
    await closeVisit(page);
  });
}
