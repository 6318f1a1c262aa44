// @ts-check

/**
 * How much memory a network's activations and parameters take, counted from its graph.
 *
 * @typedef {import("../../state.js").Layer} Layer
 * @typedef {32 | 16 | 8} Bits
 */

export const BATCHES = [1, 8, 32, 64, 128, 256];
/** @type {Bits[]} */
export const PRECISIONS = [32, 16, 8];

const SINGLE = 4; // bytes of an element in single precision, in which a layer tells its bytes

/** @param {Layer} layer */
const elementsOf = ({ activationBytes }) => activationBytes / SINGLE;

/**
 * The elements of all outputs that lead to the network's main output.
 * @param {Layer[]} layers
 */
export const allElements = (layers) => layers.filter(({ auxiliary }) => !auxiliary).reduce((sum, layer) => sum + elementsOf(layer), 0);

/**
 * The most elements that are needed at one time, where an output is dropped as soon as no layer reads it any more.
 * @param {Layer[]} layers
 * @param {number} inputElements of the network's input
 * @returns {{ elements: number, layer: string }} and during which layer
 */
export function peakElements(layers, inputElements) {
  const main = layers.filter(({ auxiliary }) => !auxiliary);
  const lastReader = new Map(main.flatMap(({ inputs }, index) => inputs.map((input) => [input, index])));
  /** What is kept. @type {Map<string, number>} */
  const kept = new Map([["input", inputElements]]);
  const peak = { elements: 0, layer: "" };
  main.forEach((layer, index) => {
    kept.set(layer.name, elementsOf(layer));
    const now = [...kept.values()].reduce((sum, elements) => sum + elements, 0);
    if (now > peak.elements) Object.assign(peak, { elements: now, layer: layer.name });
    for (const input of layer.inputs) if (lastReader.get(input) === index) kept.delete(input);
  });
  return peak;
}

/**
 * @param {number} elements
 * @param {Bits} bits
 * @param {number} [batch] pictures
 */
export const bytesOf = (elements, bits, batch = 1) => (elements * bits * batch) / 8;

/**
 * What a widely read text says about a network: Stanford's course CS231n, notes on convolutional networks, "VGGNet in detail".
 * @type {Record<string, { source: string, url: string, elements: number }>}
 */
export const PUBLISHED = {
  vgg16: { source: "Stanford's course CS231n", url: "https://cs231n.github.io/convolutional-networks/#case", elements: 24e6 },
};
