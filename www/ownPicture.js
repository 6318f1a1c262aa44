// @ts-check
import { ownName } from "./deployment.js";
import { isOwn } from "./pure/source.js";
import { dismiss, notice, subscribe } from "./state.js";

/** A name that the tab remembers over a reload. The picture itself is kept nowhere. */
const KEY = ownName("convscope-own-picture");

/**
 * Says what has become of the visitor's own picture when the page was loaded again: a page cannot keep a file.
 * @param {() => void} askForFile has the visitor choose a file
 */
export function followOwnPicture(askForFile) {
  const lost = remembered();
  const text = `“${lost}” is not shown any more: this page was loaded again, and it keeps no picture of yours. Open the file again to go on with it.`;
  if (lost) notice(text, { label: "Open it again", run: askForFile });
  subscribe(({ source, notices }) => {
    if (source) remember(source.kind === "file" ? source.name : "");
    if (isOwn(source) && notices.some((other) => other.text === text)) dismiss(text);
  });
}

function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // the browser lets no page store anything
  }
}

/** @param {string} name empty: there is none */
function remember(name) {
  try {
    if (name) sessionStorage.setItem(KEY, name);
    else sessionStorage.removeItem(KEY);
  } catch {
    // the browser lets no page store anything: a reload is not commented on
  }
}
