// @ts-check

/** Saves a chart as a file that stands alone. The colours, which come from the page's style sheet, are written into it. */

const SCALE = 2; // pixels of a picture for one of the chart
const STYLED = ["fill", "stroke", "color", "font-family", "font-size"];

/**
 * @param {SVGSVGElement} svg on the page
 * @param {string} title
 * @param {string} text what it shows
 * @returns {string} the file's content
 */
export function toSvg(svg, title, text) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  writeColours(svg, copy);
  const ground = document.createElementNS(copy.namespaceURI, "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(svg).getPropertyValue("--surface").trim());
  copy.prepend(describe("title", title), describe("desc", text), ground);
  return new XMLSerializer().serializeToString(copy);
}

/**
 * @param {string} tag
 * @param {string} text
 */
function describe(tag, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.textContent = text;
  return made;
}

/**
 * @param {Element} shown
 * @param {Element} copy
 */
function writeColours(shown, copy) {
  const style = getComputedStyle(shown);
  for (const name of STYLED) {
    const value = copy.getAttribute(name);
    if (value !== null && /var\(|currentColor/.test(value)) copy.setAttribute(name, style.getPropertyValue(name));
  }
  if (shown instanceof SVGSVGElement) {
    copy.setAttribute("color", style.color);
    copy.setAttribute("font-family", style.fontFamily);
    copy.setAttribute("font-size", style.fontSize);
  }
  copy.removeAttribute("style");
  copy.removeAttribute("class");
  [...shown.children].forEach((child, i) => writeColours(child, copy.children[i]));
}

/**
 * @param {string} svg a file's content
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>} PNG
 */
export async function toPng(svg, width, height) {
  const image = new Image(width * SCALE, height * SCALE);
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture of the chart."))), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
