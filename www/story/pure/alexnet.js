// @ts-check
import { channelsOf, isConvolution, isLinear, placesOf, total } from "./counts.js";
import { PAPERS, SOURCES, TEST_ERRORS } from "./facts.js";
import { capitalised, inWords, quantity, share, square } from "./numbers.js";
import { ownError } from "./result.js";

/** @type {import("./stories.js").Tell} */
export function alexnet(layers, card) {
  const grouped = layers.filter(({ groups }) => (groups ?? 1) > 1);
  const whole = grouped.map((layer) => {
    const weights = layer.macs / placesOf(layer);
    return { parameters: layer.parameters - weights + weights * (layer.groups ?? 1), macs: layer.macs * (layer.groups ?? 1) };
  });
  const [parameters, macs] = [total(grouped, "parameters"), total(grouped, "macs")];
  const wholeParameters = whole.reduce((sum, layer) => sum + layer.parameters, 0);
  const wholeMacs = whole.reduce((sum, layer) => sum + layer.macs, 0);
  const linear = layers.filter(isLinear);
  const rectified = layers.filter(({ activationFunction }) => activationFunction === "ReLU");
  const normalised = layers.filter(({ kind }) => kind === "local response normalisation");
  const first = layers.filter(isConvolution)[0];
  return {
    result: {
      title: "What it won",
      text: `ILSVRC 2012, with a top-5 error of ${share(TEST_ERRORS.alexnet)}. The second team, which used features designed by hand, had ${share(TEST_ERRORS.secondOf2012)}. Several networks voted for that, trained with additional pictures. ${ownError(card)}`,
      sources: [SOURCES.results2012],
    },
    news: [
      {
        title: "ReLU in place of tanh",
        text: `All of its ${inWords(rectified.length)} inner layers with weights end with a rectifier, which sets negative values to zero. For large inputs tanh is flat, so that hardly any gradient passes; a rectifier passes it undiminished where its input is positive, and a large network trains several times faster.`,
        sources: [{ text: "the paper, figure 1", href: card.paper.url }],
      },
      {
        title: `${capitalised(inWords(PAPERS.alexnet.cards))} graphics cards`,
        text: `One card's memory was too small, so ${inWords(grouped.length)} of the convolutions (${grouped.map(({ name }) => name).join(", ")}) are split into ${inWords(grouped[0].groups ?? 1)} groups that do not see each other's channels. They have ${quantity(parameters)} parameters in place of ${quantity(wholeParameters)}, and need ${quantity(macs)} multiply–accumulates in place of ${quantity(wholeMacs)}.`,
      },
      {
        title: "Against overfitting: dropout",
        text: `The linear layers hold ${share(total(linear, "parameters") / total(layers, "parameters"))} of all parameters, though they do only ${share(total(linear, "macs") / total(layers, "macs"))} of the arithmetic. So many parameters learn training pictures by heart. During training, dropout therefore sets ${share(PAPERS.alexnet.dropped)} of the values of the first two linear layers to zero, different ones each time. A prediction uses all of them, which is why no such layer appears in the graph.`,
      },
      {
        title: "Local response normalisation",
        text: `After ${inWords(normalised.length)} of the convolutions, each value is divided by a measure of its neighbours in other channels, so that strong responses suppress weak ones beside them. Later networks found little use in it.`,
      },
      {
        title: "Large first filters",
        text: `${square(first.kernel ?? 0)} pixels, moved ${inWords(first.stride ?? 1)} pixels at a time, make ${inWords(channelsOf(first))} maps. That is cheap and coarse; the networks that followed looked more closely.`,
      },
    ],
    differs: `The input has ${square(card.input.width)} pixels, which the sizes of the paper's layers need, although its figure says ${square(PAPERS.alexnet.side)}. The weights are Caffe's: they come from training on a single graphics card, with the groups kept, and without the paper's changes of the lighting.`,
  };
}
