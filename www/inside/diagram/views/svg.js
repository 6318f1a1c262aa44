// @ts-check

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function draw(tag, attributes = {}, ...children) {
  const drawn = document.createElementNS(SVG, tag);
  for (const name in attributes) drawn.setAttribute(name, String(attributes[name]));
  drawn.append(...children);
  return drawn;
}
