// @ts-check
import { percent } from "../../pure/text.js";
import { CHALLENGE, SOURCES } from "./facts.js";
import { inWords, ordinalInWords, quantity, share } from "./numbers.js";
import { errorOf } from "./result.js";

/**
 * What the challenge asked, and how the answer to a picture would be counted.
 *
 * @typedef {import("../../../pkg/convscope.js").Card} Card
 * @typedef {import("../../../pkg/convscope.js").Prediction} Prediction
 */

/**
 * @param {number} classes of ImageNet's networks
 * @returns {import("./stories.js").Point}
 */
export function challenge(classes) {
  const { first, last, training, validation, guesses, humanError, humanPhotos } = CHALLENGE;
  return {
    title: "The challenge",
    text: `The ImageNet Large Scale Visual Recognition Challenge (ILSVRC) was held every year from ${first} to ${last}. Teams trained with ${quantity(training)} photos of ${quantity(classes)} classes, tried their networks on ${quantity(validation)} further photos (the validation set, on which accuracies are still compared), and were ranked on photos whose labels only the organisers knew. A photo may show more than one thing but has only one label. So a program was allowed ${inWords(guesses)} guesses: the top-${guesses} error is the share of photos whose label is not among them, the top-1 error the share whose label is not the first one. A person who had practised had a top-${guesses} error of ${share(humanError)} on ${quantity(humanPhotos)} of the photos.`,
    sources: [SOURCES.challenge, SOURCES.survey],
  };
}

/**
 * @param {string} name of the network
 * @param {Prediction[]} predictions the most probable first
 */
export function question(name, predictions) {
  const [first] = predictions;
  return `For this picture, ${name}'s first guess is “${first.label}” (${percent(first.probability)}). If the picture's label were one of these ${inWords(predictions.length)}, the answer would count as right in top-${predictions.length}; in top-1 only if it were the first.`;
}

/**
 * @param {Prediction[]} predictions the most probable first
 * @param {number | null} index of the class that is the right one; null: none of them
 * @returns {string} how the answer counts
 */
export function verdict(predictions, index) {
  const place = predictions.findIndex((prediction) => prediction.index === index) + 1;
  const top = `top-${predictions.length}`;
  if (!place) return `The right class is not among the ${inWords(predictions.length)} guesses: an error in top-1, and in ${top} too.`;
  const { label } = predictions[place - 1];
  if (place === 1) return `“${label}” is the first guess: right in top-1, and therefore in ${top} too.`;
  return `“${label}” is the ${ordinalInWords(place)} guess: right in ${top}, an error in top-1.`;
}

/** How often a network is right over all photos of the test. @param {Card} card */
export function record({ name, frame, top1, top5 }) {
  if (top1 === null) return `How often ${name} is right is not published.`;
  const where = frame.kind === "digit" ? "Over MNIST's test digits" : `Over the ${quantity(CHALLENGE.validation)} validation photos`;
  const first = `${where}, ${name}'s first guess is right for ${share(top1 / 100)}: a top-1 error of ${errorOf(top1)}.`;
  if (top5 !== null) return `${first} The right class is among ${inWords(CHALLENGE.guesses)} guesses for ${share(top5 / 100)}: a top-${CHALLENGE.guesses} error of ${errorOf(top5)}.`;
  return `${first} Its top-${CHALLENGE.guesses} accuracy is not published.`;
}
