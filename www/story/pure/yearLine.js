// @ts-check

/**
 * The networks in the order of their years, and what led from each to the next.
 *
 * @typedef {import("../../../pkg/convscope.js").Card} Card
 */

/** What is new in a network against the one before it in the line, in a few words. @type {Record<string, string>} */
export const STEPS = {
  alexnet: "photos in place of digits, rectifiers, dropout",
  vgg16: "smaller filters, deeper",
  vgg19: "the same, longer",
  googlenet: "the same year, another way: filters of several sizes side by side",
  resnet18: "shortcuts around the layers",
  resnet34: "deeper, and still trainable",
  resnet50: "bottlenecks",
  resnet101: "deeper",
  resnet152: "deeper still",
  squeezenet1_1: "as few parameters as possible",
  mobilenet_v2: "less arithmetic too: each channel is filtered on its own",
  efficientnet_b0: "found by searching, channels weighed by squeeze and excite",
  efficientnet_lite0: "without what phones compute slowly",
  efficientnet_lite1: "deeper, on a larger picture",
  efficientnet_lite2: "wider as well",
};

/**
 * @param {Card[]} cards the oldest first
 * @returns {{ year: number, cards: Card[] }[]}
 */
export function byYear(cards) {
  const years = [...new Set(cards.map(({ year }) => year))];
  return years.map((year) => ({ year, cards: cards.filter((card) => card.year === year) }));
}

/**
 * A network's name where it stands behind another one of its family: only what follows the hyphen.
 * @param {Card} card
 * @param {Card | undefined} before
 */
export function nameBehind({ name }, before) {
  const family = name.slice(0, name.lastIndexOf("-") + 1);
  return family && before?.name.startsWith(family) ? name.slice(family.length) : name;
}

/**
 * @param {Card[]} cards the oldest first
 * @param {string} id
 * @returns {{ before: Card | undefined, after: Card | undefined } | null} null for a network that is not among them
 */
export function neighboursOf(cards, id) {
  const place = cards.findIndex((card) => card.id === id);
  return place < 0 ? null : { before: cards[place - 1], after: cards[place + 1] };
}
