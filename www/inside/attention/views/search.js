// @ts-check
import { state, subscribe } from "../../../state.js";
import { element, make, write } from "../../../views/page.js";
import { findClasses } from "../pure/classes.js";
import { leaderOf } from "../pure/subject.js";

/**
 * Finds any class by words of its name or by its number: an editable combobox with a listbox, as the ARIA Authoring Practices
 * describe it.
 *
 * @typedef {import("../pure/classes.js").Found} Found
 */

const MOST = 8;

/** @param {(index: number) => void} onClass */
export function showSearch(onClass) {
  const search = new Search(onClass);
  subscribe(() => search.enable());
}

class Search {
  #input = element("attention-search", HTMLInputElement);
  #list = element("attention-found", HTMLUListElement);
  #note = element("attention-search-note", HTMLParagraphElement);
  #onClass;
  /** @type {Found[]} */
  #found = [];
  #active = -1;

  /** @param {(index: number) => void} onClass */
  constructor(onClass) {
    this.#onClass = onClass;
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#input.addEventListener("blur", () => this.#close());
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
    this.#list.addEventListener("click", ({ target }) => {
      const option = target instanceof Element && target.closest("li");
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
  }

  enable() {
    this.#input.disabled = !this.#labels;
  }

  get #labels() {
    return state.labels[leaderOf(state)];
  }

  #search() {
    const labels = this.#labels;
    if (!labels) return;
    const text = this.#input.value;
    const { found, more } = findClasses(labels, text, MOST);
    this.#found = found;
    this.#list.replaceChildren(...found.map(({ index, label }, i) => {
      const option = make("li", { id: `attention-found-${i}` }, make("span", { textContent: label }), make("small", { textContent: String(index) }));
      option.setAttribute("role", "option");
      return option;
    }));
    this.#list.hidden = !found.length;
    this.#input.setAttribute("aria-expanded", String(found.length > 0));
    this.#activate(-1);
    const none = `No class of this network is called “${text.trim()}”. It knows ${labels.length} classes, numbered from 0 to ${labels.length - 1}; try a more general or a more special word.`;
    write(this.#note, !text.trim() ? "" : !found.length ? none : more ? `${more} more fit: type more of the name.` : "");
  }

  /** @param {number} place of the option that Enter takes */
  #activate(place) {
    this.#active = place;
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    if (place < 0) return this.#input.removeAttribute("aria-activedescendant");
    this.#input.setAttribute("aria-activedescendant", `attention-found-${place}`);
    this.#list.children[place].scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const count = this.#found.length;
    if (event.key === "Escape") {
      this.#input.value = "";
      write(this.#note, "");
      this.#close();
    } else if (event.key === "Enter" && count) {
      this.#take(Math.max(this.#active, 0));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.#list.hidden) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#activate(this.#active < 0 ? (step > 0 ? 0 : count - 1) : (this.#active + step + count) % count);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {number} place */
  #take(place) {
    const chosen = this.#found[place];
    this.#input.value = "";
    write(this.#note, "");
    this.#close();
    if (chosen) this.#onClass(chosen.index);
  }

  #close() {
    this.#found = [];
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }
}
