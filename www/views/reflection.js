// @ts-check

/** Firefox before version 119 has no properties for the attributes by which a page tells what its parts are: they are added where they are missing. */

/** All that the page sets or reads. */
const PROPERTIES = ["ariaBusy", "ariaCurrent", "ariaHidden", "ariaLabel", "ariaPressed", "ariaSort", "role"];

for (const property of PROPERTIES) {
  if (property in Element.prototype) continue;
  const attribute = property.replace(/^aria(.*)/, (_, name) => `aria-${name.toLowerCase()}`);
  Object.defineProperty(Element.prototype, property, {
    configurable: true,
    enumerable: true,
    /** @this {Element} */
    get() {
      return this.getAttribute(attribute);
    },
    /** @this {Element} @param {string | null} value */
    set(value) {
      if (value === null) this.removeAttribute(attribute);
      else this.setAttribute(attribute, value);
    },
  });
}
