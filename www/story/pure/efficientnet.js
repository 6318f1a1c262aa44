// @ts-check
import { blocksOf, channelsOf, depthOf, isConvolution, isDepthwise, total } from "./counts.js";
import { SOURCES } from "./facts.js";
import { separable } from "./mobilenet.js";
import { capitalised, inWords, quantity, share, square, times } from "./numbers.js";
import { tookNoPart } from "./result.js";

/** @typedef {import("./counts.js").Layer} Layer */
/** @typedef {import("./stories.js").Known} Known */

/** @type {import("./stories.js").Tell} */
export function efficientnet(layers, card, { resnet101 }) {
  const side = sideNetworks(layers);
  const depthwise = layers.filter(isDepthwise);
  const large = depthwise.filter(({ kernel }) => kernel === Math.max(...depthwise.map(({ kernel }) => kernel ?? 0)));
  const macs = total(layers, "macs");
  return {
    result: tookNoPart(card),
    news: [
      {
        title: "Squeeze and excite",
        text: `In each of the ${inWords(blocksOf(layers).length)} blocks a small side network averages every channel over the whole picture, computes a weight between zero and one for each channel from these averages, and multiplies the channel with it: what suits the picture is emphasised. The side networks have ${share(total(side, "parameters") / total(layers, "parameters"))} of the parameters and take ${share(total(side, "macs") / macs)} of the multiply–accumulates.`,
        sources: [SOURCES.squeeze],
      },
      {
        title: "Found by searching",
        text: `The blocks are MobileNetV2's, called MBConv here. How many there are of which kind, and that ${inWords(large.length)} of the ${inWords(depthwise.length)} depthwise convolutions are ${square(large[0].kernel ?? 0)}, was found by a program that tried many networks and weighed accuracy against cost. Its activation function is ${layers[0].activationFunction}, x multiplied with its own sigmoid.`,
      },
      separable(layers),
      {
        title: "Scaled as a whole",
        text: `Larger siblings grow in depth, width and resolution together, in fixed proportions. Already this smallest one has a top-1 accuracy of ${share((card.top1 ?? 0) / 100)}, against ${share((resnet101.card.top1 ?? 0) / 100)} for ${resnet101.card.name}, which takes ${times(total(resnet101.layers, "macs") / macs)} as many multiply–accumulates. Part of that is owed to better training.`,
      },
    ],
    differs: "It is torchvision's version: convolutions with stride pad both sides evenly, where the original pads one side more, and batch normalisation uses another small constant.",
  };
}

/** @type {import("./stories.js").Tell} */
export function lite(layers, card, { efficientnet_b0: b0, efficientnet_lite0, efficientnet_lite1, efficientnet_lite2 }) {
  const family = [efficientnet_lite0, efficientnet_lite1, efficientnet_lite2];
  const side = sideNetworks(b0.layers);
  return {
    result: tookNoPart(card),
    news: [scaling(layers, card, family), leftOut(layers, side, b0), separable(layers)],
    differs: `The paper's networks have squeeze and excite and ${b0.layers[0].activationFunction}; the Lite variants, which Google published afterwards, have neither. The output channels of their first and last convolutions, and the numbers of blocks in the first and the last stage, do not grow with the rest.`,
  };
}

/**
 * How the three networks of the family grow.
 * @param {Layer[]} layers
 * @param {import("../../../pkg/convscope.js").Card} card
 * @param {Known[]} family the smallest first
 */
function scaling(layers, card, family) {
  const [smallest] = family;
  const ratio = (/** @type {(known: Known) => number} */ measure) => measure({ layers, card }) / measure(smallest);
  const grown = [
    [ratio(({ layers }) => depthOf(layers)), "the depth"],
    [ratio(({ layers }) => widthOf(layers)), "the width of the blocks"],
    [ratio(({ card }) => card.input.width), "the side of the picture"],
  ].filter(([by]) => Number(by) > 1).map(([by, what]) => `${what} by ${share(Number(by) - 1)}`);
  const macs = ratio(({ layers }) => total(layers, "macs"));
  const isSmallest = card.id === smallest.card.id;
  const growth = isSmallest
    ? "This is the smallest one, from which the others are scaled."
    : `From ${smallest.card.name} to this one, ${grown.join(", ")}, which together makes ${times(macs)} the multiply–accumulates. The depth grows in steps, because every stage's number of blocks is rounded up.`;
  return {
    title: "Compound scaling",
    text: `A larger picture needs more layers to be seen as a whole and more channels for its details. So depth, width and resolution grow together. ${growth}`,
    table: {
      caption: "The Lite family, counted in its graphs",
      head: ["Network", "Depth", "Last block's channels", "Picture", "Multiply–accumulates", "Parameters", "Top-1 accuracy"],
      rows: family.map(({ card, layers }) => [
        card.name, `${depthOf(layers)}`, `${widthOf(layers)}`, square(card.input.width), quantity(total(layers, "macs")), quantity(total(layers, "parameters")), share((card.top1 ?? 0) / 100),
      ]),
    },
  };
}

/**
 * @param {Layer[]} layers
 * @param {Layer[]} side the side networks that are left out
 * @param {Known} b0
 */
function leftOut(layers, side, b0) {
  return {
    title: "What phones compute slowly is left out",
    text: `${b0.card.name}'s squeeze and excite is missing, because some of the accelerators in phones do not support it: that saves ${quantity(total(side, "parameters"))} of ${quantity(total(b0.layers, "parameters"))} parameters. ${capitalised(b0.layers[0].activationFunction)} became ${layers[0].activationFunction}, because values within known limits keep their accuracy when they are stored in a few bits. The first and the last convolution keep their numbers of output channels in all sizes, which keeps the larger networks small and fast.`,
    sources: [SOURCES.lite],
  };
}

/**
 * The layers of squeeze and excite that have parameters.
 * @param {Layer[]} layers
 */
function sideNetworks(layers) {
  return layers.filter((layer) => isConvolution(layer) && /\.se_/.test(layer.name));
}

/** Output channels of the last block. @param {Layer[]} layers */
function widthOf(layers) {
  const last = blocksOf(layers).at(-1)?.layers ?? [];
  return channelsOf(last[last.length - 1]);
}
