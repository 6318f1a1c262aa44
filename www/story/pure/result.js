// @ts-check
import { CHALLENGE, SOURCES } from "./facts.js";
import { share } from "./numbers.js";

/**
 * What networks won or had to do with the challenge, and what the weights of this page reach.
 *
 * @typedef {import("../../../pkg/convscope.js").Card} Card
 */

/** @param {number} accuracy in percent */
export const errorOf = (accuracy) => share(1 - accuracy / 100);

/** @param {Card} card */
export function ownError({ top1, top5 }) {
  if (top5 !== null) return `This network alone, looking once at each validation photo, has a top-5 error of ${errorOf(top5)}.`;
  return top1 === null ? "" : `Looking once at each validation photo, it has a top-1 error of ${errorOf(top1)}; its top-5 error is not published.`;
}

/**
 * @param {Card} card of a network that did not take part in the challenge
 * @returns {import("./stories.js").Point}
 */
export function tookNoPart(card) {
  const why = card.year > CHALLENGE.last ? `It came after the challenge, whose last year was ${CHALLENGE.last}.` : "It did not take part in the challenge: it was made to be small, not to win.";
  return { title: "In the challenge", text: `${why} Its accuracy is measured on the same photos all the same. ${ownError(card)}`, sources: [SOURCES.challenge] };
}
