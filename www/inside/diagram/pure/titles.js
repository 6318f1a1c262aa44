// @ts-check
import { plural } from "../../../pure/text.js";
import { blockKind, longName, shapeText } from "./kinds.js";
import { signatureOf } from "./structure.js";

/**
 * What is written in a row, and read out for it.
 *
 * @typedef {import("./blocks.js").Row} Row
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {{ title: string, shape: string, place: string, spoken: string }} Titles
 */

/**
 * @param {Row[]} rows
 * @returns {Titles[]}
 */
export function titlesOf(rows) {
  const turns = turnsOf(rows);
  return rows.map((row, index) => {
    const shape = shapeText(row.output.outputShape);
    if (!row.isBlock) {
      const [layer] = row.layers;
      const title = longName(layer);
      return { title, shape, place: [row.name, layer.activationFunction].filter(Boolean).join(" · "), spoken: spokenOf(layer) };
    }
    const { turn, of } = turns[index];
    const title = blockKind(row.layers);
    const repeat = of > 1 ? `${turn} of ${of}` : "";
    return {
      title,
      shape,
      place: [row.name, `layers ${row.first}–${row.last}`, repeat].filter(Boolean).join(" · "),
      spoken: [row.name, `${title} of ${plural(row.layers.length, "layer")}`, repeat, `output ${shape}`].filter(Boolean).join(", "),
    };
  });
}

/** @param {Layer} layer */
export function spokenOf(layer) {
  return [layer.name, longName(layer), layer.activationFunction, `output ${shapeText(layer.outputShape)}`].filter(Boolean).join(", ");
}

/**
 * Where each block stands among equal ones that follow one another: of one structure, with outputs of one shape.
 * @param {Row[]} rows
 * @returns {{ turn: number, of: number }[]}
 */
export function turnsOf(rows) {
  const keys = rows.map(({ isBlock, layers, output }, index) => (isBlock ? `${signatureOf(layers)} ${output.outputShape}` : `${index}`));
  /** @type {{ turn: number, of: number }[]} */
  const turns = [];
  for (let start = 0, end = 0; start < rows.length; start = end) {
    while (end < rows.length && keys[end] === keys[start]) end++;
    for (let index = start; index < end; index++) turns.push({ turn: index - start + 1, of: end - start });
  }
  return turns;
}
