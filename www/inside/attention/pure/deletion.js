// @ts-check
import { percent } from "../../../pure/text.js";

/**
 * Deletion curves in words and as lines.
 *
 * @typedef {import("../../../../pkg/convscope.js").DeletionCurve} DeletionCurve
 */

/**
 * The share by which the area below the curve must be smaller than that of the random orders for the map to count as better.
 * The latter is a mean over few orders: with other seeds it came out up to a quarter higher or lower (EfficientNet-Lite0, the
 * sample photos).
 */
const CLEARLY = 0.25;
/** A probability that leaves nothing to be seen in its fall. */
const LITTLE = 0.02;

/**
 * @param {DeletionCurve} curve
 * @returns {boolean} whether the map finds what the network needs clearly better than chance does
 */
export const isBetterThanChance = ({ hottestArea, randomArea }) => hottestArea < randomArea * (1 - CLEARLY);

/**
 * @param {DeletionCurve} curve
 * @returns {string} what the curve says of the map
 */
export function verdictOf(curve) {
  const { hottest, hottestArea, randomArea } = curve;
  if (hottest[0] < LITTLE) return `The network gives this class a probability of only ${percent(hottest[0])}: too little for its fall to say anything about the map.`;
  const figures = `the mean probability is ${percent(hottestArea)} when the hottest squares go first, and ${percent(randomArea)} in random order`;
  if (hottestArea >= randomArea) return `This map does no better than chance here: do not trust it. While squares are blurred away, ${figures}.`;
  const less = Math.round((1 - hottestArea / randomArea) * 100);
  if (!isBetterThanChance(curve)) return `This map does hardly better than chance here: do not rely on it. While squares are blurred away, ${figures}, which is only ${less}\u00a0% less; random orders differ as much among themselves.`;
  return `This map finds what the network needs: while squares are blurred away, ${figures}, which is ${less}\u00a0% less.`;
}

/**
 * The points of a line in a rectangle.
 * @param {number[]} shares 0 to 1, from left to right
 * @param {number[]} values 0 to `top`, from the bottom up
 * @param {number} top
 * @param {{ left: number, top: number, width: number, height: number }} box
 * @returns {string} as SVG's polyline takes them
 */
export function linePoints(shares, values, top, box) {
  return shares.map((share, i) => `${(box.left + share * box.width).toFixed(1)},${(box.top + (1 - values[i] / top) * box.height).toFixed(1)}`).join(" ");
}

/**
 * The upper end of the chart's axis: the next tenth above all values.
 * @param {DeletionCurve} curve
 */
export const topOf = ({ hottest, random }) => Math.min(1, Math.max(0.1, Math.ceil(Math.max(...hottest, ...random) * 10) / 10));
