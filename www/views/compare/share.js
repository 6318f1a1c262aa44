// @ts-check
import { toCsv, toJson, toMarkdown } from "../../compare/export.js";
import { fromFragment, toFragment } from "../../compare/link.js";
import { sentenceOf } from "../../failure.js";
import { setProblem, state, subscribe, updateCompare } from "../../state.js";
import { element, write } from "../page.js";
import { rowName } from "./results.js";

/** @typedef {import("../../compare/results.js").Result} Result */

const tools = element("share-tools", HTMLDivElement);
const said = element("share-said", HTMLParagraphElement);
const link = element("share-link", HTMLInputElement);
const forget = element("bench-forget", HTMLButtonElement);
const SCHEMA = new URL("../../results.schema.json", import.meta.url);

export function showShare() {
  /** @type {Record<string, (result: Result) => void>} */
  const acts = {
    json: (result) => save(toJson(result), "application/json", nameOf(result, "json")),
    csv: (result) => save(toCsv(result), "text/csv", nameOf(result, "csv")),
    markdown: (result) => copy(toMarkdown(result, rowName), "The table is copied."),
    link: async (result) => copy(await linkTo(result), "The link is copied. It holds the result itself; no server keeps it."),
  };
  tools.addEventListener("click", ({ target }) => {
    const act = target instanceof HTMLButtonElement && acts[target.value];
    if (act && state.compare.result) act(state.compare.result);
  });
  forget.addEventListener("click", () => {
    history.replaceState(null, "", location.pathname + location.search);
    updateCompare({ sender: null });
  });
  addEventListener("hashchange", open);
  open();
  /** @type {Result | null} */
  let of = null;
  subscribe(({ compare: { result, run } }) => {
    tools.hidden = !result || run !== null;
    if (of === result) return;
    of = result;
    link.hidden = true;
    write(said, "");
  });
}

/** A result that came with the address. */
async function open() {
  const { hash } = location;
  if (!hash) return;
  try {
    const sender = await fromFragment(hash, await (await fetch(SCHEMA)).json());
    if (sender) updateCompare({ sender, tab: "benchmark" });
  } catch (error) {
    setProblem("source", { text: sentenceOf(error), retry: null });
  }
}

/** @param {Result} result */
async function linkTo(result) {
  const networks = [...new Set(result.rows.map(({ network, variant }) => (variant === "q8" || variant === "random" ? network : `${network}-${variant}`)))];
  const { origin, pathname } = location;
  return `${origin}${pathname}?networks=${networks.join(",")}&tab=benchmark${await toFragment(result)}`;
}

/**
 * @param {string} text
 * @param {string} done
 */
async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    link.hidden = true;
    write(said, done);
  } catch {
    link.hidden = false; // to be copied by hand
    link.value = text;
    link.select();
    write(said, "This browser does not let the page copy: copy it from here.");
  }
}

/**
 * @param {string} text
 * @param {string} type
 * @param {string} name
 */
function save(text, type, name) {
  saveBlob(new Blob([text], { type }), name);
  write(said, `${name} is saved.`);
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser needs it a little longer
}

/**
 * @param {Result} result
 * @param {string} ending
 */
const nameOf = ({ date }, ending) => `convscope-${date.replace(/\W/g, "").slice(0, 13)}.${ending}`;
