// @ts-check
import { state, subscribe } from "../state.js";
import { copyText } from "./copy.js";
import { element, write } from "./page.js";

/** What a link holds of the picture, by the kind of the source. */
const HOLDS = {
  sample: "It opens this view with this photo.",
  file: "Your picture is not in it: the picture stays in this browser, and the link opens the view with another one.",
  camera: "What your camera shows is not in it: whoever opens it is asked for a camera.",
  drawing: "Your drawing is not in it: the link opens the view with an empty pad.",
};

/** Copies the address of what is shown, and says whether the picture is in it. */
export function showLink() {
  const button = element("copy-link", HTMLButtonElement);
  const field = element("copied-link", HTMLInputElement);
  const said = element("copy-said", HTMLParagraphElement);
  button.addEventListener("click", () => {
    const kind = state.source?.kind;
    copyText(location.origin + location.pathname + location.search, "The link is copied.", field, said, kind ? HOLDS[kind] : "");
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
