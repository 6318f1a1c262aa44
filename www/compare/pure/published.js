// @ts-check
import { shareInterval } from "./statistics.js";
import { PICTURES } from "./validation.js";

/**
 * Published accuracies beside those that were measured on pictures of the same set.
 *
 * @typedef {{ name: string, of: number, top1: number, top5: number }} Measured of the network's pictures how many it named right
 * @typedef {{ top1: number | null, top5: number | null }} Published in percent
 */

const SIDES = ["within", "above", "below"];

/**
 * @param {number} published in percent
 * @param {number} hits
 * @param {number} of
 * @returns {string} where it lies beside the interval of the measured share
 */
export function sideOf(published, hits, of) {
  const { low, high } = shareInterval(hits, of);
  return published / 100 > high ? "above" : published / 100 < low ? "below" : "within";
}

/**
 * Whether the published accuracies agree with the measured ones, and what to consider.
 * @param {(Measured & { published: Published })[]} networks that were measured on the same pictures
 * @returns {string} empty where nothing is published
 */
export function publishedText(networks) {
  const sentences = /** @type {const} */ (["top1", "top5"]).flatMap((share) => {
    const known = networks.flatMap(({ name, of, published, ...hits }) => (published[share] ? [{ name, side: sideOf(published[share], hits[share], of) }] : []));
    const parts = SIDES.map((side) => ({ side, names: known.filter((one) => one.side === side).map(({ name }) => name) })).filter(({ names }) => names.length);
    return parts.length ? `The published ${share.replace("top", "top-")} is ${parts.map(({ side, names }) => `${side} the 95 % interval of what was measured for ${listed(names)}`).join(", and ")}.` : [];
  });
  if (!sentences.length) return "";
  const count = networks[0].of;
  const isPart = count < PICTURES;
  const how = `Published figures are of ${isPart ? "all" : "the same"} ${PICTURES.toLocaleString("en")} pictures, of weights in single precision, and of preprocessing that differs from source to source.`;
  const part = `${count === 1 ? "One of these pictures was" : `${count.toLocaleString("en")} of these pictures were`} seen: the interval allows for chance, as if they had been drawn at random, but not for a folder that has only some of the classes.`;
  return [...sentences, how, ...(isPart ? [part] : [])].join(" ");
}

/** @param {string[]} names */
const listed = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0]);
