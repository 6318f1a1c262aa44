// Names beside points: on no other name, on no point, and where no place is left, away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf } from "../../www/compare/pure/labelPlaces.js";

const FRAME = { left: 0, top: 0, right: 600, bottom: 400 };
const label = (/** @type {number} */ x, /** @type {number} */ y, r = 6, width = 70) => ({ x, y, r, width, height: 14 });

/**
 * @param {import("../../www/compare/pure/labelPlaces.js").Box} a
 * @param {import("../../www/compare/pure/labelPlaces.js").Box} b
 */
const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** @param {ReturnType<typeof label>[]} labels */
function faultsOf(labels, texts = [], frame = FRAME) {
  const places = placesOf(labels, labels, texts, frame);
  const boxes = places.flatMap((place) => (place ? [place.box] : []));
  const faults = boxes.flatMap((box, i) => [...boxes.slice(i + 1), ...texts].filter((other) => overlap(box, other)).map(() => `name ${i} lies on another text`));
  for (const box of boxes) {
    if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) faults.push("a name leaves the frame");
    for (const { x, y, r } of labels) {
      const away = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
      if (away < r) faults.push("a name lies on a point");
    }
  }
  return { faults, missing: places.filter((place) => !place).length, places };
}

test("a lone name stands to the right of its point, at the right edge to its left", () => {
  const [place] = placesOf([label(100, 100)], [label(100, 100)], [], FRAME);
  assert.deepEqual([place?.box, place?.line], [{ left: 109, top: 93, right: 179, bottom: 107 }, null]);
  const [edge] = placesOf([label(590, 100)], [label(590, 100)], [], FRAME);
  assert.equal(edge?.box.right, 581);
});

test("names of points that lie close together part, and a line leads to those that are far", () => {
  const crowd = Array.from({ length: 12 }, (_, i) => label(300 + 9 * (i % 4), 200 + 9 * Math.floor(i / 4), 4));
  const { faults, missing, places } = faultsOf(crowd);
  assert.deepEqual(faults, []);
  assert.equal(missing, 0);
  const far = places.filter((place) => place?.line);
  assert.ok(far.length > 3, `${far.length} lines`);
  for (const [i, place] of places.entries()) {
    const line = place?.line;
    if (line) assert.ok(Math.abs(Math.hypot(line.fromX - crowd[i].x, line.fromY - crowd[i].y) - 4) < 1e-6, "the line begins at the edge of its point");
  }
});

test("large and small points, and texts that are there already, are left free", () => {
  const labels = [label(200, 200, 26), label(230, 210, 24), label(190, 230), label(205, 170), label(40, 200)];
  const axis = [{ left: 0, top: 190, right: 30, bottom: 210 }];
  const { faults, missing } = faultsOf(labels, axis);
  assert.deepEqual(faults, []);
  assert.equal(missing, 0);
});

test("the name of a point beside which another one lies does not stand as if it were that one's", () => {
  const labels = [label(200, 200), label(289, 200)]; // between the two there is just room for a name
  const [first, second] = placesOf(labels, labels, [], FRAME);
  assert.ok((first?.box.right ?? Infinity) < 200, "the left one's name stands to the left");
  assert.ok((second?.box.left ?? 0) > 289);
});

test("where there is no place, a name stays away and lies on nothing", () => {
  const many = Array.from({ length: 40 }, (_, i) => label(20 + (i % 8) * 9, 20 + Math.floor(i / 8) * 9, 4));
  const { faults, missing } = faultsOf(many, [], { left: 0, top: 0, right: 200, bottom: 100 });
  assert.deepEqual(faults, []);
  assert.ok(missing > 10 && missing < 40, `${missing} of 40`);
});
