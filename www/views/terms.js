// @ts-check
import { termCalled, termOf } from "../pure/glossary.js";
import { element, make, write } from "./page.js";

/**
 * Terms with an explanation, which opens by a click, a tap, or Enter. Every button with `data-term` is one, wherever it stands.
 *
 * @typedef {import("../pure/glossary.js").Term} Term
 */

const GAP = 8; // pixels between a term and its explanation, and from there to the edges of the window

/**
 * A label as a term that is explained, where the glossary has it.
 * @param {string} label
 * @returns {HTMLButtonElement | string}
 */
export function termed(label) {
  const term = termCalled(label);
  if (!term) return label;
  const button = make("button", { type: "button", className: "term", textContent: label });
  button.dataset.term = term.id;
  return button;
}

/** Has every term of the page open its explanation. */
export function showTerms() {
  const box = element("explanation", HTMLDivElement);
  const name = element("explanation-name", HTMLParagraphElement);
  const text = element("explanation-text", HTMLParagraphElement);
  /** @type {{ by: HTMLButtonElement | null }} */
  const opened = { by: null };

  /** The open term; where a table was filled anew since then, the one that has taken its place. */
  const current = () => {
    const { by } = opened;
    if (!by || by.isConnected) return by;
    const same = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(`[data-term="${by.dataset.term}"]`));
    return [...same].find((other) => other.textContent === by.textContent && other.getClientRects().length) ?? null;
  };
  const close = () => {
    opened.by?.setAttribute("aria-expanded", "false");
    opened.by = null;
    box.hidden = true;
  };
  const closeByKey = () => {
    const by = current();
    close();
    by?.focus();
  };
  const open = (/** @type {HTMLButtonElement} */ button, /** @type {Term} */ term) => {
    close();
    opened.by = button;
    button.setAttribute("aria-expanded", "true");
    write(name, term.name);
    write(text, term.text);
    box.hidden = false;
    place(box, button.getBoundingClientRect());
    box.focus({ preventScroll: true });
  };

  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const button = target.closest("[data-term]");
    const term = button instanceof HTMLButtonElement ? termOf(button.dataset.term ?? "") : undefined;
    if (term && button !== current()) return open(/** @type {HTMLButtonElement} */ (button), term);
    if (target.closest("#explanation a")) closeByKey(); // what it leads to returns to the term
    else if (!box.contains(target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    const isLeft = event.key === "Tab" && document.activeElement === (event.shiftKey ? box : box.querySelector("a"));
    if (event.key !== "Escape" && !isLeft) return;
    if (event.key === "Escape" || event.shiftKey) event.preventDefault(); // Escape closes nothing else; Tab goes on from the term
    closeByKey();
  });
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !box.contains(relatedTarget) && relatedTarget !== current()) close();
  });
  addEventListener("resize", () => {
    const term = current()?.getBoundingClientRect();
    if (term?.width) place(box, term);
    else close(); // it is not shown at this size
  });
  addEventListener("popstate", close);
  addEventListener("scroll", ({ target }) => {
    const by = current();
    if (!by || !(target instanceof Node && target.contains(by))) return;
    const term = by.getBoundingClientRect();
    if (term.bottom < 0 || term.top > document.documentElement.clientHeight) close(); // what it explains is out of sight
    else place(box, term);
  }, { capture: true, passive: true });
}

/**
 * Puts an explanation below its term, or above it where there is more room, and within the window.
 * @param {HTMLElement} box
 * @param {DOMRect} term
 */
function place(box, { left, top, bottom }) {
  const { width, height } = box.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = bottom + GAP + height <= clientHeight || top < clientHeight - bottom;
  box.style.left = `${Math.max(GAP, Math.min(left, clientWidth - width - GAP))}px`;
  const wanted = below ? bottom + GAP : top - GAP - height;
  box.style.top = `${Math.max(GAP, Math.min(wanted, clientHeight - height - GAP))}px`;
}
