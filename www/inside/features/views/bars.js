// @ts-check
import { valueText } from "../pure/text.js";
import { make, write } from "../../../views/page.js";

/** Values as bars: from the left where there is no sign, otherwise from the middle. */
export function bar() {
  const track = make("span", { className: "features-bar" }, make("span"));
  track.setAttribute("aria-hidden", "true");
  return make("li", { className: "features-row" }, make("span", { className: "features-name" }), track, make("data", { className: "features-value" }));
}

/**
 * @param {Element} row
 * @param {string} name
 * @param {number} value
 * @param {number} greatest magnitude of all values
 * @param {boolean} isSigned
 */
export function fillBar(row, name, value, greatest, isSigned) {
  const [label, track, data] = /** @type {[HTMLElement, HTMLElement, HTMLDataElement]} */ ([...row.children]);
  const filled = /** @type {HTMLElement} */ (track.firstElementChild);
  const share = greatest > 0 ? Math.min(1, Math.abs(value) / greatest) : 0;
  write(label, name);
  label.title = name;
  data.value = String(value);
  write(data, valueText(value));
  track.classList.toggle("signed", isSigned);
  filled.classList.toggle("negative", value < 0);
  filled.style.setProperty("--share", String(share));
}
