// @ts-check

/**
 * A network as a line of rows: its blocks, and the layers that stand alone.
 *
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 *
 * @typedef {object} Row
 * @property {string} name of the block, or of the layer
 * @property {boolean} isBlock
 * @property {Layer[]} layers
 * @property {number} first the number of its first layer, from 1
 * @property {number} last
 * @property {boolean} auxiliary an auxiliary head: an output beside the line of the network
 * @property {Layer} output the layer whose output the next row reads
 */

/**
 * The rows in the order in which they run. Each reads one other row, or the input: an auxiliary head the one before it, the line of
 * the network its own last row.
 * @param {Layer[]} layers
 * @returns {Row[]}
 */
export function rowsOf(layers) {
  /** @type {Row[]} */
  const rows = [];
  for (const [place, layer] of layers.entries()) {
    const before = rows.at(-1);
    if (layer.block && before?.isBlock && before.name === layer.block) {
      before.layers.push(layer);
      before.last = place + 1;
      before.output = layer;
    } else {
      rows.push({ name: layer.block || layer.name, isBlock: layer.block !== "", layers: [layer], first: place + 1, last: place + 1, auxiliary: layer.auxiliary, output: layer });
    }
  }
  check(rows);
  return rows;
}

/** A network of another form would be drawn wrongly. @param {Row[]} rows */
function check(rows) {
  let line = "input";
  for (const { name, layers, auxiliary, output } of rows) {
    const inside = new Set(layers.map((layer) => layer.name));
    const wrong = layers.flatMap(({ inputs }) => inputs).find((input) => !inside.has(input) && input !== line);
    if (wrong) throw new Error(`The diagram cannot show this network: ${name} reads ${wrong}, and the row before it ends with ${line}.`);
    if (!auxiliary) line = output.name;
  }
}
