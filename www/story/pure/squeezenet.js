// @ts-check
import { blocksOf, channelsOf, isConvolution, isLinear, placesOf, readBy, total } from "./counts.js";
import { inWords, quantity, share, square, times } from "./numbers.js";
import { tookNoPart } from "./result.js";

/** @type {import("./stories.js").Tell} */
export function squeezenet(layers, card, { alexnet }) {
  const fires = blocksOf(layers);
  const last = fires[fires.length - 1];
  const [squeeze, one, three] = last.layers.filter(isConvolution);
  const input = channelsOf(readBy(layers, squeeze) ?? squeeze);
  const weights = three.macs / placesOf(three);
  const convolutions = layers.filter(isConvolution);
  const filters = (/** @type {import("./counts.js").Layer[]} */ layers) => layers.reduce((sum, layer) => sum + layer.macs / placesOf(layer) / (layer.kernel ?? 1) ** 2, 0);
  const inFires = fires.flatMap(({ layers }) => layers.filter(isConvolution));
  const small = inFires.filter(({ kernel }) => kernel === 1);
  const [before, after] = [alexnet.layers, layers].map((layers) => total(layers, "parameters"));
  const classifier = convolutions[convolutions.length - 1];
  return {
    result: tookNoPart(card),
    news: [
      {
        title: "Fire modules",
        text: `Each of its ${inWords(fires.length)} modules first squeezes the channels with 1×1 convolutions and then expands them with 1×1 and ${square(three.kernel ?? 0)} ones side by side. In ${last.name} the ${square(three.kernel ?? 0)} filters read ${quantity(channelsOf(squeeze))} channels in place of ${quantity(input)}: ${quantity(weights)} weights in place of ${quantity(weights * (input / channelsOf(squeeze)))}.`,
      },
      {
        title: "1×1 wherever possible",
        text: `A ${square(three.kernel ?? 0)} filter has ${times((three.kernel ?? 0) ** 2)} the weights of a 1×1 one. ${share(filters(small) / filters(inFires))} of the filters within the modules are 1×1, and they make ${quantity(channelsOf(one))} of the ${quantity(channelsOf(one) + channelsOf(three))} maps that ${last.name} puts out.`,
      },
      {
        title: "AlexNet's accuracy with few parameters",
        text: `${quantity(after)} parameters against AlexNet's ${quantity(before)}, ${times(before / after)} as many, with a top-1 accuracy of ${share((card.top1 ?? 0) / 100)} against ${share((alexnet.card.top1 ?? 0) / 100)}. AlexNet's linear layers alone have ${quantity(total(alexnet.layers.filter(isLinear), "parameters"))}. Here the last convolution makes one map for each of the ${quantity(channelsOf(classifier))} classes, and their averages are the answer.`,
      },
    ],
    differs: `This is version 1.1, which its authors published after the paper. It begins with ${quantity(channelsOf(convolutions[0]))} filters of ${square(convolutions[0].kernel ?? 0)} pixels, smaller and fewer than in the paper, and pools earlier: after conv1, fire3 and fire5. The maps become small sooner, which saves arithmetic.`,
  };
}
