// A result as another visitor would send it.
import { deflateRawSync } from "node:zlib";

const MACHINES = {
  cpu: { adapter: "WebAssembly SIMD, 1 thread", quicker: 1, floor: 0 },
  webgpu: { adapter: "a GPU made up for tests", quicker: 12, floor: 1.5 },
};
const SLOWER = 3; // burn's operations

/** Milliseconds on the CPU, parameters, multiply–accumulates, activations' bytes, accuracies. */
const NETWORKS = {
  lenet5: [0.3, 61_706, 416_520, 37_632, 99.4, null],
  alexnet: [60, 60_965_224, 723_705_728, 2_323_200, 57.1, 80.2],
  vgg16: [700, 138_357_544, 15_470_264_320, 25_690_112, 71.6, 90.4],
  resnet18: [90, 11_689_512, 1_814_073_344, 6_422_528, 69.8, 89.1],
  resnet50: [200, 25_557_032, 4_089_184_256, 9_633_792, 76.1, 92.9],
  efficientnet_lite0: [30, 4_652_008, 385_000_000, 4_816_896, 75.1, null],
};

/**
 * @param {"cpu" | "webgpu"} device
 * @param {"convscope" | "burn"} engine
 * @param {"f32" | "int8"} [arithmetic]
 */
const rowsOn = (device, engine, arithmetic = "f32") => Object.entries(NETWORKS).map(([network, [time, parameters, macs, activationBytes, top1, top5]]) => {
  const { adapter, quicker, floor } = MACHINES[device];
  const median = (time / quicker + floor) * (engine === "burn" ? SLOWER : 1) * (arithmetic === "int8" ? 0.5 : 1);
  return {
    network, variant: "q8", device, engine, f16: false, arithmetic, threads: 1, dot8: device === "cpu" && engine === "convscope", adapter, software: false, load: 40, first: 4 * median, runs: 60, batch: 1, median, low: 0.98 * median, high: 1.02 * median,
    p90: 1.15 * median, min: 0.95 * median, settled: true, ended: "settled within 3 %", preprocess: 0.4, framesPerSecond: 1000 / (median + 0.4), gmacPerSecond: macs / median / 1e6, macs, parameters,
    weightsBytes: parameters, activationBytes, top1, top5,
  };
});

export const SENT = {
  format: "convscope-benchmark", version: 4, date: "2026-11-24T10:30Z", convscope: "0.1.0", browser: "Edge 156", os: "Windows", clockStep: 0.1, slowdown: 1,
  hidden: false, cancelled: false, busy: false, secondsPerRow: 10, rows: [...rowsOn("cpu", "convscope"), ...rowsOn("webgpu", "convscope")],
};

/** With burn's rows beside ConvScope's. */
export const SENT_WITH_BURN = { ...SENT, rows: [...SENT.rows, ...rowsOn("cpu", "burn"), ...rowsOn("webgpu", "burn")] };

/** With rows of the CPU in 8-bit arithmetic beside the others. */
export const SENT_WITH_INT8 = { ...SENT, rows: [...SENT.rows, ...rowsOn("cpu", "convscope", "int8")] };

/** @param {unknown} value text, or what is to become JSON */
export const fragmentOf = (value) => `#result=${deflateRawSync(Buffer.from(typeof value === "string" ? value : JSON.stringify(value))).toString("base64url")}`;
