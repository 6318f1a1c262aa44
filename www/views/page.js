// @ts-check
import "./reflection.js";

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with the id ${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * A link to another site or to a file. It opens beside the page, whose pictures and results stay, and says so.
 * @param {string} href
 * @param {string} text
 */
export function outside(href, text) {
  const link = make("a");
  leadOutside(link, href, text);
  return link;
}

/**
 * @param {string} source where something comes from: an address, or words
 * @returns {Node | string} a link to it by the name of its site, where it is an address
 */
export const linked = (source) => (/^https?:\S+$/.test(source) ? outside(source, new URL(source).host) : source);

/**
 * @param {HTMLAnchorElement} link
 * @param {string} href
 * @param {string} text
 */
export function leadOutside(link, href, text) {
  Object.assign(link, { href, target: "_blank", rel: "noopener" });
  link.replaceChildren(text, make("span", { className: "unseen", textContent: " (opens in a new tab)" }));
}

/**
 * Writes only what differs, so that nothing is announced or laid out for no reason.
 * @param {HTMLElement} target
 * @param {string} text
 */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * @param {HTMLProgressElement} bar
 * @param {number | null} share 0 to 1; null where nothing tells
 */
export function fillBar(bar, share) {
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

/**
 * Scrolls what is out of sight into it, without a movement where none is wanted.
 * @param {HTMLElement} target
 */
export function reveal(target) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  target.scrollIntoView({ behavior, block: "nearest" });
}

/**
 * Has a screen reader read a text out, also where the same text was there before: it reads what is put in anew.
 * @param {HTMLElement} target that a screen reader reads out
 * @param {string} text
 */
export function say(target, text) {
  target.replaceChildren(make("span", { textContent: text }));
}

const SETTLED = 1200; // milliseconds for which a text must stay the same to be announced

/**
 * For what changes too often to be read out each time.
 * @param {HTMLElement} target that a screen reader reads out
 * @returns {(text: string, about: string) => void} announces a text once it has stayed, and the same text again where it is about something else
 */
export function announcer(target) {
  const said = { text: "", about: "" };
  const next = { text: "", about: "", timer: 0 };
  return (text, about) => {
    if (text === next.text && about === next.about) return;
    Object.assign(next, { text, about });
    clearTimeout(next.timer);
    if (!text) return;
    next.timer = setTimeout(() => {
      if (text === said.text && about === said.about) return; // it was another one for a moment only
      Object.assign(said, { text, about });
      say(target, text);
    }, SETTLED);
  };
}
