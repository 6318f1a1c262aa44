// @ts-check
import { megabytes } from "../../pure/text.js";
import { blocksOf, channelsOf, isAddition, isConvolution, isDepthwise, total } from "./counts.js";
import { capitalised, inWords, quantity, square, times } from "./numbers.js";
import { tookNoPart } from "./result.js";

/** @typedef {import("./counts.js").Layer} Layer */

/** @type {import("./stories.js").Tell} */
export function mobilenet(layers, card) {
  return {
    result: tookNoPart(card),
    news: [separable(layers), inverted(layers), linearEnds(layers)],
    differs: null,
  };
}

/**
 * What depthwise convolutions, each with the 1×1 convolution after it, save.
 * @param {Layer[]} layers
 */
export function separable(layers) {
  const pairs = layers.filter(isDepthwise).map((depthwise) => ({ depthwise, mixing: mixingOf(layers, depthwise) }));
  const separate = pairs.reduce((sum, { depthwise, mixing }) => sum + depthwise.macs + mixing.macs, 0);
  const joint = pairs.reduce((sum, { depthwise, mixing }) => sum + depthwise.macs * channelsOf(mixing), 0);
  const all = total(layers, "macs");
  const kernels = [...new Set(pairs.map(({ depthwise }) => square(depthwise.kernel ?? 0)))].sort();
  return {
    title: "Depthwise separable convolutions",
    text: `A convolution does two things at once: it looks at a neighbourhood, and it mixes channels. Here they are separate. A depthwise convolution (${kernels.join(" or ")}) filters each channel on its own, and a 1×1 convolution mixes. The network's ${inWords(pairs.length)} pairs take ${quantity(separate)} multiply–accumulates; ordinary convolutions from and to the same channels would take ${quantity(joint)}, ${times(joint / separate)} as many, and the whole network ${quantity(all - separate + joint)} in place of ${quantity(all)}.`,
  };
}

/** @param {Layer[]} layers */
function inverted(layers) {
  const block = blocksOf(layers).find(({ layers }) => layers.some(isAddition));
  const inside = block?.layers ?? [];
  const [widening, , narrowing] = inside.filter(isConvolution);
  return {
    title: "Inverted residuals",
    text: `ResNet's shortcuts join the wide ends of blocks that are narrow inside. Here it is the other way round: the block ${block?.name} widens ${inWords(channelsOf(narrowing))} channels to ${quantity(channelsOf(widening))}, filters them, and narrows them again: there are ${times(channelsOf(widening) / channelsOf(narrowing))} as many inside as outside. ${capitalised(inWords(layers.filter(isAddition).length))} shortcuts join the narrow ends, so that little has to be kept in memory for them: ${megabytes(narrowing.activationBytes)} in that block, where the wide maps take ${megabytes(widening.activationBytes)}.`,
  };
}

/** @param {Layer[]} layers */
function linearEnds(layers) {
  const ends = layers.filter((layer) => isConvolution(layer) && !isDepthwise(layer) && layer.activationFunction === "");
  const { activationFunction } = layers[0];
  return {
    title: "Linear bottlenecks",
    text: `A rectifier sets negative values to zero. Among many channels some other one still carries what is lost that way; among few it is gone. The ${inWords(ends.length)} convolutions that narrow therefore have no activation function. The others have ${activationFunction}, a rectifier that stops at six, which suits arithmetic with few bits.`,
  };
}

/**
 * The convolution that mixes the channels which a depthwise one has filtered.
 * @param {Layer[]} layers
 * @param {Layer} depthwise
 */
function mixingOf(layers, depthwise) {
  const after = layers.filter(({ block }) => block === depthwise.block);
  const mixing = after.filter((layer) => isConvolution(layer) && !isDepthwise(layer)).at(-1);
  if (!mixing) throw new Error(`${depthwise.name} has no 1×1 convolution after it.`);
  return mixing;
}
