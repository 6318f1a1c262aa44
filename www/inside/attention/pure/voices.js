// @ts-check

/**
 * The outputs of a network with auxiliary heads, along its depth.
 *
 * @typedef {import("../../../../pkg/convscope.js").Card} Card
 * @typedef {import("../../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("../../../../pkg/convscope.js").Prediction} Prediction
 * @typedef {import("../../../pure/answers.js").Answer} Answer
 *
 * @typedef {object} Voice of an output
 * @property {string} name of its last layer
 * @property {string} branch the layer that it reads of those on the main output's way; the last one for the main output
 * @property {number} depth layers with weights up to there, on the longest way from the input
 * @property {number} share of the vote, 0 to 1
 * @property {Prediction[]} predictions
 */

/**
 * Layers with weights on the longest way from the input to each layer, with the layer itself.
 * @param {Layer[]} layers
 * @returns {Map<string, number>}
 */
export function depthsOf(layers) {
  const depths = new Map([["input", 0]]);
  for (const { name, inputs, parameters } of layers) {
    depths.set(name, Math.max(...inputs.map((input) => depths.get(input) ?? 0)) + (parameters > 0 ? 1 : 0));
  }
  return depths;
}

/**
 * The last layer on the main output's way that an auxiliary head reads.
 * @param {Map<string, Layer>} layers by name
 * @param {string} name of the head's last layer
 */
function branchOf(layers, name) {
  let layer = layers.get(name);
  while (layer?.auxiliary) layer = layers.get(layer.inputs[0]);
  return layer?.name ?? "input";
}

/**
 * @param {Card} card
 * @param {Layer[]} layers
 * @param {Pick<Answer, "heads" | "predictions">} answer
 * @returns {{ voices: Voice[], of: number }} from the input to the main output; of: layers with weights up to there
 */
export function voicesOf(card, layers, { heads, predictions }) {
  const depths = depthsOf(layers);
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const output = layers.at(-1)?.name ?? "";
  const sum = card.heads.reduce((sum, { weight }) => sum + weight, 1);
  const auxiliary = heads.map(({ name, predictions }) => {
    const branch = branchOf(byName, name);
    const weight = card.heads.find((head) => head.name === name)?.weight ?? 0;
    return { name, branch, depth: depths.get(branch) ?? 0, share: weight / sum, predictions };
  });
  const of = depths.get(output) ?? 0;
  return { voices: [...auxiliary, { name: output, branch: output, depth: of, share: 1 / sum, predictions }], of };
}

const NAMES = ["the first head", "the second head", "the third head", "the fourth head"];

/**
 * @param {Voice[]} voices
 * @param {Prediction[] | null} vote
 * @returns {string} who agrees with whom, in a sentence or two
 */
export function voicesText(voices, vote) {
  const main = voices[voices.length - 1].predictions[0];
  const heads = voices.slice(0, -1).map(({ predictions: [first] }, i) => ({ who: NAMES[i] ?? `head ${i + 1}`, first }));
  const others = heads.filter(({ first }) => first.index !== main.index);
  const elected = vote?.[0];
  const end = !elected ? "" : elected.index === main.index ? " The vote follows the main output." : ` The vote goes to ${elected.label}.`;
  if (!others.length) return `All outputs name ${main.label}.${elected && elected.index !== main.index ? end : ""}`;
  const said = others.map(({ who, first }) => `${who} names ${first.label}`).join(", ");
  const alike = others.length > 1 && others.every(({ first }) => first.index === others[0].first.index);
  const what = alike && others.length === heads.length ? `Only the heads agree: they name ${others[0].first.label}` : said[0].toUpperCase() + said.slice(1);
  return `${what}, while the main output names ${main.label}.${end}`;
}
