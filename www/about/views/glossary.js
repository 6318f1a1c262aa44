// @ts-check
import { TERMS } from "../../pure/glossary.js";
import { element, make } from "../../views/page.js";

/** Every term that the page explains. */
export function showGlossary() {
  const list = element("about-terms", HTMLDListElement);
  list.replaceChildren(...TERMS.flatMap(({ name, text }) => [make("dt", { textContent: name }), make("dd", { textContent: text })]));
}
