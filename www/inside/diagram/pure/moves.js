// @ts-check
import { GAP } from "./sizes.js";
import { OUTSIDE, structureOf } from "./structure.js";

/**
 * Where the arrow keys lead: up and down along the lines of the graph, left and right to what stands beside.
 *
 * @typedef {import("./stack.js").Stack} Stack
 * @typedef {{ key: string, x: number, y: number, above: string[] }} Node x and y of its middle; above: the nodes that it reads
 * @typedef {"up" | "down" | "left" | "right" | "first" | "last"} Direction
 */

/** How far above or below a node may be that stands beside another one. */
const BESIDE = 80;

/** @param {string} name of a block */
export const blockKey = (name) => `block ${name}`;
/** @param {string} name of a layer */
export const layerKey = (name) => `layer ${name}`;

/**
 * What can be focused, in the order of the rows.
 * @param {Stack} stack
 * @param {number} titleHeight of a row
 * @returns {Node[]}
 */
export function nodesOf({ places }, titleHeight) {
  /** @type {Node[]} */
  const nodes = [];
  /** Of the line. @type {string[]} */
  let last = [];
  for (const { row, layout, x, y, left, width } of places) {
    const key = row.isBlock ? blockKey(row.name) : layerKey(row.name);
    nodes.push({ key, x: x + left + width / 2, y: y + titleHeight / 2, above: last });
    let end = key;
    if (layout) {
      structureOf(row.layers).forEach(({ reads }, place) => {
        const [nodeX, nodeY] = layout.nodes[place];
        const above = reads.map((read) => (read === OUTSIDE ? key : layerKey(row.layers[read].name)));
        nodes.push({ key: layerKey(row.layers[place].name), x: x + nodeX, y: y + titleHeight + GAP + nodeY, above });
      });
      end = layerKey(row.output.name);
    }
    if (!row.auxiliary) last = [end];
  }
  return nodes;
}

/**
 * @param {Node[]} nodes
 * @param {string} key
 * @param {Direction} direction
 * @returns {string} the key of the node that is reached; the same where there is none
 */
export function moveTo(nodes, key, direction) {
  const from = nodes.find((node) => node.key === key);
  if (direction === "first" || !from) return nodes[0].key;
  if (direction === "last") return nodes[nodes.length - 1].key;
  const aside = (/** @type {Node} */ { x }) => Math.abs(x - from.x);
  const nearest = (/** @type {Node[]} */ found, /** @type {(node: Node) => number} */ distance) => found.reduce((best, node) => (distance(node) < distance(best) ? node : best), found[0])?.key ?? key;
  if (direction === "up") return nearest(nodes.filter((node) => from.above.includes(node.key)), aside);
  if (direction === "down") return nearest(nodes.filter(({ above }) => above.includes(key)), aside);
  const sign = direction === "left" ? -1 : 1;
  const beside = nodes.filter(({ x, y }) => sign * (x - from.x) > 1 && Math.abs(y - from.y) <= BESIDE);
  return nearest(beside, (node) => aside(node) + 4 * Math.abs(node.y - from.y));
}
