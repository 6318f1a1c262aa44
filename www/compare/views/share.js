// @ts-check
import { DEFAULT_VARIANT, RANDOM, isOwnVariant } from "../../pure/entries.js";
import { state, subscribe } from "../../state.js";
import { copyText } from "../../views/copy.js";
import { element, write } from "../../views/page.js";
import { toCsv, toJson, toMarkdown } from "../pure/export.js";
import { LONGEST_IN_CHATS, toFragment } from "../pure/link.js";
import { rowName } from "../pure/results.js";
import { saveBlob } from "../../views/saveBlob.js";

/** @typedef {import("../pure/results.js").Result} Result */

const tools = element("share-tools", HTMLDivElement);
const said = element("share-said", HTMLParagraphElement);
const link = element("share-link", HTMLInputElement);
const forget = element("bench-forget", HTMLButtonElement);

/** @param {() => void} onForget called when the sender's result is not wanted any more */
export function showShare(onForget) {
  /** @type {Record<string, (result: Result) => void>} */
  const acts = {
    json: (result) => save(toJson(result), "application/json", nameOf(result, "json")),
    csv: (result) => save(toCsv(result), "text/csv", nameOf(result, "csv")),
    markdown: (result) => copy(toMarkdown(result, (row) => rowName(row, state.cards)), "The table is copied."),
    link: async (result) => {
      const address = await linkTo(result);
      const own = result.rows.some(isOwn) ? " Your own weights are not in it: whoever opens it sees their times, and cannot run them." : "";
      copy(address, `The link is copied. It holds the result itself, its times to three digits; no server keeps it.${own}`, lengthRemark(address.length));
    },
  };
  tools.addEventListener("click", ({ target }) => {
    const act = target instanceof HTMLButtonElement && acts[target.value];
    if (act && state.compare.result) act(state.compare.result);
  });
  forget.addEventListener("click", onForget);
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

/** @param {import("../pure/results.js").Row} row */
const isOwn = ({ variant }) => isOwnVariant(variant);

/**
 * @param {Result} result
 * @returns {Promise<string>} it opens the networks that others can run
 */
async function linkTo(result) {
  const networks = [...new Set(result.rows.filter((row) => !isOwn(row)).map(({ network, variant }) => (variant === DEFAULT_VARIANT || variant === RANDOM ? network : `${network}-${variant}`)))];
  const { origin, pathname } = location;
  return `${origin}${pathname}?networks=${networks.join(",")}&tab=benchmark${await toFragment(result)}`;
}

/** @param {number} letters of a link */
const lengthRemark = (letters) =>
  letters > LONGEST_IN_CHATS ? `It has ${letters.toLocaleString("en")} letters, and many chat programs cut a link after ${LONGEST_IN_CHATS.toLocaleString("en")}: send the JSON file there instead.` : "";

/**
 * @param {string} text
 * @param {string} done
 * @param {string} [remark]
 */
const copy = (text, done, remark) => copyText(text, done, link, said, remark);

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
 * @param {Result} result
 * @param {string} ending
 */
const nameOf = ({ date }, ending) => `convscope-${date.replace(/\W/g, "").slice(0, 13)}.${ending}`;
