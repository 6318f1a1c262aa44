// @ts-check
import { runtimes } from "./runtimes.mjs";

/**
 * What this project wants of itself, measured in one run.
 * @typedef {{ target: string, of: string, figure: string, met: boolean | null }} Verdict `met` is null where something was not measured
 * @typedef {import("./network.mjs").Result} Result
 * @typedef {import("./report.mjs").Results} Results
 */

/** Of the targets on speed, where they name no others. */
export const NETWORKS = ["resnet18", "resnet50", "vgg16", "googlenet", "alexnet", "efficientnet_lite0"];

/**
 * Of one runtime's warm median in that of the quickest of others.
 * @type {{ of: string, in: string[], most: number, on?: string[] }[]}
 */
const SPEED = [
  { of: "convscope-webgpu", in: ["burn-webgpu"], most: 0.25 },
  { of: "convscope-webgpu", in: ["ort-webgpu"], most: 0.15 },
  { of: "convscope-cpu", in: ["ort-wasm"], most: 1 },
  { of: "convscope-plain", in: ["ort-wasm"], most: 1 },
  { of: "convscope-cpu-threads", in: ["convscope-cpu"], most: 0.6, on: ["resnet50", "vgg16"] },
  { of: "convscope-int8", in: ["convscope-cpu"], most: 0.5, on: ["resnet50", "googlenet", "efficientnet_lite0", "mobilenet_v2"] },
  ...["", "-threads"].map((threads) => ({
    of: `convscope-int8${threads}`,
    in: [`litert-int8${threads}`],
    most: 0.9,
    on: ["resnet18", "resnet50", "mobilenet_v2", "efficientnet_lite0", "googlenet"],
  })),
  {
    of: "convscope-cpu-threads",
    in: ["litert-f32-threads", "ort-wasm-threads"],
    most: 0.7,
    on: ["resnet18", "resnet50", "mobilenet_v2", "efficientnet_lite0", "googlenet", "vgg16"],
  },
];
/** For names, also of those who do not race on this machine. */
const RUNTIMES = runtimes(2);
const FIRST = { medians: 2, more: 1500 };
/** Of logits, relative: beyond it an answer is wrong. */
export const DIFFERENCE = 1e-3;
/** Of logits in 8 bits: below it an answer is wrong. */
export const COSINE = 0.98;
const WASM_GZIPPED = 0.35e6;
const BESIDES = 2;

/**
 * @param {Results} results
 * @returns {Verdict[]}
 */
export function verdicts(results) {
  const raced = results.networks.filter(({ id }) => NETWORKS.includes(id));
  return [
    ...SPEED.flatMap((target) => results.networks.filter(({ id }) => (target.on ?? NETWORKS).includes(id)).map((network) => speed(network, target))),
    ...raced.map(firstInference),
    ...raced.map(exactness),
    ...results.networks.filter(({ photos }) => photos).map(samePhotos),
    gzipped(results),
    framePath(results),
    ...results.memory.map(memory),
  ];
}

/**
 * @param {Results["networks"][number]} network
 * @param {string} id
 */
const find = ({ results }, id) => results.find((result) => result.id === id);

/**
 * Ratio of warm medians, and of each round's, whose spread tells how far to trust it.
 * @param {Result | undefined} own
 * @param {Result | undefined} other
 */
export function ratio(own, other) {
  if (own?.median === undefined || other?.median === undefined) return null;
  const rounds = Math.min(own.rounds?.length ?? 0, other.rounds?.length ?? 0);
  const each = Array.from({ length: rounds }, (_, round) => (own.rounds?.[round] ?? NaN) / (other.rounds?.[round] ?? NaN));
  return { of: own.median / other.median, least: Math.min(...each), most: Math.max(...each) };
}

/** Is the time of a result that of a wrong answer? @param {Result} result */
export function isWrong({ difference, cosine, arithmetic }) {
  if (difference === undefined) return false;
  // What is no number is not above.
  return arithmetic === "f32" ? difference > DIFFERENCE : !((cosine ?? NaN) >= COSINE);
}

/**
 * @param {Results["networks"][number]} network
 * @param {typeof SPEED[number]} target
 * @returns {Verdict}
 */
