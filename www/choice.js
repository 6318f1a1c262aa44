// @ts-check
import { titleOf } from "./load.js";
import { weightsOf } from "./pure/entries.js";
import { isSame, placeKey } from "./pure/place.js";
import { state } from "./state.js";

/**
 * What a view wants to run, and what comes back when it cannot be had.
 *
 * @typedef {import("./state.js").Entry} Entry
 * @typedef {import("./state.js").Place} Place
 *
 * @typedef {object} Choice a line-up that is wanted
 * @property {Entry[] | null} entries null while they are not known: only the engine is opened
 * @property {Place} place
 * @property {string} view whose choice it is
 * @property {boolean} heads auxiliary heads are asked too
 * @property {boolean} [looks] false: nobody sees what it looks at, so that the camera rests
 * @property {boolean} stays it stays chosen where none of its entries can be loaded; else the one before it comes back
 * @property {() => void} choose writes the choice into the state again
 * @property {(entry: Entry) => void} [replace] writes another entry into the state in place of its only one
 * @property {(() => Choice) | null} [otherwise] the line-up to load instead, if the server does not know the network and the view had none before
 *
 * @typedef {object} Ready a choice of which an entry was ready
 * @property {Choice} choice
 * @property {Place} place where it ran
 */

/**
 * A text that differs between line-ups. It contains the variants of the weights, so that weights that have come to the
 * server make another line-up.
 * @param {Choice} choice
 */
export function signatureOf({ entries, place }) {
  return [placeKey(place), ...(entries?.map((entry) => `${entry.key}:${weightsOf(entry, state.rows ?? [])}`) ?? ["unknown"])].join(" ");
}

/**
 * The choice to return to: the one that was ready last, if the view that is shown made it. A choice that stays is returned
 * to its place before, and only where it could not be had at another one.
 * @param {Ready | null} last
 * @param {Choice} choice that could not be loaded
 * @param {boolean} [isRefused] because its place cannot be had
 * @returns {Choice | null}
 */
export function choiceBefore(last, choice, isRefused = false) {
  if (!last || last.choice.view !== choice.view) return null;
  if (!choice.stays) return { ...last.choice, place: last.place };
  return isRefused && !isSame(last.place, choice.place) ? { ...choice, place: last.place } : null;
}

/** A sentence that names what goes on running. @param {Ready | null} last */
export function goesOn(last) {
  if (!last) return "";
  const [entry, ...others] = last.choice.entries ?? [];
  return others.length ? " The networks go on." : ` ${titleOf(entry)} goes on.`;
}
