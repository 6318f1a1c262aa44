// @ts-check
import { state, subscribe } from "../state.js";
import { rowOfEntry } from "../pure/entries.js";
import { copyText } from "./copy.js";
import { element, write } from "./page.js";

/** What a link holds of the picture, by the kind of the source. */
const HOLDS = {
  sample: "It opens this view with this photo.",
  file: "Your picture is not in it: the picture stays in this browser, and the link opens the view with another one.",
  camera: "What your camera shows is not in it: whoever opens it is asked for a camera.",
  drawing: "Your drawing is not in it: the link opens the view with an empty pad.",
};

/**
 * What a link does not hold of the weights.
 * @param {import("../state.js").State} state
 */
function ownText({ entries, rows }) {
  const own = entries.flatMap((entry) => rowOfEntry(entry, rows ?? []) ?? []).filter(({ here }) => here);
  if (!own.length) return "";
  return `Your own weights are not in it: ${own.every(({ here }) => here === "kept") ? "it opens them in this browser only, where they are kept" : "they are gone when this page is closed"}.`;
}

/** Copies the address of what is shown, and says whether the picture is in it. */
export function showLink() {
  const button = element("copy-link", HTMLButtonElement);
  const field = element("copied-link", HTMLInputElement);
  const said = element("copy-said", HTMLParagraphElement);
  button.addEventListener("click", () => {
    const kind = state.source?.kind;
    copyText(location.origin + location.pathname + location.search, "The link is copied.", field, said, [kind ? HOLDS[kind] : "", ownText(state)].filter(Boolean).join(" "));
  });
  /** @type {{ source: unknown, view: string }} */
  const of = { source: null, view: "" };
  subscribe(({ source, view }) => {
    if (of.source === source && of.view === view) return;
    Object.assign(of, { source, view });
    field.hidden = true;
    write(said, "");
  });
}
