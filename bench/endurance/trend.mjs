// @ts-check
/**
 * Whether something grows over time.
 *
 * @typedef {{ at: number, value: number }} Point
 * @typedef {{ slope: number, error: number }} Line the slope, and its standard error
 * @typedef {"flat" | "grows" | "undecided"} Verdict
 * @typedef {object} Trend
 * @property {number} first value after the warm-up
 * @property {number} last
 * @property {number} slope bytes for each thousand times
 * @property {number} error standard error of the slope
 * @property {number} hourly bytes that the slope makes in an hour of use
 * @property {Verdict} verdict
 */

/** Bytes that an hour of use may add: hardly more than one frame of a camera, and far from what makes a browser end a page. */
export const BOUND = 2_000_000;
/** Bytes by which a run may change in all: the browser compiles and drops code at times of its own. */
export const GRAIN = 32_000;
/** Shares of a run that are not counted: code is compiled and caches are filled in them. */
export const WARM_UP = 0.4;
/** With fewer points after the warm-up nothing is said. */
export const FEWEST = 10;

/**
 * By least squares.
 * @param {Point[]} points at least three, at two places or more
 * @returns {Line}
 */
export function line(points) {
  const count = points.length;
  const mean = (/** @type {(point: Point) => number} */ of) => points.reduce((sum, point) => sum + of(point), 0) / count;
  const [at, value] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0) / spread;
  const rest = points.reduce((sum, point) => sum + (point.value - value - slope * (point.at - at)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / (count - 2) / spread) };
}

/**
 * Flat or growing only where two standard errors of the slope do not change that.
 * @param {Line} line bytes each time
 * @param {number} hourly times in an hour of use
 * @returns {Verdict}
 */
export function verdictOf({ slope, error }, hourly) {
  if ((slope + 2 * error) * hourly <= BOUND) return "flat";
  return (slope - 2 * error) * hourly > BOUND ? "grows" : "undecided";
}

/**
 * @param {Point[]} points in order
 * @param {number} hourly times in an hour of use
 * @returns {Trend | null} null where there are too few points
 */
export function trendOf(points, hourly) {
  const counted = points.slice(Math.ceil(points.length * WARM_UP));
  if (counted.length < FEWEST) return null;
  const { slope, error } = line(counted);
  return {
    first: counted[0].value,
    last: counted[counted.length - 1].value,
    slope: slope * 1000,
    error: error * 1000,
    hourly: slope * hourly,
    verdict: Math.abs(slope) * (counted[counted.length - 1].at - counted[0].at) <= GRAIN ? "flat" : verdictOf({ slope, error }, hourly),
  };
}
