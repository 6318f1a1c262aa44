// @ts-check
import { PART_MISSING } from "./pure/failure.js";
import { readAddress, writeAddress } from "./address.js";
import { fetchCards, fetchSamples, tidyCache } from "./download.js";
import { fitSource } from "./fitSource.js";
import { followChoice } from "./followChoice.js";
import { followMemory } from "./followMemory.js";
import { isolate } from "./isolation.js";
import { LineUp } from "./lineup.js";
import { Looker } from "./looker.js";
import { bringPart, missingPart } from "./parts.js";
import { defaultSource, isOwn } from "./pure/source.js";
import { PictureSource } from "./source.js";
import { notice, once, setProblem, state, subscribe, update } from "./state.js";
import { viewNamed } from "./views.js";

/**
 * Boots the page and wires what all views share: source → looker → line-up → state → views.
 *
 * @typedef {import("./pure/source.js").Source} Source
 * @typedef {import("./views.js").Wiring} Wiring
 */

const lineUp = new LineUp(() => void looker.wake());
const source = new PictureSource(/** @type {HTMLVideoElement} */ (document.getElementById("video")), () => void looker.wake(), defaultHere);
const looker = new Looker(lineUp, source);
const page = { source, lineUp, show };
/** view: ends when the view that is wanted has come, or cannot be had. @type {{ view: Promise<unknown> }} */
const opening = { view: Promise.resolve() };

/** Views whose modules have been loaded, by their name. @type {Map<string, Wiring>} */
const brought = new Map();

/** @param {string} name */
async function bring(name) {
  const wiring = brought.get(name) ?? (await viewNamed(name).bring());
  brought.set(name, wiring);
  return wiring;
}

/**
 * @param {string} name of a view
 * @param {boolean} [isRetry] it did not come before
 */
async function open(name, isRetry = false) {
  setProblem("view", null); // of the view that was wanted before
  const wiring = await bring(name).catch(() => null);
  const problem = wiring ? null : await missingPart(isRetry, () => void open(name, true));
  if (state.view !== name) return;
  setProblem("view", problem);
  if (!wiring) return;
  wiring.start(page);
  update({ shown: name });
}

/**
 * @param {string} view
 * @param {Partial<import("./state.js").State>} [choice] that comes with it
 */
async function show(view, choice = {}) {
  const before = state.view;
  update({ ...choice, view });
  if (before === view) return;
  brought.get(before)?.rest();
  source.release();
  await (opening.view = open(view));
}

/**
 * @param {import("./givenFiles.js").Given} drop
 * @returns {boolean} the view that is shown has taken it
 */
function takeDrop(drop) {
  return brought.get(state.view)?.takeDrop?.(drop) ?? false;
}

async function startSource(/** @type {Source | null} */ named) {
  const samples = await fetchSamples().catch(() => {
    notice("The list of sample photos could not be downloaded. The camera and your own pictures work.");
    return [];
  });
  update({ samples });
  const view = viewNamed(state.view);
  const needsCard = named ? named.kind === "drawing" && view.card(state) !== null : view.waitsForCard(state);
  if (needsCard) await once(({ cards }) => cards.length > 0);
  const next = suitable(named) ?? defaultHere();
  if (source.isThere) return; // the visitor has chosen one meanwhile
  if (next) await source.show(next);
  else document.querySelector(".first-photo")?.remove(); // no network looks at it
}

/**
 * Keeps a drawing from being the source where the network is not for digits.
 * @param {Source | null} named
 */
function suitable(named) {
  const card = viewNamed(state.view).card(state);
  return named?.kind === "drawing" && card !== null && card?.frame.kind !== "digit" ? null : named;
}

function defaultHere() {
  return defaultSource(viewNamed(state.view).card(state) ?? undefined, state.samples);
}

function followHistory() {
  let visits = 0;
  addEventListener("popstate", async () => {
    const visit = ++visits;
    const { view, source: named, ...choice } = readAddress(location.search);
    await show(view, choice);
    if (visit !== visits) return; // another address has been gone to meanwhile
    if (isOwn(state.source)) return; // also where the address, which is older than the picture, names another one
    const next = suitable(named) ?? defaultHere();
    if (next) source.show(next);
  });
}

/** Brings the networks' cards before the engine. Where they cannot be had, they come with it. */
async function bringCards() {
  const cards = await fetchCards().catch(() => []);
  if (!state.cards.length) update({ cards });
}

/** Follows a server that is still building while it serves the page. Most servers have nothing to build. */
async function followServer() {
  await once(({ building }) => building.length > 0);
  bringPart("building", async () => {
    const [{ followBuilding }, { showBuilding }] = await Promise.all([import("./building.js"), import("./views/building.js")]);
    showBuilding();
    followBuilding();
  });
}

/** What lets the page open without a network comes last: all else is wanted now. */
async function bringOffline() {
  await once(({ running, building }) => running.length > 0 && !building.length);
  await stays; // else what it tells the visitor would be gone with the page, and not be told again
  const offline = await import("./offline.js").catch(() => null);
  offline?.followOffline();
}

/** Without them nothing of the page can be used, nor a message shown as others are. */
async function bringSharedViews() {
  const isReady = () => Promise.all([opening.view, asksForCamera || sourceIsThere]);
  try {
    const { wireSharedViews } = await import("./sharedViews.js");
    wireSharedViews(source, show, { isReady, takeDrop });
  } catch {
    const reload = Object.assign(document.createElement("button"), { type: "button", textContent: "Reload the page", onclick: () => location.reload() });
    document.getElementById("errors")?.replaceChildren(PART_MISSING, " ", reload);
  }
}

document.getElementById("not-started")?.remove();
const { source: named, ...choice } = readAddress(location.search);
update(choice);
const stays = isolate();
bringCards();
followChoice(lineUp, source);
followMemory(lineUp);
fitSource(source);
opening.view = open(state.view);
/** Ends when there is a picture, or cannot be one. */
const sourceIsThere = Promise.race([startSource(named), once(({ source: shown }) => shown !== null)]);
/** The browser asks the visitor, who may leave that without an answer. */
const asksForCamera = named?.kind === "camera";
bringSharedViews(); // after what a prediction waits for

source.followVisibility();
followHistory();
sourceIsThere.then(() => subscribe(writeAddress));
followServer();
once(({ running, building }) => running.length > 0 && !building.length).then(() => tidyCache(state.rows ?? []));
bringOffline();
