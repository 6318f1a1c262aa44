// @ts-check
import { element } from "../../../views/page.js";

/**
 * The row of tools above the diagram.
 *
 * @typedef {import("../pure/measures.js").Measure} Measure
 */

const STEP = 1.25;

/**
 * @param {object} calls
 * @param {(measure: Measure) => void} calls.onMeasure
 * @param {(open: boolean) => void} calls.onAll
 * @param {import("./zoom.js").OnZoom} calls.onZoom
 */
export function showTools({ onMeasure, onAll, onZoom }) {
  element("diagram-measures", HTMLFieldSetElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) onMeasure(/** @type {Measure} */ (target.value));
  });
  const clicks = { expand: () => onAll(true), collapse: () => onAll(false), smaller: () => onZoom(1 / STEP), larger: () => onZoom(STEP), fit: () => onZoom(0) };
  for (const [name, run] of Object.entries(clicks)) element(`diagram-${name}`, HTMLButtonElement).addEventListener("click", run);
}
