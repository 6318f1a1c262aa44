// @ts-check
import { channelsOf, named, sizeOf, total } from "./counts.js";
import { PAPERS } from "./facts.js";
import { inWords, quantity, share, square, times } from "./numbers.js";

/** @type {import("./stories.js").Tell} */
export function lenet(layers, card) {
  const [c1, s2, c3] = ["c1", "s2", "c3"].map((name) => named(layers, name));
  const full = (sizeOf(s2) + 1) * sizeOf(c3); // one more for the bias
  const { table, parameters, error, errorDistorted } = PAPERS.lenet;
  const window = (c3.kernel ?? 0) ** 2;
  const sparse = table.reduce((sum, { maps, sees }) => sum + maps * (sees * window + 1), 0);
  const paper = [{ text: "the paper", href: card.paper.url }];
  return {
    result: {
      title: "In the challenge",
      text: `There was no ImageNet challenge yet. This network reads digits. The paper reports ${share(error)} errors on MNIST's test digits, and ${share(errorDistorted)} when distorted digits are added for training. The weights here, which this project trained, make ${share(1 - (card.top1 ?? 0) / 100)} errors.`,
      sources: paper,
    },
    news: [
      {
        title: "Shared weights",
        text: `A convolution looks at every place with the same weights. C3 turns ${inWords(channelsOf(s2))} maps into ${inWords(channelsOf(c3))} with ${quantity(c3.parameters)} parameters. A fully connected layer between the same two sizes would need ${quantity(full)}, which is ${times(full / c3.parameters)} as many, and would have to learn each stroke again at every place.`,
      },
      {
        title: "Convolution and subsampling in turns",
        text: `After each of the first two convolutions, every square of ${square(s2.kernel ?? 0)} values is replaced by its average. What a unit sees grows from ${square(c1.receptiveField)} pixels in C1 to ${square(c3.receptiveField)} in C3 and to the whole picture after that, while it matters less and less where exactly a stroke lies.`,
      },
      {
        title: "Learned from end to end",
        text: `Earlier systems classified features that people had designed. Here all ${quantity(total(layers, "parameters"))} parameters, from the first filter to the last layer, are found by gradient descent on the same loss.`,
      },
    ],
    differs: `In the paper each map of C3 sees only some of the maps of S2; here each sees all of them: ${quantity(c3.parameters)} parameters in place of ${quantity(sparse)}. S2 and S4 average without trained coefficients, and the outputs are a linear layer with a softmax in place of radial basis functions. Together this makes ${quantity(card.parameters)} parameters where the paper has about ${quantity(parameters)}. The weights were trained by this project.`,
  };
}
