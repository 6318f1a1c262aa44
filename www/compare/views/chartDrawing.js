// @ts-check
import { placesOf } from "../pure/labelPlaces.js";

/**
 * Draws a chart: its panels below one another in one picture, with names beside the points.
 *
 * @typedef {import("../pure/chartParts.js").Plot} Plot
 * @typedef {import("../pure/chartParts.js").Chart} Chart
 * @typedef {import("../pure/chartParts.js").Panel} Panel
 * @typedef {SVGSVGElement & import("@observablehq/plot").Plot} Drawn
 */

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {Plot} plot
 * @param {Chart} chart
 * @param {number} width
 * @param {number} font pixels
 */
export function drawingOf(plot, { panels, colours }, width, font) {
  const drawn = panels.map(({ options }) => {
    const color = colours.domain.length ? { ...colours } : options.color;
    return withoutStyle(/** @type {Drawn} */ (plot.plot({ ...options, ...(color && { color }), width, style: { fontSize: `${font}px`, overflow: "visible" }, className: "plot" })));
  });
  const heights = drawn.map((svg) => svg.viewBox.baseVal.height);
  const height = heights.reduce((sum, one) => sum + one, 0);
  const svg = /** @type {SVGSVGElement} */ (svgElement("svg", { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, "font-size": font }));
  drawn.forEach((panel, i) => {
    for (const name of ["class", "style"]) panel.removeAttribute(name);
    for (const [name, value] of Object.entries({ y: heights.slice(0, i).reduce((sum, one) => sum + one, 0), overflow: "visible", "font-size": font })) panel.setAttribute(name, String(value));
    svg.append(panel);
  });
  const legend = colours.domain.length > 1 ? [withoutStyle(plot.legend({ color: { type: "categorical", ...colours }, className: "plot" }))] : [];
  return { svg, legend, name: () => drawn.reduce((sum, panel, i) => sum + nameDots(panel, panels[i]), 0) };
}

/**
 * The page's content security policy forbids a library's own styles; compare.css has the rules instead.
 * @template {Element} T
 * @param {T} made
 */
function withoutStyle(made) {
  for (const style of made.querySelectorAll("style")) style.remove();
  return made;
}

/**
 * Writes the names beside the points of a panel that is on the page, where texts have a size.
 * @param {Drawn} svg
 * @param {Panel} panel
 * @returns {number} names for which there was no place
 */
function nameDots(svg, { dots }) {
  if (!dots.length) return 0;
  const [x, y, r] = /** @type {const} */ (["x", "y", "r"]).map((name) => svg.scale(name)?.apply ?? ((/** @type {number} */ value) => value));
  const placed = dots.map((dot) => ({ name: dot.name, x: x(dot.x), y: y(dot.y), r: r(dot.r) }));
  const texts = [...svg.querySelectorAll("text")].map(boxOf);
  const group = svg.appendChild(svgElement("g", { class: "labels", fill: "var(--ink)", "text-anchor": "start" }));
  const written = placed.filter(({ name }) => name).map((dot) => {
    const text = /** @type {SVGTextElement} */ (svgElement("text", { stroke: "var(--surface)", "stroke-width": 3, "paint-order": "stroke" }));
    text.textContent = dot.name;
    return { ...dot, text };
  });
  group.append(...written.map(({ text }) => text)); // all before any is measured: each measurement after a change lays the page out
  const labels = written.map((dot) => {
    const { width, height } = dot.text.getBBox();
    return { ...dot, width, height };
  });
  const { width, height } = svg.viewBox.baseVal;
  const places = placesOf(labels, placed, texts, { left: 0, top: 0, right: width, bottom: height });
  labels.forEach(({ text }, i) => {
    const place = places[i];
    if (!place) return text.remove();
    text.setAttribute("x", String(place.box.left));
    text.setAttribute("y", String(place.box.top));
    text.setAttribute("dominant-baseline", "text-before-edge");
    if (place.line) group.prepend(svgElement("line", { x1: place.line.fromX, y1: place.line.fromY, x2: place.line.toX, y2: place.line.toY, stroke: "var(--soft)" }));
  });
  return places.filter((place) => !place).length;
}

/**
 * @param {SVGTextElement} text that is not turned
 * @returns {import("../pure/labelPlaces.js").Box} in the panel's pixels
 */
function boxOf(text) {
  const { x, y, width, height } = text.getBBox();
  const { e = 0, f = 0 } = text.getCTM() ?? {};
  return { left: x + e, top: y + f, right: x + e + width, bottom: y + f + height };
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function svgElement(tag, attributes) {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
