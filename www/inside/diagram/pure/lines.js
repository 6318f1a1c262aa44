// @ts-check

/** The lines of the drawing as paths of SVG. */

const ROUNDING = 6;
const ARROW = { length: 6, half: 3.2 };

/**
 * A line with rounded corners.
 * @param {number[]} corners x and y in turn
 */
export function lineOf(corners) {
  const points = pairs(corners);
  let path = `M${points[0]}`;
  for (let index = 1; index < points.length - 1; index++) {
    const radius = Math.min(ROUNDING, distance(points[index - 1], points[index]) / 2, distance(points[index], points[index + 1]) / 2);
    path += `L${towards(points[index], points[index - 1], radius)}Q${points[index]} ${towards(points[index], points[index + 1], radius)}`;
  }
  return `${path}L${points[points.length - 1]}`;
}

/**
 * The arrow at the end of a line.
 * @param {number[]} corners
 */
export function arrowOf(corners) {
  const points = pairs(corners);
  const end = points[points.length - 1];
  const [x, y] = towards(end, points[points.length - 2], ARROW.length);
  const [alongX, alongY] = [(end[0] - x) / ARROW.length, (end[1] - y) / ARROW.length];
  return `M${end}L${[x - alongY * ARROW.half, y + alongX * ARROW.half]}L${[x + alongY * ARROW.half, y - alongX * ARROW.half]}Z`;
}

/** @param {number[]} corners @returns {[number, number][]} */
function pairs(corners) {
  return Array.from({ length: corners.length / 2 }, (_, index) => [corners[2 * index], corners[2 * index + 1]]);
}

/** @param {[number, number]} from @param {[number, number]} to */
const distance = (from, to) => Math.hypot(to[0] - from[0], to[1] - from[1]);

/** @param {[number, number]} from @param {[number, number]} to @param {number} length @returns {[number, number]} */
function towards(from, to, length) {
  const share = length / (distance(from, to) || 1);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
