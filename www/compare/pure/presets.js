// @ts-check
import { entryOf, rowOfEntry } from "../../pure/entries.js";

/**
 * Sets of networks worth comparing.
 *
 * @typedef {import("../../pure/entries.js").Card} Card
 * @typedef {import("../../pure/entries.js").Row} Row
 * @typedef {{ name: string, keys: string[] }} Preset
 */

/** Networks after which others were built differently. */
const MILESTONES = ["lenet5", "alexnet", "vgg16", "googlenet", "resnet152", "efficientnet_b0"];
const USUAL = ["googlenet", "resnet18", "squeezenet1_1", "mobilenet_v2", "efficientnet_lite0", "efficientnet_lite2"];
const PHONE = 8e6; // parameters, 32 MB in single precision

/**
 * @param {Card[]} cards
 * @returns {Preset[]}
 */
export function presets(cards) {
  const keys = (/** @type {(card: Card) => boolean} */ wanted) => cards.filter(wanted).map(({ id }) => id);
  const milestones = keys(({ id }) => MILESTONES.includes(id));
  const years = cards.filter(({ id }) => milestones.includes(id)).map(({ year }) => year);
  return [
    { name: `Milestones, ${Math.min(...years)}–${Math.max(...years)}`, keys: milestones },
    { name: "Small enough for a phone", keys: keys(({ parameters, frame }) => frame.kind === "photo" && parameters <= PHONE) },
    { name: "ResNets by depth", keys: keys(({ id }) => id.startsWith("resnet")) },
    { name: "All", keys: keys(() => true) },
  ];
}

/**
 * The networks that are compared before the visitor has chosen any: small ones whose weights the server has.
 * @param {Card[]} cards
 * @param {Row[]} rows
 */
export function usualKeys(cards, rows) {
  const here = cards.filter(({ id, frame }) => frame.kind === "photo" && rowOfEntry(entryOf(id), rows));
  const small = here.filter(({ parameters }) => parameters <= 4 * PHONE);
  const usual = USUAL.filter((id) => small.some((card) => card.id === id));
  const keys = usual.length > 1 ? usual : small.map(({ id }) => id);
  return keys.length > 1 ? keys : USUAL.slice(-2);
}