function speed(network, { of, in: others, most }) {
  const own = find(network, of);
  const peers = others.map((id) => find(network, id));
  const quickest = peers.reduce((best, peer) => ((peer?.median ?? Infinity) < (best?.median ?? Infinity) ? peer : best), undefined);
  const found = ratio(own, quickest);
  const [name, ...rivals] = [of, ...others].map((id) => RUNTIMES.find((runtime) => runtime.id === id)?.name ?? id);
  const against = rivals.length > 1 ? `the quickest of ${rivals.join("; ")}` : rivals[0];
  const whose = rivals.length > 1 && quickest ? ` of ${quickest.name}` : "";
  const figure = found ? `${found.of.toFixed(3)}${whose} (${found.least.toFixed(3)} to ${found.most.toFixed(3)} in single rounds)` : absent(own, ...peers);
  return { target: `${name} ≤ ${most} × ${against}`, of: network.name, figure, met: found && found.of <= most };
}

/** Why there is no figure. @param {(Result | undefined)[]} results */
function absent(...results) {
  const failed = results.find((result) => result?.failed);
  return failed ? `${failed.name} failed: ${failed.failed?.why}` : "not measured";
}

/**
 * Shaders are compiled while a network is loaded, so that its time belongs to the first inference's.
 * @param {Results["networks"][number]} network
 * @returns {Verdict}
 */
function firstInference(network) {
  const target = `first inference on WebGPU, with load and compilation ≤ ${FIRST.medians.toFixed(1)} × warm median + ${FIRST.more / 1000} s`;
  const own = find(network, "convscope-webgpu");
  if (own?.first === undefined || own.load === undefined || own.median === undefined) {
    return { target, of: network.name, figure: absent(own), met: null };
  }
  const [found, most] = [own.load + own.first, FIRST.medians * own.median + FIRST.more];
  const figure = `load ${own.load.toFixed(0)} ms + first inference ${own.first.toFixed(0)} ms; the limit is ${most.toFixed(0)} ms`;
  return { target, of: network.name, figure, met: found <= most };
}

/**
 * @param {Results["networks"][number]} network
 * @returns {Verdict}
 */
function exactness(network) {
  const own = find(network, "convscope-webgpu");
  const difference = own?.difference;
  const figure = difference === undefined ? absent(own) : difference.toExponential(1);
  return { target: `logits on WebGPU within ${DIFFERENCE} of the CPU's`, of: network.name, figure, met: difference === undefined ? null : difference <= DIFFERENCE };
}

/**
 * @param {Results["networks"][number]} network
 * @returns {Verdict}
 */
function samePhotos({ name, photos }) {
  const same = photos?.filter(({ same }) => same).length ?? 0;
  return { target: "the same top 5 in the same order on WebGPU and CPU", of: name, figure: `${same} of ${photos?.length} photos`, met: same === photos?.length };
}

/**
 * @param {Results} results
 * @returns {Verdict}
 */
function gzipped({ build }) {
  const figure = `${(build.gzipped / 1e6).toFixed(3)} MB`;
  return { target: `wasm, gzipped ≤ ${WASM_GZIPPED / 1e6} MB`, of: "the larger of the two that the page loads", figure, met: build.gzipped <= WASM_GZIPPED };
}

/**
 * @param {Results} results
 * @returns {Verdict}
 */
function framePath({ frames }) {
  const target = `all of a 640 × 480 frame on the CPU that is not inference < ${BESIDES} ms`;
  const besides = frames?.besides;
  const figure = besides === undefined ? (frames?.failed ?? "not measured") : `${besides.toFixed(2)} ms (median)`;
  return { target, of: frames?.network ?? "–", figure, met: besides === undefined ? null : besides < BESIDES };
}

/**
 * @param {Results["memory"][number]} growth
 * @returns {Verdict}
 */
function memory({ what, name, times, first, last, failed }) {
  const target = `no growth of memory in ${times} ${what}`;
  if (!first || !last) return { target, of: name, figure: failed ?? "not measured", met: null };
  const figure = (/** @type {typeof first} */ { wasm, buffersNow }) =>
    `${(wasm / 1e6).toFixed(1)} MB${buffersNow ? ` and ${(buffersNow / 1e6).toFixed(1)} MB of device buffers` : ""}`;
  const met = last.wasm <= first.wasm && last.buffersNow <= first.buffersNow;
  return { target, of: name, figure: `${figure(first)} after the warm-up, ${figure(last)} after the last`, met };
}
