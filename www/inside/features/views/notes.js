// @ts-check
import { RANDOM } from "../../../pure/entries.js";
import { hintOf } from "../pure/hint.js";
import { subscribe } from "../../../state.js";
import { element, write } from "../../../views/page.js";
import { isWaiting, seenIn } from "./shown.js";

/**
 * Why there are no maps, and what is to be known about those that there are.
 * @param {() => void} onAgain
 */
export function showNotes(onAgain) {
  const hint = element("features-hint", HTMLParagraphElement);
  const other = element("features-other", HTMLParagraphElement);
  const random = element("features-random", HTMLParagraphElement);
  const trouble = element("features-trouble", HTMLDivElement);
  const troubleText = element("features-trouble-text", HTMLParagraphElement);
  const body = element("features-body", HTMLDivElement);
  element("features-again", HTMLButtonElement).addEventListener("click", onAgain);
  subscribe((state) => {
    const { inside: { key, other: second, features }, running } = state;
    const why = hintOf(state);
    const text = why || (seenIn(state) || features.trouble ? "" : "Computing the maps…");
    write(hint, text);
    hint.hidden = !text;
    other.hidden = !second;
    random.hidden = running.find((entry) => entry.key === key)?.weights !== RANDOM;
    trouble.hidden = !features.trouble || Boolean(why);
    write(troubleText, features.trouble);
    body.hidden = !seenIn(state);
    body.setAttribute("aria-busy", String(isWaiting(state)));
  });
}
