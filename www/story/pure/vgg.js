// @ts-check
import { megabytes } from "../../pure/text.js";
import { blocksOf, channelsOf, depthOf, isConvolution, named, total, windowOf } from "./counts.js";
import { SOURCES, TEST_ERRORS } from "./facts.js";
import { capitalised, inWords, quantity, share, square, times } from "./numbers.js";
import { ownError } from "./result.js";

/** @type {import("./stories.js").Tell} */
export function vgg(layers, card, { alexnet, vgg16 }) {
  return {
    result: {
      title: "What it won",
      text: `Second in the classification of ILSVRC 2014, with a top-5 error of ${share(TEST_ERRORS.vgg)} of several networks that voted, and first in the localisation. ${ownError(card)}`,
      sources: [SOURCES.results2014],
    },
    news: [smallFilters(layers), ...(vgg16 ? [longer(layers, card, vgg16)] : [deeper(layers, alexnet)]), ...weight(layers)],
    differs: null,
  };
}

/** @param {import("./counts.js").Layer[]} layers */
function smallFilters(layers) {
  const last = blocksOf(layers).at(-1)?.layers ?? [];
  const kernel = last[0].kernel ?? 0;
  const side = windowOf(last.map(({ kernel }) => kernel ?? 1));
  const channels = channelsOf(last[0]);
  const [small, large] = [last.length * kernel ** 2, side ** 2];
  return {
    title: "Only small filters",
    text: `In its last block ${inWords(last.length)} convolutions with ${square(kernel)} filters follow each other. Together they see as much as one with ${square(side)}: each adds ${inWords(kernel - 1)} pixels. With C channels they have ${small} C² weights against ${large} C²; for this block's ${quantity(channels)} channels that is ${quantity(small * channels ** 2)} against ${quantity(large * channels ** 2)}, which is ${times(large / small)} as many. And there are ${inWords(last.length)} rectifiers in place of one, so that the block can compute more complicated functions.`,
  };
}

/**
 * @param {import("./counts.js").Layer[]} layers
 * @param {import("./stories.js").Known} alexnet
 */
function deeper(layers, alexnet) {
  const kernels = [...new Set(layers.filter(isConvolution).map(({ kernel }) => square(kernel ?? 0)))];
  return {
    title: "Depth by a plain recipe",
    text: `${depthOf(layers)} layers with weights, where AlexNet has ${inWords(depthOf(alexnet.layers))}. All convolutions are ${kernels.join(" and ")}; whenever pooling halves the sides, the channels double, until there are ${quantity(Math.max(...layers.filter(isConvolution).map(channelsOf)))}. Nothing else is needed to describe the network, which is one reason why it is still used.`,
  };
}

/**
 * @param {import("./counts.js").Layer[]} layers
 * @param {import("../../../pkg/convscope.js").Card} card
 * @param {import("./stories.js").Known} shorter
 */
function longer(layers, card, shorter) {
  const macs = total(layers, "macs") - total(shorter.layers, "macs");
  const accuracy = (/** @type {import("../../../pkg/convscope.js").Card} */ { top1 }) => share((top1 ?? 0) / 100);
  return {
    title: `More of what ${shorter.card.name} has`,
    text: `${capitalised(inWords(depthOf(layers) - depthOf(shorter.layers)))} convolutions more cost ${quantity(macs)} multiply–accumulates, ${share(macs / total(shorter.layers, "macs"))} more, and raise the top-1 accuracy from ${accuracy(shorter.card)} to ${accuracy(card)}. Stacking still more layers of this kind did not help any further. Shortcuts around the layers changed that a year later.`,
  };
}

/**
 * What the plain recipe costs.
 * @param {import("./counts.js").Layer[]} layers
 */
function weight(layers) {
  const early = layers.slice(0, layers.findIndex(({ name }) => name === "pool2"));
  const fc6 = named(layers, "fc6");
  const parameters = total(layers, "parameters");
  return [
    {
      title: "Where the memory goes",
      text: `The ${inWords(early.length)} layers before pool2 work at nearly full resolution. Their outputs take ${megabytes(total(early, "activationBytes"))} of the ${megabytes(total(layers, "activationBytes"))} that all outputs take (${share(total(early, "activationBytes") / total(layers, "activationBytes"))}), with ${share(total(early, "parameters") / parameters)} of the parameters.`,
    },
    {
      title: "Where the parameters are",
      text: `The single layer fc6 reads every value of the last maps and has ${quantity(fc6.parameters)} of ${quantity(parameters)} parameters: ${share(fc6.parameters / parameters)}.`,
    },
  ];
}
