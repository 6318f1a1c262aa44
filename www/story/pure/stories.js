// @ts-check
import { alexnet } from "./alexnet.js";
import { efficientnet, lite } from "./efficientnet.js";
import { googlenet } from "./googlenet.js";
import { lenet } from "./lenet.js";
import { mobilenet } from "./mobilenet.js";
import { resnet } from "./resnet.js";
import { squeezenet } from "./squeezenet.js";
import { vgg } from "./vgg.js";

/**
 * What was new in each network. Every number is counted in the graphs, read from the cards, or a fact with a source.
 *
 * @typedef {import("../../../pkg/convscope.js").Card} Card
 * @typedef {import("../../../pkg/convscope.js").Layer} Layer
 * @typedef {import("./facts.js").Source} Source
 *
 * @typedef {{ caption: string, head: string[], rows: string[][] }} Table
 * @typedef {{ title: string, text: string, sources?: Source[], table?: Table }} Point
 * @typedef {{ result: Point, news: Point[], differs: string | null }} Story differs: from the paper; null where the layers are the paper's
 * @typedef {{ card: Card, layers: Layer[] }} Known
 * @typedef {(layers: Layer[], card: Card, others: Record<string, Known>) => Story} Tell
 */

const LITE = ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"];

/**
 * Who tells a network's story, and the other networks that it compares: under their ids, or under a name in the story.
 * @type {Record<string, { tell: Tell, others: Record<string, string> }>}
 */
const STORIES = {
  lenet5: { tell: lenet, others: {} },
  alexnet: { tell: alexnet, others: {} },
  vgg16: { tell: vgg, others: same("alexnet") },
  vgg19: { tell: vgg, others: same("vgg16") },
  googlenet: { tell: googlenet, others: same("alexnet") },
  resnet18: { tell: resnet, others: same("vgg19") },
  resnet34: { tell: resnet, others: { ...same("vgg19"), smaller: "resnet18" } },
  resnet50: { tell: resnet, others: { ...same("vgg19"), smaller: "resnet34" } },
  resnet101: { tell: resnet, others: { ...same("vgg19"), smaller: "resnet50" } },
  resnet152: { tell: resnet, others: { ...same("vgg19"), smaller: "resnet101" } },
  squeezenet1_1: { tell: squeezenet, others: same("alexnet") },
  mobilenet_v2: { tell: mobilenet, others: {} },
  efficientnet_b0: { tell: efficientnet, others: same("resnet101") },
  ...Object.fromEntries(LITE.map((id) => [id, { tell: lite, others: same("efficientnet_b0", ...LITE) }])),
};

/** @param {string[]} ids */
function same(...ids) {
  return Object.fromEntries(ids.map((id) => [id, id]));
}

/**
 * The networks whose layers a story is told from.
 * @param {string} id
 * @returns {string[]} none for a network without a story
 */
export function neededFor(id) {
  const story = STORIES[id];
  return story ? [...new Set([id, ...Object.values(story.others)])] : [];
}

/**
 * @param {string} id
 * @param {Card[]} cards
 * @param {Record<string, Layer[]>} layers of networks, by their id, as far as they are known
 * @returns {Story | null} null for a network without a story, and as long as something it needs is not known
 */
export function storyOf(id, cards, layers) {
  const needed = neededFor(id);
  const known = (/** @type {string} */ id) => ({ card: /** @type {Card} */ (cards.find((card) => card.id === id)), layers: layers[id] });
  if (!needed.length || needed.some((id) => !known(id).card || !layers[id])) return null;
  const { tell, others } = STORIES[id];
  return tell(layers[id], known(id).card, Object.fromEntries(Object.entries(others).map(([name, id]) => [name, known(id)])));
}
