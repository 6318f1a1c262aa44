// @ts-check
import { bringMarkup, bringStyle } from "../bring.js";
import { closeDialog, openDialog } from "../views/dialog.js";
import { element } from "../views/page.js";
import { readPackage } from "./package.js";
import { showCode } from "./views/code.js";
import { showGlossary } from "./views/glossary.js";
import { showLicences } from "./views/licences.js";

/** Wires what the footer leads to: a dialog over the view that is shown, so that nothing in it is lost or interrupted. */

const SECTIONS = ["code", "times", "glossary", "source", "licences"];

/** @type {{ markup: Promise<void> | null }} */
const brought = { markup: null };

/** Opens the section that the address names after its “#”. */
export function openNamed() {
  const name = location.hash.slice(1);
  if (SECTIONS.includes(name)) open(name);
}

/** @param {string} name of a section */
export async function open(name) {
  const dialog = /** @type {HTMLDialogElement} */ (element("about", HTMLElement));
  await (brought.markup ??= bring(dialog).catch((error) => {
    brought.markup = null; // the next click tries again
    throw error;
  }));
  openDialog(dialog);
  const section = element(`about-${name}`, HTMLElement);
  section.scrollIntoView();
  section.focus({ preventScroll: true });
}

/** @param {HTMLDialogElement} dialog */
async function bring(dialog) {
  const [markup] = await Promise.all([bringMarkup(new URL("./about.html", import.meta.url)), bringStyle(new URL("./about.css", import.meta.url))]);
  dialog.replaceChildren(markup);
  const close = () => closeDialog(dialog);
  element("about-close", HTMLButtonElement).addEventListener("click", close);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) close(); // beside it
  });
  addEventListener("popstate", () => {
    if (!SECTIONS.includes(location.hash.slice(1))) close(); // another view lies below it now
  });
  dialog.addEventListener("close", () => {
    if (SECTIONS.includes(location.hash.slice(1))) history.replaceState(null, "", location.pathname + location.search);
  });
  showGlossary();
  showLicences();
  readPackage().then(showCode, () => showCode({ install: "", sample: "", repository: "" }));
}
