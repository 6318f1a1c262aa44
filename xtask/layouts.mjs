// The layouts of the kinds of blocks, for the page's diagram: node xtask/layouts.mjs PACKAGE DAGRE FILE STAMP
//
// Asks the engine in the folder PACKAGE for the layers of all networks, lays each kind of block out with dagre, whose module is the
// file DAGRE, and writes FILE. STAMP, which says what the file was made of, is kept in it.
import { readFile, rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rowsOf } from "../www/inside/diagram/pure/blocks.js";
import { BETWEEN } from "../www/inside/diagram/pure/sizes.js";
import { OUTSIDE, SIGNS, signatureOf, sizeOf, structureOf } from "../www/inside/diagram/pure/structure.js";

/** How much straighter the line through a block is than the branches beside it. */
const STRAIGHT = 20;

/**
 * The layers of all networks, by id.
 * @param {string} folder of the engine's package
 */
export async function allLayers(folder) {
  const { Engine, initSync } = await import(pathToFileURL(resolve(folder, "convscope.js")).href);
  initSync({ module: await readFile(resolve(folder, "convscope_bg.wasm")) });
  return Object.fromEntries(Engine.cards().map(({ id }) => [id, Engine.layers(id)]));
}

/**
 * @param {any[]} layers of a block
 * @param {typeof import("@dagrejs/dagre")} dagre
 * @returns {import("../www/inside/diagram/pure/stack.js").Layout}
 */
export function layOut(layers, { Graph, layout }) {
  const structure = structureOf(layers);
  const line = lineThrough(structure);
  // dagre puts a layer in the middle of its neighbours, unless it is told to align all of them at one side.
  const align = line.size ? { align: "UL" } : {};
  const graph = new Graph().setGraph({ rankdir: "TB", ranksep: BETWEEN.ranks, nodesep: BETWEEN.branches, edgesep: BETWEEN.branches, ...align });
  graph.setNode(String(OUTSIDE), { width: 1, height: 1 });
  structure.forEach(({ kind }, place) => graph.setNode(String(place), { ...sizeOf(kind) }));
  structure.forEach(({ reads }, place) => reads.forEach((read) => graph.setEdge(String(read), String(place), { weight: line.has(`${read} ${place}`) ? STRAIGHT : 1 })));
  layout(graph);
  straighten(structure, graph, line);

  const origin = { x: graph.node(String(OUTSIDE)).x, y: Math.min(...structure.map((_, place) => top(graph.node(String(place))))) };
  const side = isReversed(structure, graph, origin.x) ? -1 : 1;
  const moved = (/** @type {any} */ { x, y, width = 0, height = 0 }) => ({ x: side * (x - origin.x), y: y - origin.y, width, height });
  const nodes = structure.map((_, place) => moved(graph.node(String(place))));
  structure.forEach(({ kind, reads }, place) => {
    if (kind === "concatenation") span(nodes[place], reads.map((read) => nodes[read]));
  });
  const ranks = [...new Set(nodes.map(({ y }) => y))].map((y) => ({ y, height: Math.max(...nodes.filter((node) => node.y === y).map(({ height }) => height)) }));
  const edges = structure.flatMap(({ kind, reads }, place) => reads.map((read) => {
    const from = read === OUTSIDE ? { x: 0, y: -BETWEEN.ranks, width: 0, height: 0 } : nodes[read];
    const bends = graph.edge(String(read), String(place)).points.slice(1, -1).map(moved);
    return corners(from, bends, nodes[place], kind, ranks);
  }));
  const xs = [...nodes.flatMap(({ x, width }) => [x - width / 2, x + width / 2]), ...edges.flatMap((edge) => edge.filter((_, place) => place % 2 === 0))];
  const last = nodes[nodes.length - 1];
  return {
    nodes: nodes.map(({ x, y, width, height }) => [round(x), round(y), round(width), round(height)]),
    edges: edges.map((edge) => edge.map(round)),
    extent: [round(Math.min(...xs)), round(Math.max(...xs))],
    height: round(Math.max(...nodes.map((node) => node.y + node.height / 2))),
    out: round(last.x),
  };
}

/**
 * The edges that are drawn in one straight line: from the last layer back along what each reads first. A concatenation has no first.
 * @param {import("../www/inside/diagram/pure/structure.js").Structure} structure
 */
