// @ts-check

/**
 * Where the names of points stand: beside them, on no other text and on no point.
 *
 * @typedef {{ x: number, y: number, r: number }} Dot in pixels
 * @typedef {Dot & { width: number, height: number }} Label its point, and how large its text is
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box
 * @typedef {{ fromX: number, fromY: number, toX: number, toY: number }} Line from the edge of a point to its name
 * @typedef {{ box: Box, line: Line | null, cost: number }} Place line: where the name stands too far away to be understood without
 */

/** Pixels between a point and its name, from near to far. */
const GAPS = [3, 9, 18, 30, 45, 64, 88, 120];
const FAR = 9; // pixels of a gap from which on a line leads to the point

/** Directions from a point to its name, the preferred first. */
const DIRECTIONS = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1], [0.5, -1], [-0.5, -1], [0.5, 1], [-0.5, 1]];

const BETWEEN = 2; // pixels between two names

// What a place costs besides its gap, in pixels of gap that are better than it:
const MISTAKEN = 20; // another point is as near, and the name might be taken for its
const NEAR = 2; // pixels that make no difference to that
const CROSSING = 15; // for each point that the line crosses
const TURNED = 0.4; // for each direction that is preferred

/**
 * The names with the fewest good places come first. A name for which there is no place stays away.
 * @param {Label[]} labels
 * @param {Dot[]} dots all points, those of the labels too
 * @param {Box[]} texts that are there already
 * @param {Box} frame in which the names must stay
 * @returns {(Place | null)[]} in the order of the labels
 */
export function placesOf(labels, dots, texts, frame) {
  const free = labels.map((label) => candidates(label, dots).filter(({ box }) => isInside(box, frame) && !texts.some((text) => touch(box, text)) && dots.every((dot) => distance(box, dot) >= 0)));
  const good = free.map((places) => places.filter(({ cost }) => cost < MISTAKEN).length);
  const order = labels.map((_, i) => i).sort((a, b) => good[a] - good[b]);
  /** @type {(Place | null)[]} */
  const found = labels.map(() => null);
  for (const i of order) found[i] = free[i].find(({ box }) => !found.some((other) => other && touch(box, other.box))) ?? null;
  return found;
}

/**
 * @param {Label} label
 * @param {Dot[]} dots
 * @returns {Place[]} the best first
 */
function candidates({ x, y, r, width, height }, dots) {
  const others = dots.filter((dot) => dot.x !== x || dot.y !== y);
  const places = GAPS.flatMap((gap) => DIRECTIONS.map(([across, down], i) => {
    const slant = across && down ? Math.SQRT1_2 : 1;
    const left = x - width / 2 + across * (slant * (r + gap) + width / 2);
    const top = y - height / 2 + down * (slant * (r + gap) + height / 2);
    const box = { left, top, right: left + width, bottom: top + height };
    const line = gap < FAR ? null : lineTo(box, { x, y, r });
    const isMistaken = others.some((dot) => distance(box, dot) <= distance(box, { x, y, r }) + NEAR);
    const crossed = line ? others.filter((dot) => crosses(line, dot)).length : 0;
    return { box, line, cost: gap + i * TURNED + (isMistaken ? MISTAKEN : 0) + crossed * CROSSING };
  }));
  return places.sort((a, b) => a.cost - b.cost);
}

/**
 * @param {Box} box
 * @param {Dot} dot
 * @returns {Line}
 */
function lineTo({ left, top, right, bottom }, { x, y, r }) {
  const [toX, toY] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
  const share = r / Math.hypot(toX - x, toY - y);
  return { fromX: x + share * (toX - x), fromY: y + share * (toY - y), toX, toY };
}

/**
 * @param {Line} line
 * @param {Dot} dot
 */
function crosses({ fromX, fromY, toX, toY }, { x, y, r }) {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const along = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(fromX + along * dx - x, fromY + along * dy - y) < r;
}

/**
 * @param {Box} box
 * @param {Box} frame
 */
const isInside = (box, frame) => box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;

/**
 * @param {Box} box
 * @param {Dot} dot
 * @returns {number} pixels between the two; less than 0 where they overlap
 */
function distance({ left, top, right, bottom }, { x, y, r }) {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)) - r;
}

/**
 * @param {Box} a
 * @param {Box} b
 */
const touch = (a, b) => a.left < b.right + BETWEEN && b.left < a.right + BETWEEN && a.top < b.bottom && b.top < a.bottom;
