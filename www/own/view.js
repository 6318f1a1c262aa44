// @ts-check
import { bringMarkup, bringStyle } from "../bring.js";
import { openDialog } from "../views/dialog.js";
import { element } from "../views/page.js";
import { Opening } from "./opening.js";
import { showPanel } from "./views/panel.js";

/** Wires the dialog about a visitor's file of weights, which opens over any view. */

/** @type {{ panel: Promise<Opening> | null }} */
const brought = { panel: null };

/**
 * @param {File} file
 * @param {File | null} labels a file with the names of the classes that came with it
 * @param {{ show: import("../views.js").Page["show"], askForFile: () => void }} page
 */
export async function open(file, labels, page) {
  const dialog = /** @type {HTMLDialogElement} */ (element("own", HTMLElement));
  brought.panel ??= bring(dialog, page).catch((error) => {
    brought.panel = null; // the next file tries again
    throw error;
  });
  const opening = await brought.panel;
  openDialog(dialog);
  await opening.open(file, labels);
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {{ show: import("../views.js").Page["show"], askForFile: () => void }} page
 */
async function bring(dialog, { show, askForFile }) {
  const [markup] = await Promise.all([
    bringMarkup(new URL("./own.html", import.meta.url)),
    bringStyle(new URL("../about/about.css", import.meta.url)), // of all dialogs
    bringStyle(new URL("./own.css", import.meta.url)),
  ]);
  dialog.replaceChildren(markup);
  const opening = new Opening(show);
  showPanel(dialog, {
    onRun: (wanted) => void opening.run(wanted),
    onLabels: (labels) => void opening.takeLabels(labels),
    onCancel: () => opening.cancel(),
    onClose: () => opening.close(),
    onOther: askForFile,
  });
  return opening;
}
