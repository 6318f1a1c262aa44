// @ts-check
import { blocksOf, channelsOf, depthOf, isAddition, isConvolution, placesOf, readBy, total } from "./counts.js";
import { PAPERS, SOURCES, TEST_ERRORS } from "./facts.js";
import { capitalised, inWords, quantity, share, square, times } from "./numbers.js";
import { errorOf, ownError } from "./result.js";

/** @typedef {import("./counts.js").Layer} Layer */
/** @typedef {import("./stories.js").Known} Known */
/** @typedef {import("../../../pkg/convscope.js").Card} Card */

/** @type {import("./stories.js").Tell} */
export function resnet(layers, card, { vgg19, smaller }) {
  const narrowing = layers.some(({ name }) => name.endsWith("conv3"));
  return {
    result: {
      title: "What it won",
      text: `Residual networks won the classification of ILSVRC 2015, with a top-5 error of ${share(TEST_ERRORS.resnet)} of several of them, up to ${PAPERS.resnet.deepest} layers deep, that voted. ${ownError(card)}`,
      sources: [SOURCES.results2015, { text: "the paper", href: card.paper.url }],
    },
    news: [shortcuts(layers), ...(narrowing ? [bottlenecks(layers)] : []), depth(layers, card, vgg19), ...(smaller ? [against(layers, card, smaller)] : [])],
    differs: narrowing ? striding(layers) : "The layers are the paper's. Its larger siblings with bottlenecks differ in where they stride; this network has none.",
  };
}

/** @param {Layer[]} layers */
function shortcuts(layers) {
  const additions = layers.filter(isAddition);
  const projections = layers.filter(isProjection);
  return {
    title: "Shortcuts",
    text: `Until then, adding layers to a deep network made it worse, even on the training photos. Here each of the ${inWords(additions.length)} blocks adds its input to its output. It has to learn only what is to change, and where nothing is, it can leave its input alone. In training, the gradient reaches the first layers over the additions undiminished. All but ${inWords(projections.length)} of the shortcuts cost no parameter; those pass a 1×1 convolution, because the shape changes there.`,
  };
}

/** @param {Layer[]} layers */
function bottlenecks(layers) {
  const block = blocksOf(layers).find(({ layers }) => layers.some(isAddition) && !layers.some(isProjection));
  const convolutions = (block?.layers ?? []).filter(isConvolution);
  const [narrowing, middle, widening] = convolutions;
  const [narrow, wide, kernel] = [channelsOf(narrowing), channelsOf(widening), middle.kernel ?? 0];
  const pair = (/** @type {number} */ channels) => 2 * kernel ** 2 * channels ** 2 * placesOf(middle);
  const macs = total(convolutions, "macs");
  return {
    title: "Bottlenecks",
    text: `A 1×1 convolution narrows ${quantity(wide)} channels to ${quantity(narrow)}, a ${square(kernel)} convolution looks, and another 1×1 widens again. In ${block?.name} that takes ${quantity(macs)} multiply–accumulates. A pair of ${square(kernel)} convolutions on all ${quantity(wide)} channels would take ${quantity(pair(wide))}, ${times(pair(wide) / macs)} as many; on ${quantity(narrow)} channels ${quantity(pair(narrow))}, about as many as the bottleneck.`,
  };
}

/**
 * @param {Layer[]} layers
 * @param {Card} card
 * @param {Known} vgg
 */
function depth(layers, card, vgg) {
  const [before, after] = [vgg.layers, layers].map((layers) => ({ depth: depthOf(layers), parameters: total(layers, "parameters"), macs: total(layers, "macs") }));
  const ratio = (/** @type {"parameters" | "macs"} */ what) => times(before[what] / after[what]);
  return {
    title: "Deep and light",
    text: `${after.depth} layers with weights lie on the way from the input to the output, against ${before.depth} in ${vgg.card.name}. Yet ${vgg.card.name} has ${ratio("parameters")} as many parameters (${quantity(before.parameters)} against ${quantity(after.parameters)}) and needs ${ratio("macs")} as many multiply–accumulates: ${card.name} soon works on small maps, and ends with an average in place of large linear layers.`,
  };
}

/**
 * @param {Layer[]} layers
 * @param {Card} card
 * @param {Known} smaller
 */
function against(layers, card, smaller) {
  return {
    title: `Against ${smaller.card.name}`,
    text: `${depthOf(layers)} layers in place of ${depthOf(smaller.layers)}, ${times(total(layers, "macs") / total(smaller.layers, "macs"))} the multiply–accumulates, and a top-1 error of ${errorOf(card.top1 ?? 0)} in place of ${errorOf(smaller.card.top1 ?? 0)}.`,
  };
}

/** @param {Layer[]} layers of a network with bottlenecks */
function striding(layers) {
  const strided = blocksOf(layers).map(({ layers }) => layers.filter(({ stride, kernel }) => (stride ?? 1) > 1 && (kernel ?? 1) > 1)).flat().filter(isConvolution);
  const extra = strided.reduce((sum, layer) => {
    const before = readBy(layers, layer);
    return sum + (before?.macs ?? 0) * (1 - 1 / (layer.stride ?? 1) ** 2);
  }, 0);
  const all = total(layers, "macs");
  return `Where the sides are halved, the paper lets the first 1×1 convolution of a bottleneck skip every other pixel. Here the ${square(strided[0].kernel ?? 0)} convolution after it does, in ${inWords(strided.length)} blocks. This is known as version 1.5, and torchvision's weights need it. ${capitalised(quantity(extra))} multiply–accumulates are added by it, ${share(extra / (all - extra))} of the paper's.`;
}

/** @param {Layer} layer of a shortcut that changes the shape */
function isProjection({ name }) {
  return name.includes("downsample");
}
