// @ts-check
/**
 * What is done, and how often.
 *
 * @typedef {object} Run
 * @property {"frames" | "loads" | "changes" | "switches"} kind
 * @property {string} where device, arithmetic and threads, in words
 * @property {"cpu" | "webgpu"} device of an engine
 * @property {string} network its id; of the switches the ids of all
 * @property {{ arithmetic: "f32" | "int8", threads: number }} options
 * @property {number} times
 *
 * @typedef {"hardware" | "software" | null} Gpu what computes WebGPU; null: nothing does
 */

/** Frames on each network. */
const FRAMES = { lenet5: 20_000, efficientnet_lite0: 2000 };
const LOADED = "efficientnet_lite0";
const LOADS = 20;
const CHANGES = 50;
/** At least 200, and so many that the page ends where it began. */
const SWITCHES = 204;
/** What `--short` does of all that. */
const SHORT = 0.01;

/** Times in an hour of use: a camera gives 30 frames a second, and nobody chooses anything else more often than each ten seconds. */
export const HOURLY = { frames: 30 * 3600, loads: 360, changes: 360, switches: 360 };

/**
 * @param {number} threads of the engines with several; 1 where the machine has one core
 * @param {Gpu} gpu
 * @param {boolean} short
 * @returns {Run[]}
 */
export function planOf(threads, gpu, short) {
  const counts = threads > 1 ? [1, threads] : [1];
  /** @type {Pick<Run, "where" | "device" | "options">[]} */
  const places = [
    ...counts.map((threads) => ({ where: `CPU, ${inWords(threads)}`, device: /** @type {const} */ ("cpu"), options: { arithmetic: /** @type {const} */ ("f32"), threads } })),
    ...counts.map((threads) => ({ where: `CPU, 8 bits, ${inWords(threads)}`, device: /** @type {const} */ ("cpu"), options: { arithmetic: /** @type {const} */ ("int8"), threads } })),
  ];
  if (gpu) places.push({ where: gpu === "software" ? "WebGPU in software" : "WebGPU", device: "webgpu", options: { arithmetic: "f32", threads: 1 } });
  const times = (/** @type {number} */ count) => (short ? Math.max(2, Math.round(count * SHORT)) : count);
  const frames = Object.keys(FRAMES).flatMap((id) => {
    const network = /** @type {keyof typeof FRAMES} */ (id);
    return places.map((place) => ({ kind: /** @type {const} */ ("frames"), ...place, network, times: times(FRAMES[network]) }));
  });
  const loads = places.map((place) => ({ kind: /** @type {const} */ ("loads"), ...place, network: LOADED, times: times(LOADS) }));
  const [first] = places;
  return [
    ...frames,
    ...loads,
    { kind: "changes", ...first, where: "CPU, one worker", network: LOADED, times: times(CHANGES) },
    { kind: "switches", ...first, where: gpu ? "the page, CPU and WebGPU" : "the page, CPU", network: SWITCHED.join(", "), times: times(SWITCHES) },
  ];
}

/** The networks between which the page is switched. */
export const SWITCHED = ["efficientnet_lite0", "lenet5", "squeezenet1_1"];

/**
 * The options of the engines that follow each other in one worker.
 * @param {number} threads
 * @returns {Run["options"][]}
 */
export function changesOf(threads) {
  const counts = threads > 1 ? [1, threads] : [1];
  return counts.flatMap((threads) => /** @type {const} */ (["f32", "int8"]).map((arithmetic) => ({ arithmetic, threads })));
}

/**
 * Where the page is after a number of switches: every second one changes the device, the others the network.
 * @param {number} done
 * @param {("cpu" | "webgpu")[]} devices
 * @returns {{ network: string, device: "cpu" | "webgpu" }}
 */
export function placeAfter(done, devices) {
  if (devices.length < 2) return { network: SWITCHED[done % SWITCHED.length], device: devices[0] };
  return { network: SWITCHED[Math.ceil(done / 2) % SWITCHED.length], device: devices[Math.floor(done / 2) % devices.length] };
}

/** After so many switches the page is where it was. @param {number} devices their number */
export const periodOf = (devices) => (devices < 2 ? SWITCHED.length : 2 * devices * SWITCHED.length);

/** @param {number} threads */
const inWords = (threads) => (threads === 1 ? "one thread" : `${threads} threads`);
