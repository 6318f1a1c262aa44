// @ts-check
import { FAMILIES, familyOf, shapeText, shortName } from "../pure/kinds.js";
import { arrowOf, lineOf } from "../pure/lines.js";
import { MEASURES, strengthOf, sumOf } from "../pure/measures.js";
import { GAP, ROW } from "../pure/sizes.js";
import { SIGNS } from "../pure/structure.js";
import { spokenOf } from "../pure/titles.js";
import { draw } from "./svg.js";

/**
 * The nodes of the diagram: rows, and the layers within an open block.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../pure/measures.js").Measure} Measure
 * @typedef {import("../pure/measures.js").Times} Times
 * @typedef {import("../pure/stack.js").Place} Place
 * @typedef {import("../pure/titles.js").Titles} Titles
 * @typedef {{ measure: Measure, times: Times, most: number }} Colouring most: the greatest value of a row
 */

/** A closed block shows that more is behind it. */
const BEHIND = 4;
const INSET = 12;
const METER = 4;

/**
 * Fills the group of a row.
 * @param {SVGGElement} group
 * @param {Place} place
 * @param {Titles} titles
 * @param {Colouring} colouring
 */
export function fillRow(group, { row, layout, left, width, height }, titles, colouring) {
  const isOpen = layout !== null;
  const [layer] = row.layers;
  /** @type {SVGElement[]} */
  const parts = [];
  if (isOpen) parts.push(draw("rect", { class: "frame", x: left, width, height, rx: 8 }));
  else if (row.isBlock) parts.push(draw("rect", { class: "behind", x: left + BEHIND, y: BEHIND, width, height, rx: 6 }));
  const box = draw("rect", { class: "box", x: left, width, height: ROW.height, rx: 6 });
  const chevron = row.isBlock ? 16 : 0;
  const title = draw("g", { class: "title" }, box);
  if (row.isBlock) title.append(draw("path", { class: "chevron", d: isOpen ? `M${left + INSET} 15l4 4 4-4` : `M${left + INSET + 2} 13l4 4-4 4` }));
  title.append(
    draw("text", { class: "name", x: left + INSET + chevron, y: 19 }, titles.title),
    draw("text", { class: "shape", x: left + width - INSET, y: 19 }, titles.shape),
    draw("text", { class: "place", x: left + INSET, y: 34.5 }, titles.place),
    ...meterOf(row.layers, colouring, { x: left + INSET, y: ROW.height - METER - 2, width: width - 2 * INSET }),
  );
  const value = valueOf(row.layers, colouring);
  if (value) title.append(draw("text", { class: "value", x: left + width - INSET, y: 34.5 }, value));
  paint(title, row.layers, colouring);
  parts.push(title);
  if (layout) parts.push(contentsOf(row.layers, layout, colouring));
  group.replaceChildren(...parts);
  Object.assign(group.dataset, row.isBlock ? { block: row.name } : { layer: layer.name });
  group.setAttribute("aria-label", [titles.spoken, value].filter(Boolean).join(", "));
  if (row.isBlock) group.setAttribute("aria-expanded", String(isOpen));
}

/**
 * @param {Layer[]} layers of an open block
 * @param {import("../pure/stack.js").Layout} layout
 * @param {Colouring} colouring
 */
function contentsOf(layers, { nodes, edges }, colouring) {
  return draw(
    "g",
    { role: "group", transform: `translate(0 ${ROW.height + GAP})` },
    draw("path", { class: "line", d: edges.map(lineOf).join("") }),
    draw("path", { class: "arrow", d: edges.map(arrowOf).join("") }),
    ...layers.map((layer, index) => nodeOf(layer, nodes[index], colouring)),
  );
}

/**
 * @param {Layer} layer
 * @param {[x: number, y: number, width: number, height: number]} place
 * @param {Colouring} colouring
 */
function nodeOf(layer, [x, y, width, height], colouring) {
  const value = valueOf([layer], colouring);
  const group = draw("g", { class: "node", role: "treeitem", "aria-level": 2, tabindex: -1, transform: `translate(${x} ${y})`, "aria-label": [spokenOf(layer), value].filter(Boolean).join(", ") });
  group.dataset.layer = layer.name;
  const sign = SIGNS[layer.kind];
  if (sign) {
    group.append(draw("circle", { class: "box", r: width / 2 }), draw("text", { class: "sign", y: 5.5 }, sign));
  } else {
    const [left, top] = [-width / 2, -height / 2];
    const isFlat = height < 36;
    group.append(
      draw("rect", { class: "box", x: left, y: top, width, height, rx: 5 }),
      draw("text", { class: "name", y: isFlat ? 2 : top + 17 }, isFlat ? `${shortName(layer)} · ${shapeText(layer.outputShape)}` : shortName(layer)),
      ...(isFlat ? [] : [draw("text", { class: "shape", y: top + 31 }, value || shapeText(layer.outputShape))]),
      ...meterOf([layer], colouring, { x: left + 6, y: top + height - METER - 2, width: width - 12 }),
    );
  }
  paint(group, [layer], colouring);
  return group;
}

/**
 * The family of a layer, or how much of the measured there is.
 * @param {SVGElement} target
 * @param {Layer[]} layers
 * @param {Colouring} colouring
 */
function paint(target, layers, { measure, times, most }) {
  if (measure !== "kind") target.style.setProperty("--strength", `${Math.round(45 * strengthOf(sumOf(layers, measure, times), most))}%`);
  else if (layers.length === 1) target.dataset.family = familyOf(layers[0].kind);
}

/**
 * @param {Layer[]} layers
 * @param {Colouring} colouring
 */
function valueOf(layers, { measure, times }) {
  if (measure === "kind") return "";
  if (measure === "time" && !layers.some(({ name }) => times.has(name))) return "";
  return MEASURES[measure].text(sumOf(layers, measure, times));
}

/**
 * A strip at the lower edge: the families of a block's layers one after the other, or a bar as long as the value.
 * @param {Layer[]} layers
 * @param {Colouring} colouring
 * @param {{ x: number, y: number, width: number }} strip
 */
function meterOf(layers, { measure, times, most }, { x, y, width }) {
  if (measure !== "kind") {
    const share = most > 0 ? sumOf(layers, measure, times) / most : 0;
    return [draw("rect", { class: "track", x, y, width, height: METER, rx: METER / 2 }), draw("rect", { class: "bar", x, y, width: width * share, height: METER, rx: METER / 2 })];
  }
  if (layers.length === 1) return [];
  const step = width / layers.length;
  return /** @type {import("../pure/kinds.js").Family[]} */ (Object.keys(FAMILIES)).flatMap((family) => {
    const path = layers.map(({ kind }, index) => (familyOf(kind) === family ? `M${x + index * step} ${y + METER / 2}h${step - 2}` : "")).join("");
    if (!path) return [];
    const tick = draw("path", { class: "tick", d: path, "stroke-width": METER });
    tick.dataset.family = family;
    return [tick];
  });
}
