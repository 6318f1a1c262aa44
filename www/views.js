// @ts-check
import { compare } from "./compare/row.js";
import { inside } from "./inside/row.js";
import { lab } from "./lab/row.js";
import { single } from "./single/row.js";

/**
 * The table of views. A new view is a folder with its own row, one line here, and its markup in index.html.
 *
 * @typedef {import("./state.js").State} State
 *
 * @typedef {object} View
 * @property {string} name as the markup's `data-in` has it
 * @property {(query: URLSearchParams) => boolean} claims an address that is this view's
 * @property {(query: URLSearchParams) => Partial<State>} read its own part of an address
 * @property {(query: URLSearchParams, state: State) => void} write the whole address
 * @property {(state: State) => import("./state.js").Card | null | undefined} card of the network that a source is to suit; null: any source does; undefined: it is not known yet
 * @property {(state: State) => boolean} waitsForCard whether the card must be known before a source is chosen where the address names none
 * @property {(state: State) => import("./choice.js").Choice | null} lineUp what runs; null: nothing does
 * @property {() => Promise<Wiring>} bring its modules and its style
 *
 * @typedef {object} Wiring of a view that has come
 * @property {(page: Page) => void} start called whenever it is shown
 * @property {() => void} rest called when another one is shown
 * @property {(drop: import("./givenFiles.js").Given) => boolean} [takeDrop] called with a drop before it is taken for a picture; true: it was taken
 *
 * @typedef {object} Page what views share
 * @property {import("./source.js").PictureSource} source
 * @property {import("./lineup.js").LineUp} lineUp
 * @property {(view: string, choice?: Partial<State>) => Promise<void>} show another view, with what is chosen in it
 */

/** An address belongs to the first view that claims it. */
const VIEWS = [compare, inside, lab, single];

/** @param {string} name */
export const viewNamed = (name) => VIEWS.find((view) => view.name === name) ?? single;

/** @param {URLSearchParams} query */
export const viewOf = (query) => VIEWS.find((view) => view.claims(query)) ?? single;