function lineThrough(structure) {
  const line = new Set();
  for (let place = structure.length - 1; place !== OUTSIDE && structure[place].kind !== "concatenation"; place = structure[place].reads[0]) line.add(`${structure[place].reads[0]} ${place}`);
  return line;
}

/**
 * Puts what comes in and the circles, each alone at its height, on the line through the block, so that shortcuts go around it.
 * @param {import("../www/inside/diagram/pure/structure.js").Structure} structure
 * @param {any} graph
 * @param {Set<string>} line
 */
function straighten(structure, graph, line) {
  const onLine = [...line].map((edge) => graph.node(edge.split(" ")[1]));
  const isCircle = (/** @type {any} */ node) => structure.some(({ kind }, place) => kind in SIGNS && graph.node(String(place)) === node);
  const straight = onLine.find((node) => !isCircle(node));
  if (straight) for (const node of [graph.node(String(OUTSIDE)), ...onLine.filter(isCircle)]) node.x = straight.x;
}

/**
 * Whether to exchange left and right: branches come in their order from the left, and what goes around the line goes at its right.
 * @param {import("../www/inside/diagram/pure/structure.js").Structure} structure
 * @param {any} graph
 * @param {number} line x
 */
function isReversed(structure, graph, line) {
  const { kind, reads } = structure[structure.length - 1];
  if (kind === "concatenation") return graph.node(String(reads[0])).x > graph.node(String(reads[reads.length - 1])).x;
  const beside = graph.edges().flatMap((/** @type {any} */ edge) => graph.edge(edge).points.map((/** @type {any} */ { x }) => x - line));
  return Math.min(...beside) + Math.max(...beside) < 0;
}

const top = (/** @type {any} */ { y, height }) => y - height / 2;
const round = (/** @type {number} */ value) => Math.round(value * 10) / 10 + 0;

/** Makes a concatenation as wide as what it joins. @param {any} node @param {any[]} joined */
function span(node, joined) {
  const left = Math.min(...joined.map(({ x, width }) => x - width / 2));
  const right = Math.max(...joined.map(({ x, width }) => x + width / 2));
  Object.assign(node, { x: (left + right) / 2, width: right - left });
}

/**
 * An edge as horizontal and vertical lines. It changes its column above the layer, or above the rank, that it goes to; into a circle
 * it goes from the side, where it does not come from straight above.
 * @param {any} from
 * @param {any[]} bends where it passes the ranks between
 * @param {any} to
 * @param {string} kind of the layer that reads
 * @param {{ y: number, height: number }[]} ranks
 * @returns {number[]}
 */
function corners(from, bends, to, kind, ranks) {
  const points = [from.x, from.y + from.height / 2];
  let { x } = from;
  const turn = (/** @type {number} */ next, /** @type {number} */ y) => {
    if (Math.abs(next - x) < 0.5) return;
    points.push(x, y, next, y);
    x = next;
  };
  for (const bend of bends) {
    const rank = ranks.find(({ y, height }) => Math.abs(y - bend.y) <= height / 2);
    if (rank) turn(bend.x, rank.y - rank.height / 2 - BETWEEN.ranks / 2);
  }
  if (kind in SIGNS && Math.abs(x - to.x) > to.width / 2) return [...points, x, to.y, to.x + Math.sign(x - to.x) * to.width / 2, to.y];
  if (kind !== "concatenation") turn(to.x, top(to) - BETWEEN.ranks / 2);
  return [...points, x, top(to)];
}

/**
 * @param {Record<string, any[]>} networks their layers
 * @param {typeof import("@dagrejs/dagre")} dagre
 * @returns {import("../www/inside/diagram/pure/stack.js").Layouts}
 */
export function layoutsOf(networks, dagre) {
  /** @type {import("../www/inside/diagram/pure/stack.js").Layouts} */
  const layouts = {};
  for (const { isBlock, layers } of Object.values(networks).flatMap(rowsOf)) if (isBlock) layouts[signatureOf(layers)] ??= layOut(layers, dagre);
  return layouts;
}

/** @param {string[]} words PACKAGE DAGRE FILE STAMP */
async function main([folder, module, file, stamp]) {
  const dagre = await import(pathToFileURL(resolve(module)).href);
  const layouts = layoutsOf(await allLayers(folder), dagre);
  const part = `${file}.${process.pid}`;
  await writeFile(part, JSON.stringify({ stamp, layouts }));
  await rename(part, file); // a whole file or none
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message); // the last line of what is printed is what xtask tells
    process.exitCode = 1;
  });
}
