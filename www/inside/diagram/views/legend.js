// @ts-check
import { FAMILIES, familyOf } from "../pure/kinds.js";
import { MEASURES } from "../pure/measures.js";
import { element, make } from "../../../views/page.js";

/** @typedef {import("../pure/kinds.js").Family} Family */

const WORDS = { parameters: "Parameters", memory: "Memory of the output", time: "Time of one run" };

/**
 * What the colours stand for.
 * @param {import("../pure/measures.js").Measure} measure
 * @param {number} most the greatest value of a row
 * @param {import("../../../../pkg/convscope.js").Layer[]} layers of all networks that are shown
 */
export function showLegend(measure, most, layers) {
  const legend = element("diagram-legend", HTMLElement);
  if (measure === "kind") {
    const families = new Set(layers.map(({ kind }) => familyOf(kind)));
    const names = /** @type {[Family, string][]} */ (Object.entries(FAMILIES)).filter(([family]) => families.has(family));
    legend.replaceChildren(...names.map(([family, name]) => {
      const swatch = make("span", { className: "swatch" });
      swatch.dataset.family = family;
      return make("span", { className: "legend-kind" }, swatch, name);
    }));
  } else if (most > 0) {
    // Half of the strength is a quarter of the value: see strengthOf.
    const { text } = MEASURES[measure];
    const marks = [text(0), text(most / 4), text(most)].map((label) => make("span", { textContent: label }));
    legend.replaceChildren(make("span", { className: "legend-scale" }, make("span", { className: "legend-name", textContent: WORDS[measure] }), make("span", { className: "ramp" }), make("span", { className: "marks" }, ...marks)));
  } else {
    legend.replaceChildren();
  }
}
