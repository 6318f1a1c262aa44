// @ts-check
import { powerOfTen, short } from "./words.js";

/**
 * Scales of charts, and which of many columns are drawn.
 *
 * @typedef {{ at: number, text: string }} Tick
 * @typedef {{ min: number, max: number, isLog: boolean, ticks: Tick[] }} Scale
 * @typedef {{ x: number, y: number }} Point
 * @typedef {Pick<import("../record.js").RunRecord, "columns" | "steps" | "stride" | "layers" | "loss" | "accuracy" | "norms" | "stepOf">} RunRecord
 */

/**
 * Where a value lies on a scale: 0 to 1, and beyond where the scale leaves it out.
 * @param {Scale} scale
 * @param {number} value
 */
export function place({ min, max, isLog }, value) {
  if (!isLog) return (value - min) / (max - min);
  return (Math.log10(value) - Math.log10(min)) / (Math.log10(max) - Math.log10(min));
}

/**
 * @param {number} min
 * @param {number} max
 * @param {number} [wanted] how many ticks, about
 * @returns {Scale} with round numbers at both ends
 */
export function linearScale(min, max, wanted = 4) {
  const span = max - min || Math.abs(max) || 1;
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  const [first, last] = [Math.floor(min / step + 1e-9), Math.max(Math.ceil(max / step - 1e-9), Math.floor(min / step + 1e-9) + 1)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => ({ at: (first + i) * step, text: short(Number(((first + i) * step).toPrecision(12))) }));
  return { min: first * step, max: last * step, isLog: false, ticks };
}

const MOST_DECADES = 6; // with a number each

/**
 * @param {number} min greater than 0
 * @param {number} max
 * @param {boolean} [isTight] ends at the values themselves and not at powers of ten
 * @returns {Scale}
 */
export function logScale(min, max, isTight = false) {
  const first = isTight ? Math.ceil(Math.log10(min) - 1e-9) : Math.floor(Math.log10(min) + 1e-9);
  const last = isTight ? Math.floor(Math.log10(max) + 1e-9) : Math.max(Math.ceil(Math.log10(max) - 1e-9), first + 1);
  const every = Math.max(1, Math.ceil((last - first) / MOST_DECADES));
  const ticks = [];
  for (let exponent = Math.ceil(first / every) * every; exponent <= last; exponent += every) {
    ticks.push({ at: 10 ** exponent, text: Math.abs(exponent) <= 3 ? short(10 ** exponent) : powerOfTen(exponent) });
  }
  return { min: isTight ? min : Number(`1e${first}`), max: isTight ? Math.max(max, min * 1.001) : Number(`1e${last}`), isLog: true, ticks };
}

/**
 * @param {number} steps
 * @param {boolean} isLog
 */
export const stepScale = (steps, isLog) => (isLog ? logScale(1, Math.max(steps, 10), true) : { ...linearScale(0, Math.max(steps, 10)), max: Math.max(steps, 10) });

const RECENT = 0.5; // of the steps
const FEWEST = 20; // steps

/**
 * The first of a run's recent columns, which scales follow.
 * @param {RunRecord} record
 * @param {number} steps of which the later ones are recent
 */
function recentFrom({ columns, stride }, steps) {
  const since = Math.max(0, Math.min(Math.floor(steps * RECENT), steps - FEWEST));
  return Math.min(Math.floor(since / stride), columns);
}

/** @param {RunRecord[]} records */
const mostSteps = (records) => Math.max(0, ...records.map(({ steps }) => steps));

/**
 * @param {Float32Array} values
 * @param {number} from
 * @param {number} to
 * @param {{ min: number, max: number }} range that grows by the finite ones
 */
function widen(values, from, to, range) {
  for (let i = from; i < to; i++) {
    if (!Number.isFinite(values[i])) continue;
    range.min = Math.min(range.min, values[i]);
    range.max = Math.max(range.max, values[i]);
  }
}

const nothing = () => ({ min: Infinity, max: -Infinity });

const FLAT = 4; // a scale so many times as high as the recent losses leaves enough of it to them
const EXPLODED = 1000; // a loss that is so large grows by orders of magnitude; guessing among ten classes has 2.3

/**
 * A scale for the loss that follows the recent steps, so that neither an early spike nor a run that has stopped flattens all
 * that comes later. A loss that explodes gets a logarithmic one.
 * @param {RunRecord[]} records
 * @param {boolean} isLog
 * @returns {{ scale: Scale, left: import("./words.js").Left | null }} left: the steps that lie outside
 */
export function lossScale(records, isLog) {
  const steps = mostSteps(records);
  const [recent, all] = [nothing(), nothing()];
  for (const record of records) {
    widen(record.loss, recentFrom(record, steps), record.columns, recent);
    widen(record.loss, 0, record.columns, all);
  }
  if (recent.min > recent.max) Object.assign(recent, { min: 0, max: 3 });
  const { min, max } = all.max <= FLAT * recent.max ? all : recent;
  const scale = isLog || max > EXPLODED ? logScale(Math.max(min, 1e-6), Math.max(max, 1e-5)) : linearScale(0, max);
  return { scale, left: leftOut(records, scale) };
}

