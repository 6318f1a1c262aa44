// ImageNet's validation pictures: their names, the list of their classes, and published accuracies beside measured ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedText, sideOf } from "../../www/compare/pure/published.js";
import { classesIn, numberOf } from "../../www/compare/pure/validation.js";

test("a picture is known by its number, wherever it lies and whatever its ending is", () => {
  for (const path of ["ILSVRC2012_val_00000293.JPEG", "val/ILSVRC2012_val_00000293.jpg", "n01440764/ILSVRC2012_val_00000293.JPEG", "val/ILSVRC2012_val_00000293_n01440764.JPEG", "ilsvrc2012_val_00000293.png"]) assert.equal(numberOf(path), 293, path);
  assert.equal(numberOf("ILSVRC2012_val_00050000.JPEG"), 50_000);
  for (const path of ["ILSVRC2012_val_00000000.JPEG", "ILSVRC2012_val_00050001.JPEG", "ILSVRC2012_val_293.JPEG", "ILSVRC2012_test_00000293.JPEG", "my_ILSVRC2012_val_00000293.JPEG", "ILSVRC2012_val_00000293", "ILSVRC2012_val_00000293.JPEG/1.jpg"]) assert.equal(numberOf(path), null, path);
});

test("the list has 16 bits for each picture, the lower 8 first; anything else is no list", () => {
  const bytes = new Uint8Array(100_000);
  bytes.set([231, 3], 2 * (293 - 1)); // 999
  const classOf = classesIn(bytes.buffer);
  assert.equal(classOf?.("val/ILSVRC2012_val_00000293.JPEG"), 999);
  assert.equal(classOf?.("val/ILSVRC2012_val_00050000.JPEG"), 0);
  assert.equal(classOf?.("val/293.JPEG"), null);
  assert.equal(classesIn(new ArrayBuffer(99_999)), null);
});

test("a published share is within the interval, above or below it", () => {
  assert.equal(sideOf(75.1, 37_550, 50_000), "within");
  assert.equal(sideOf(74.7, 37_550, 50_000), "below");
  assert.equal(sideOf(75.5, 37_550, 50_000), "above");
  assert.equal(sideOf(75.1, 3, 4), "within");
  assert.equal(sideOf(75.1, 0, 4), "above");
});

test("what agrees and what does not is said in one sentence for each share, with what would mislead", () => {
  const networks = [
    { name: "A", of: 1000, top1: 750, top5: 920, published: { top1: 75.1, top5: null } },
    { name: "B", of: 1000, top1: 600, top5: 800, published: { top1: 69.8, top5: 89.1 } },
    { name: "C", of: 1000, top1: 760, top5: 930, published: { top1: 76.1, top5: 92.9 } },
    { name: "D", of: 1000, top1: 900, top5: 930, published: { top1: 57.1, top5: 92.9 } },
  ];
  const text = publishedText(networks);
  assert.ok(text.startsWith("The published top-1 is within the 95 % interval of what was measured for A and C, and above the 95 % interval of what was measured for B, and below the 95 % interval of what was measured for D. The published top-5 is within the 95 % interval of what was measured for C and D, and above the 95 % interval of what was measured for B. Published figures are of all 50,000 pictures, of weights in single precision, "), text);
  assert.match(text, / 1,000 of these pictures were seen: the interval allows for chance, .*, but not for a folder that has only some of the classes\.$/);
  assert.match(publishedText([{ ...networks[0], of: 50_000, top1: 37_550 }]), / Published figures are of the same 50,000 pictures, .* from source to source\.$/);
  assert.equal(publishedText([]), "");
  assert.equal(publishedText([{ ...networks[0], published: { top1: null, top5: null } }]), "");
});
