// @ts-check
import { followed, scaleFrom } from "./recent.js";
import { powerOfTen, short } from "./words.js";

/**
 * Scales of charts.
 *
 * @typedef {{ at: number, text: string }} Tick
 * @typedef {{ min: number, max: number, isLog: boolean, ticks: Tick[] }} Scale
 * @typedef {{ low: number, high: number }} Span whole powers of ten
 * @typedef {{ min: number, max: number }} Range
 * @typedef {Pick<import("../state.js").Run, "record" | "diverged">} Run
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
  return { min: Math.min(min, first * step), max: Math.max(max, last * step), isLog: false, ticks }; // nothing is left out by rounding
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
  return { min: isTight ? min : Math.min(min, Number(`1e${first}`)), max: isTight ? Math.max(max, min * 1.001) : Math.max(max, Number(`1e${last}`)), isLog: true, ticks };
}

/**
 * @param {number} steps
 * @param {boolean} isLog
 */
export const stepScale = (steps, isLog) => (isLog ? logScale(1, Math.max(steps, 10), true) : { ...linearScale(0, Math.max(steps, 10)), max: Math.max(steps, 10) });

/**
 * The least and the greatest of numbers; those that are not finite do not count.
 * @param {ArrayLike<number>} values
 * @returns {Range | null} null where there are none
 */
export function rangeOf(values) {
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (values[i] < min) min = values[i];
    if (values[i] > max) max = values[i];
  }
  return min > max ? null : { min, max };
}

/** @param {(Range | null)[]} ranges */
const rangeOfAll = (ranges) => rangeOf(ranges.flatMap((range) => (range ? [range.min, range.max] : [])));

const LEAST_LOSS = 1e-6; // on a logarithmic scale
const FLAT = 4; // a scale so many times as high as the recent losses leaves enough of it to them
const EXPLODED = 1000; // a loss that is so large grows by orders of magnitude; guessing among ten classes has 2.3

/**
 * A scale for the loss that follows the recent steps, so that neither an early spike nor a run that stopped long ago flattens
 * all that comes later. A loss that explodes has a logarithmic one.
 * @param {Run[]} runs
 * @param {boolean} isLog
 * @returns {Scale}
 */
export function lossScale(runs, isLog) {
  const from = scaleFrom(runs);
  const rangeAfter = (/** @type {number} */ step) => rangeOfAll(followed(runs).map(({ record }) => rangeOf(record.loss.subarray(record.columnAfter(step), record.columns))));
  const [recent, all] = [rangeAfter(from), rangeAfter(0)];
  const { min, max } = (recent && all && all.max <= FLAT * recent.max ? all : recent) ?? { min: 0, max: 3 };
  return isLog || max > EXPLODED ? logScale(Math.max(min, LEAST_LOSS), Math.max(max, 10 * LEAST_LOSS)) : linearScale(0, max);
}

const LEAST_SPAN = 4; // powers of ten

/**
 * The powers of ten between which all recent gradients lie.
 * @param {Run[]} runs
 * @returns {Span}
 */
export function gradientSpan(runs) {
  const from = scaleFrom(runs);
  const range = rangeOfAll(followed(runs).map(({ record: { norms, layers, columns }, record }) => rangeOf(norms.subarray(record.columnAfter(from) * layers, columns * layers))));
  if (!range) return { low: -LEAST_SPAN, high: 0 };
  const high = Math.ceil(range.max);
  return { low: Math.min(Math.floor(range.min), high - LEAST_SPAN), high };
}

const FENCE = 10; // times the quartile

/**
 * A linear range for values of which a few may be much larger than the others: it goes no further than ten times the upper
 * quartile of their sizes.
 * @param {number[]} values
 * @returns {Range} with 0 in it
 */
export function robustRange(values) {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).sort((a, b) => a - b);
  const limit = FENCE * (sizes[Math.floor((sizes.length - 1) * 0.75)] || Infinity);
  const { min, max } = rangeOf(finite.filter((value) => Math.abs(value) <= limit)) ?? { min: 0, max: 0 };
  return { min: Math.min(0, min), max: Math.max(0, max) };
}