/**
 * @param {RunRecord[]} records
 * @param {Scale} scale
 */
function leftOut(records, { min, max }) {
  const left = { above: 0, below: 0, from: Infinity, to: 0, most: -Infinity };
  for (const record of records) {
    for (let i = 0; i < record.columns; i++) {
      const value = record.loss[i];
      if (!(value > max || value < min)) continue;
      if (value > max) left.above += 1;
      else left.below += 1;
      left.from = Math.min(left.from, record.stepOf(i));
      left.to = Math.max(left.to, record.stepOf(i));
      left.most = Math.max(left.most, value);
    }
  }
  return left.above + left.below ? left : null;
}

const LEAST_SPAN = 4; // powers of ten
const MOST_SPAN = 16;

/**
 * The powers of ten between which the last gradients of each run lie, also of one that has stopped. If those are too many,
 * the run that has come furthest is shown.
 * @param {RunRecord[]} records
 * @returns {{ low: number, high: number }} whole numbers
 */
export function gradientSpan(records) {
  const steps = mostSteps(records);
  const [all, furthest] = [nothing(), nothing()];
  for (const record of records) {
    const [from, to] = [recentFrom(record, record.steps), record.columns].map((column) => column * record.layers);
    widen(record.norms, from, to, all);
    if (record.steps === steps) widen(record.norms, from, to, furthest);
  }
  if (all.min > all.max) return { low: -4, high: 0 };
  const top = furthest.min > furthest.max ? all.max : furthest.max;
  const low = Math.max(Math.floor(all.min), Math.ceil(top) - MOST_SPAN);
  const high = Math.min(Math.ceil(all.max), low + MOST_SPAN);
  return { low: Math.min(low, high - LEAST_SPAN), high };
}

/**
 * Which of the numbers lie outside of a span.
 * @param {ArrayLike<number>} norms logarithms
 * @param {{ low: number, high: number }} span
 * @returns {{ below: boolean, above: boolean }}
 */
export function outside(norms, { low, high }) {
  const found = { below: false, above: false };
  for (let i = 0; i < norms.length; i++) {
    if (norms[i] > high) found.above = true;
    else if (norms[i] < low && norms[i] !== -Infinity) found.below = true; // exactly zero has a colour of its own
  }
  return found;
}

/**
 * One point for each pixel: the mean of the points that share it.
 * @param {Point[]} points in the order of x, in pixels
 * @returns {Point[]}
 */
export function onePerPixel(points) {
  /** @type {Point[]} */
  const kept = [];
  let count = 0;
  for (const { x, y } of points) {
    const last = kept.at(-1);
    if (last && Math.round(last.x) === Math.round(x)) {
      count += 1;
      last.y += (y - last.y) / count;
    } else {
      kept.push({ x, y });
      count = 1;
    }
  }
  return kept;
}

/**
 * @param {ArrayLike<number>} values
 * @param {number} count of them
 * @param {number} most that are kept
 * @returns {{ index: number, value: number }[]} means of neighbours, each with the index of the last one
 */
export function thinned(values, count, most) {
  const every = Math.max(1, Math.ceil(count / most));
  const kept = [];
  for (let from = 0; from < count; from += every) {
    const to = Math.min(from + every, count);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i];
    kept.push({ index: to - 1, value: sum / (to - from) });
  }
  return kept;
}

const SMOOTH = 15; // steps

/**
 * A running mean, in which a step counts less the longer ago it was.
 * @param {ArrayLike<number>} values
 * @param {number} count of them
 * @param {number} stride steps of a value
 */
export function smoothed(values, count, stride) {
  const share = 1 - Math.exp(-stride / SMOOTH);
  const smooth = new Float32Array(count);
  let mean = NaN;
  for (let i = 0; i < count; i++) {
    const weight = Math.max(share, 1 / (i + 1)); // a plain mean at the beginning
    if (Number.isFinite(values[i])) mean = Number.isNaN(mean) ? values[i] : mean + (values[i] - mean) * weight;
    smooth[i] = mean;
  }
  return smooth;
}

/**
 * The columns of a record as the columns of a picture: the mean of those that share one.
 * @param {RunRecord} record
 * @param {number} most columns of the picture
 * @returns {{ columns: number, values: Float32Array }} column after column
 */
export function decimated({ columns, layers, norms }, most) {
  const wide = Math.min(columns, most);
  const values = new Float32Array(wide * layers);
  for (let column = 0; column < wide; column++) {
    const [from, to] = [Math.floor((column * columns) / wide), Math.floor(((column + 1) * columns) / wide)];
    for (let layer = 0; layer < layers; layer++) {
      let sum = 0;
      let count = 0;
      for (let i = from; i < to; i++) {
        const value = norms[i * layers + layer];
        if (!Number.isFinite(value)) continue;
        sum += value;
        count += 1;
      }
      values[column * layers + layer] = count ? sum / count : norms[from * layers + layer];
    }
  }
  return { columns: wide, values };
}
