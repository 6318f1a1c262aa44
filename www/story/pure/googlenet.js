// @ts-check
import { blocksOf, channelsOf, depthOf, isConvolution, isLinear, readBy, total, trunk } from "./counts.js";
import { PAPERS, SOURCES, TEST_ERRORS } from "./facts.js";
import { capitalised, inWords, quantity, share, square, times } from "./numbers.js";
import { ownError } from "./result.js";

/** @typedef {import("./counts.js").Layer} Layer */

/** @type {import("./stories.js").Tell} */
export function googlenet(layers, card, { alexnet }) {
  const main = trunk(layers);
  const inceptions = blocksOf(main).filter(({ layers }) => layers.some(({ kind }) => kind === "concatenation"));
  const savings = inceptions.map(({ name, layers: block }) => ({ name: name.replace("inception_", ""), reduced: total(block, "macs"), naive: withoutReductions(main, block) }));
  const reduced = savings.reduce((sum, block) => sum + block.reduced, 0);
  const naive = savings.reduce((sum, block) => sum + block.naive, 0);
  const all = total(main, "macs");
  const kernels = [...new Set(inceptions[0].layers.filter(isConvolution).map(({ kernel }) => square(kernel ?? 0)))];
  const auxiliary = layers.filter(({ auxiliary }) => auxiliary);
  const [before, after] = [alexnet.layers, main].map((layers) => ({ all: total(layers, "parameters"), linear: total(layers.filter(isLinear), "parameters") }));
  const last = main.filter(({ kind }) => kind === "average pooling").at(-1);
  return {
    result: {
      title: "What it won",
      text: `The classification of ILSVRC 2014, with a top-5 error of ${share(TEST_ERRORS.googlenet)}; VGG had ${share(TEST_ERRORS.vgg)}. Several networks voted, each on many sections of a photo. ${ownError(card)}`,
      sources: [SOURCES.results2014],
    },
    news: [
      {
        title: "Several sizes at once",
        text: `Nobody knows beforehand how large an object is. Each of the ${inWords(inceptions.length)} inception blocks therefore looks with ${kernels.slice(0, -1).join(", ")} and ${kernels.at(-1)} filters and with pooling side by side, and puts the maps of all branches together. Training finds out which are useful. The network is ${depthOf(layers)} layers deep.`,
      },
      {
        title: "1×1 convolutions that narrow",
        text: `A 1×1 convolution mixes the channels at each place. Before the larger filters it reduces how many channels they read. With these reductions the inception blocks need ${quantity(reduced)} multiply–accumulates; if the larger filters read all channels, they would need ${quantity(naive)}, which is ${times(naive / reduced)} as many. The whole network would need ${quantity(all - reduced + naive)} in place of ${quantity(all)}.`,
        table: {
          caption: "Multiply–accumulates of each inception block",
          head: ["Block", "With reductions", "Without", "Ratio"],
          rows: savings.map((block) => [block.name, quantity(block.reduced), quantity(block.naive), times(block.naive / block.reduced)]),
        },
      },
      {
        title: "An average in place of large linear layers",
        text: `At the end each of the ${quantity(channelsOf(last ?? main[0]))} maps is averaged, and one linear layer is left, with ${quantity(after.linear)} parameters. AlexNet's linear layers have ${quantity(before.linear)}. All in all there are ${quantity(after.all)} against AlexNet's ${quantity(before.all)}, ${times(before.all / after.all)} as many. The paper speaks of ${times(PAPERS.googlenet.fewer)}; the layers of its own table add up to the number here.`,
      },
      {
        title: "Auxiliary heads",
        text: `${capitalised(inWords(card.heads.length))} small classifiers half-way through the network give the early layers a gradient that has not passed through all the later ones. In training their losses count with a weight of ${card.heads.map(({ weight }) => share(weight))[0]}. A prediction does not need them, nor their ${quantity(total(auxiliary, "parameters"))} parameters.`,
      },
    ],
    differs: "The layers are the paper's. The weights are Caffe's, trained without the paper's variation of colours and sizes.",
  };
}

/**
 * What a block would cost if its larger filters read its input itself, with the same outputs.
 * @param {Layer[]} layers of the network
 * @param {Layer[]} block
 */
function withoutReductions(layers, block) {
  return block.reduce((sum, layer) => {
    if (isReduction(layer, block)) return sum;
    const reduction = readBy(block, layer);
    if (!isConvolution(layer) || !reduction || !isReduction(reduction, block)) return sum + layer.macs;
    const input = readBy(layers, reduction);
    return sum + layer.macs * (channelsOf(input ?? reduction) / channelsOf(reduction));
  }, 0);
}

/**
 * Whether a layer only narrows what a larger filter of its block reads.
 * @param {Layer} layer
 * @param {Layer[]} block
 */
function isReduction(layer, block) {
  return layer.kernel === 1 && block.some((other) => isConvolution(other) && other.inputs.includes(layer.name));
}
