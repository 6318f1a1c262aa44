// @ts-check
import { megabytes } from "../../pure/text.js";
import { closeDialog } from "../../views/dialog.js";
import { element, make, say, write } from "../../views/page.js";
import { NOTHING_STORED, detailText, persistenceText, spaceText, totalText } from "../pure/texts.js";

/**
 * The list of what is stored.
 *
 * @typedef {import("../pure/texts.js").Stored} Stored
 * @typedef {import("../pure/texts.js").Space} Space
 *
 * @typedef {object} Seen
 * @property {Stored[]} stored
 * @property {string} trouble why nothing is known of them; empty where it is
 * @property {Space | null} space
 * @property {boolean | null} isPersisted
 * @property {boolean} isAsked
 *
 * @param {HTMLDialogElement} dialog that holds the markup
 * @param {{ onDelete: (stored: Stored[]) => void, onPersist: () => void }} calls
 * @returns {{ render: (seen: Seen) => void, tell: (text: string) => void }}
 */
export function showStored(dialog, { onDelete, onPersist }) {
  const heading = element("stored-heading", HTMLHeadingElement);
  const list = element("stored-list", HTMLUListElement);
  const all = element("stored-delete-all", HTMLButtonElement);
  const persist = element("stored-persist", HTMLButtonElement);
  const empty = element("stored-empty", HTMLParagraphElement);
  /** @type {{ stored: Stored[] }} */
  const shown = { stored: [] };

  const close = () => closeDialog(dialog);
  element("stored-close", HTMLButtonElement).addEventListener("click", close);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) close(); // beside it
  });
  all.addEventListener("click", () => onDelete(shown.stored));
  persist.addEventListener("click", onPersist);

  return {
    render({ stored, trouble, space, isPersisted, isAsked }) {
      shown.stored = stored;
      const had = dialog.contains(document.activeElement);
      list.replaceChildren(...stored.map((one) => line(one, () => onDelete([one]))));
      write(empty, stored.length ? "" : trouble || NOTHING_STORED);
      empty.hidden = stored.length > 0;
      write(element("stored-total", HTMLParagraphElement), totalText(stored));
      all.hidden = stored.length < 2;
      persist.hidden = isPersisted !== false;
      write(element("stored-space", HTMLParagraphElement), spaceText(space));
      write(element("stored-persistence", HTMLParagraphElement), persistenceText(isPersisted, isAsked));
      if (had && !dialog.contains(document.activeElement)) heading.focus(); // what was pressed is gone
    },
    tell: (text) => say(element("stored-said", HTMLParagraphElement), text),
  };
}

/**
 * @param {Stored} stored
 * @param {() => void} onDelete
 */
function line(stored, onDelete) {
  const name = make("span", { className: "stored-name", textContent: stored.title });
  const detail = detailText(stored);
  if (detail) name.append(make("small", { textContent: detail }));
  const button = make("button", { type: "button", textContent: "Delete", onclick: onDelete });
  button.setAttribute("aria-label", `Delete the weights of ${stored.title}`);
  return make("li", {}, name, make("span", { className: "stored-size", textContent: megabytes(stored.bytes) }), button);
}
