// @ts-check
import { ownName } from "../deployment.js";
import { sentenceOf } from "../pure/failure.js";
import { state, updateCompare } from "../state.js";
import { isNewer, resultFrom } from "./pure/link.js";
import { bringSchema } from "./resultSchema.js";

/**
 * The last results, kept in the browser's local storage, so that they survive a reload.
 *
 * @typedef {import("./pure/results.js").Result} Result
 * @typedef {import("./state.js").Kept} Kept
 */

/** Until all copies of the page on an origin had names of their own, they kept their results under this one. */
const SHARED_NAME = "convscope-results";
const NAME = ownName(SHARED_NAME);
const MOST = 5;

/** Shows what was kept on earlier visits, and of it the newest result. */
export async function openKept() {
  takeOver();
  const found = readable();
  if (!found.length) return;
  try {
    const schema = await bringSchema();
    const kept = found.flatMap(({ id, result }) => {
      const read = resultFrom(result, schema);
      return "result" in read ? [{ id, result: read.result }] : [];
    });
    // What nobody can open or delete would take the places of results that can be opened; a newer page can open its own.
    const damaged = new Set(found.filter((one) => !isNewer(one.result) && !kept.some(({ id }) => id === one.id)).map(({ id }) => id));
    if (damaged.size) store((others) => others.filter(({ id }) => !damaged.has(id)));
    updateCompare({ kept: [...state.compare.kept, ...kept].slice(0, MOST), result: state.compare.result ?? kept[0]?.result ?? null, keptTrouble: lostText(damaged.size, found.length - kept.length - damaged.size) });
  } catch (error) {
    updateCompare({ keptTrouble: `The results of earlier visits cannot be shown. ${sentenceOf(error)}` });
  }
}

/**
 * @param {number} damaged
 * @param {number} newer
 */
function lostText(damaged, newer) {
  const results = (/** @type {number} */ count) => (count === 1 ? "One kept result" : `${count} kept results`);
  const gone = damaged ? `${results(damaged)} could not be read and ${damaged === 1 ? "was" : "were"} deleted.` : "";
  return [gone, newer ? `${results(newer)} cannot be read by this version of the page: a newer one made ${newer === 1 ? "it" : "them"}.` : ""].filter(Boolean).join(" ");
}

/** @param {Result} result */
export function keep(result) {
  const own = { id: Date.now(), result };
  const kept = [own, ...state.compare.kept].slice(0, MOST);
  updateCompare({ kept, keptTrouble: store((others) => [own, ...others].slice(0, MOST)) });
}

/** @param {number} id */
export function forget(id) {
  const { kept, result } = state.compare;
  const gone = kept.find((one) => one.id === id)?.result;
  const keptTrouble = store((others) => others.filter((one) => one.id !== id));
  updateCompare({ kept: kept.filter((one) => one.id !== id), result: result === gone ? null : result, keptTrouble });
}

/** @param {number} id */
export function open(id) {
  const found = state.compare.kept.find((one) => one.id === id);
  if (found) updateCompare({ result: found.result });
}

/** Takes over what was kept under the name that copies of the page shared: no result tells whose it is, so it is the first one's that asks. */
function takeOver() {
  const shared = readable(SHARED_NAME);
  if (!shared.length) return;
  const isKept = !store((own) => [...own, ...shared.filter(({ id }) => !own.some((one) => one.id === id))].slice(0, MOST));
  if (isKept) localStorage.removeItem(SHARED_NAME);
}

/**
 * What is stored, newest first: nothing where it is no list that this page wrote, or where the storage is blocked, which is
 * told when there is something to keep.
 * @param {string} [name] under which it is stored
 * @returns {{ id: number, result: any }[]}
 */
function readable(name = NAME) {
  try {
    const list = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => Number.isFinite(one?.id)) : [];
  } catch {
    return [];
  }
}

/**
 * @param {(kept: { id: number, result: any }[]) => { id: number, result: any }[]} change what was kept, perhaps by another tab meanwhile
 * @returns {string} what is wrong, as a sentence; empty where nothing is
 */
function store(change) {
  try {
    const wanted = change(readable());
    // Where there is no room, the single times go first, those of the oldest results before the others.
    for (let full = wanted.length; full >= 0; full--) {
      try {
        localStorage.setItem(NAME, JSON.stringify(wanted.map((one, i) => (i < full ? one : withoutTimes(one)))));
        return "";
      } catch (error) {
        if (full === 0) throw error;
      }
    }
    return "";
  } catch {
    return "This browser keeps no results for the page: its storage is blocked or full. Save a result as a file before you close the page.";
  }
}

/** @param {{ id: number, result: any }} kept */
function withoutTimes({ id, result }) {
  return { id, result: { ...result, rows: result.rows?.map((/** @type {any} */ { times: _, ...row }) => row) } };
}
