// @ts-check
import { GAP, PADDING, ROW, SIDE, SIDE_ROW, TERMINAL } from "./sizes.js";
import { signatureOf } from "./structure.js";

/**
 * Where the rows stand. A row's place is a running sum of the heights before it, so that opening one only shifts what follows.
 * The line of the network is at x = 0.
 *
 * @typedef {import("./blocks.js").Row} Row
 *
 * @typedef {object} Layout of a kind of block. The line that comes in is at x = 0, the top of the first layer at y = 0
 * @property {[x: number, y: number, width: number, height: number][]} nodes the layers' centres and sizes
 * @property {number[][]} edges corners of the lines, x and y in turn, from the top one to the one that reads
 * @property {[left: number, right: number]} extent
 * @property {number} height
 * @property {number} out where the line leaves the last layer
 *
 * @typedef {Record<string, Layout>} Layouts by signature
 *
 * @typedef {object} Place
 * @property {Row} row
 * @property {Layout | null} layout what is drawn below the title; null for a row that is closed
 * @property {number} x of the line that comes in
 * @property {number} y of its top
 * @property {number} left of its frame, from x
 * @property {number} width of its frame
 * @property {number} height of its frame
 *
 * @typedef {object} Stack
 * @property {Place[]} places
 * @property {[left: number, right: number]} extent whatever is open, so that opening a row does not change the scale
 * @property {number} height
 */

/**
 * @param {Row[]} rows
 * @param {ReadonlySet<string>} opened names of rows
 * @param {Layouts} layouts
 * @returns {Stack}
 */
export function stackOf(rows, opened, layouts) {
  /** @type {Place[]} */
  const places = [];
  let y = TERMINAL.height + GAP;
  for (const row of rows) {
    const place = { row, y, ...frameOf(row, opened.has(row.name) ? layoutOf(row, layouts) : null) };
    places.push(place);
    y += place.height + GAP + (row.auxiliary ? TERMINAL.height + GAP : 0);
  }
  const frames = rows.map((row) => frameOf(row, row.isBlock ? layoutOf(row, layouts) : null));
  const half = ROW.width / 2;
  return {
    places,
    extent: [Math.min(-half, ...frames.map(({ x, left }) => x + left)), Math.max(half, ...frames.map(({ x, left, width }) => x + left + width))],
    height: y + TERMINAL.height,
  };
}

/**
 * @param {Row} row a block
 * @param {Layouts} layouts
 */
export function layoutOf({ name, layers }, layouts) {
  const layout = layouts[signatureOf(layers)];
  if (!layout) throw new Error(`The diagram has no layout for the block ${name}. The server's files do not belong together: run \`cargo xtask build engine\` there, then reload the page.`);
  return layout;
}

/**
 * @param {Row} row
 * @param {Layout | null} layout
 */
function frameOf(row, layout) {
  const closed = row.auxiliary ? SIDE_ROW : ROW;
  const left = Math.min(-closed.width / 2, (layout?.extent[0] ?? 0) - PADDING);
  const right = Math.max(closed.width / 2, (layout?.extent[1] ?? 0) + PADDING);
  return {
    layout,
    x: row.auxiliary ? SIDE - left : 0,
    left,
    width: right - left,
    height: layout ? closed.height + GAP + layout.height + PADDING : closed.height,
  };
}

/**
 * Rows of the line one after the other whose feature maps have the same size.
 * @param {Place[]} places
 * @returns {{ text: string, from: number, to: number }[]} from and to: y
 */
export function bandsOf(places) {
  /** @type {{ text: string, from: number, to: number }[]} */
  const bands = [];
  for (const { row, y, height } of places) {
    if (row.auxiliary) continue;
    const [, rows, columns] = row.output.outputShape;
    const text = `${rows} × ${columns}`;
    const before = bands.at(-1);
    if (before?.text === text) before.to = y + height;
    else bands.push({ text, from: y, to: y + height });
  }
  return bands;
}
