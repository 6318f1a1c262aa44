// @ts-check
import { bringMarkup, bringStyle } from "../bring.js";
import { openDialog } from "../views/dialog.js";
import { element } from "../views/page.js";
import { ALL_DELETED, NOT_DELETED, NO_STORAGE, deletedText } from "./pure/texts.js";
import { askToKeep, readPersistence, readSpace, readStored, remove } from "./storage.js";
import { showStored } from "./views/list.js";

/**
 * Wires the dialog about the weights that this browser keeps, which opens over any view.
 *
 * @typedef {import("./pure/texts.js").Stored} Stored
 */

const HASH = "#stored";

/** @type {{ view: Promise<{ refresh: () => Promise<void> }> | null }} */
const brought = { view: null };

export async function open() {
  const dialog = /** @type {HTMLDialogElement} */ (element("stored", HTMLElement));
  brought.view ??= bring(dialog).catch((error) => {
    brought.view = null; // the next click tries again
    throw error;
  });
  const { refresh } = await brought.view;
  await refresh();
  openDialog(dialog);
}

/** @param {HTMLDialogElement} dialog */
async function bring(dialog) {
  const [markup] = await Promise.all([
    bringMarkup(new URL("./stored.html", import.meta.url)),
    bringStyle(new URL("../about/about.css", import.meta.url)), // of all dialogs
    bringStyle(new URL("./stored.css", import.meta.url)),
  ]);
  dialog.replaceChildren(markup);
  const asked = { isAsked: false };
  const list = showStored(dialog, {
    onDelete: (stored) => void removeAll(stored),
    onPersist: async () => {
      asked.isAsked = true;
      await askToKeep();
      await refresh();
    },
  });
  dialog.addEventListener("close", () => {
    if (location.hash === HASH) history.replaceState(null, "", location.pathname + location.search);
  });
  return { refresh };

  async function refresh() {
    const [found, space, isPersisted] = await Promise.all([readStored().catch(() => null), readSpace(), readPersistence()]);
    list.render({ stored: found ?? [], trouble: found ? "" : NO_STORAGE, space, isPersisted, ...asked });
  }

  /** @param {Stored[]} stored */
  async function removeAll(stored) {
    try {
      for (const { row } of stored) await remove(row);
      list.tell(stored.length === 1 ? deletedText(stored[0]) : ALL_DELETED);
    } catch {
      list.tell(NOT_DELETED);
    }
    await refresh();
  }
}
