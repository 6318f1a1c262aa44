// @ts-check

/** Dialogs over the view that is shown. */

/** @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  if (!dialog.showModal) dialog.setAttribute("open", ""); // an older browser shows it below the page
  else if (!dialog.open) dialog.showModal();
}

/** @param {HTMLDialogElement} dialog */
export function closeDialog(dialog) {
  if (dialog.close) dialog.close();
  else dialog.removeAttribute("open");
}
